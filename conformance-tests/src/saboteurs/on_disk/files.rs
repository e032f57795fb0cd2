//! The steps on the disk, in the order that makes them last.

use std::{
    fs::{self, File, Permissions},
    io::{self, Write},
    os::unix::fs::{FileExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::atomic::Ordering,
    thread,
    time::{Duration, SystemTime},
};

use session_core::{Error, Key, Result, Revision, Stored};

use super::{
    Flaw,
    private::{new_file, new_folder},
    store::FileStore,
};
use crate::reference::{decode, decode_body, encode};

/// Returns what makes an error of the store of one of the system.
pub(super) fn failed(action: &'static str) -> impl FnOnce(io::Error) -> Error {
    move |cause| match cause.kind() {
        io::ErrorKind::StorageFull => Error::Full,
        _ => Error::backend("saboteur", action, cause),
    }
}

/// Returns what makes an error of one after which nobody knows whether the write lasts.
pub(super) fn unknown(action: &'static str) -> impl FnOnce(io::Error) -> Error {
    move |cause| Error::unknown("saboteur", action, cause)
}

/// Which write it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Write_ {
    Create,
    Save,
    Touch,
}

/// What it takes until a change that was made already is on the medium.
pub(super) fn sync(path: &Path) -> Result<()> {
    File::open(path).and_then(|file| file.sync_all()).map_err(unknown("sync"))
}

fn shard(root: &Path, key: &Key) -> PathBuf {
    root.join(key.to_string().chars().take(2).collect::<String>())
}

/// Returns where the record of a session is.
pub(super) fn record(root: &Path, key: &Key) -> PathBuf {
    shard(root, key).join(format!("{key}.record"))
}

impl FileStore {
    pub(super) fn shard(&self, key: &Key) -> PathBuf {
        shard(&self.root, key)
    }

    pub(super) fn record(&self, key: &Key) -> PathBuf {
        record(&self.root, key)
    }

    /// Reads a record, whatever its age.
    pub(super) fn read(&self, key: &Key) -> Result<Option<Stored>> {
        match self.read_whole(&self.record(key)) {
            Ok(bytes) if self.flaw == Flaw::TrustsHalfARecord => Ok(bytes.get(8..).and_then(decode_body)),
            Ok(bytes) => decode(key, &bytes).map(Some).ok_or(Error::Corrupt("its checksum is wrong")),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(_) if self.flaw == Flaw::TakesTheUnreadableForAbsent => Ok(None),
            Err(cause) => Err(failed("read a record")(cause)),
        }
    }

    /// Stages a record, syncs it, renames it, and syncs its folder.
    pub(super) fn write(&self, key: &Key, stored: &Stored, kind: Write_) -> Result<()> {
        let (shard, record, bytes) = (self.shard(key), self.record(key), encode(key, stored));
        self.make(&shard)?;
        match self.flaw {
            Flaw::WaitsUntilItWasClosed => {
                fs::write(self.root.join("open"), "").map_err(failed("leave a mark"))?;
            }
            Flaw::WritesInPlace => return self.write_in_place(&record, &bytes),
            Flaw::WritesInPlaceAndCanUndo => return self.write_with_undo(&record, &bytes),
            Flaw::TrustsHalfARecord => return self.write_over(&record, &bytes),
            Flaw::CreatesEmptyFirst if kind == Write_::Create => {
                drop(File::create(&record).map_err(failed("create a record"))?);
            }
            Flaw::RewritesTheFolder => self.rewrite(&shard)?,
            _ => {}
        }
        let bytes = self.put_aside(&shard, bytes)?;
        let staged = self.staged(&record)?;
        let mut file = new_file(&staged).map_err(|cause| match self.flaw {
            Flaw::TakesAFullMediumForABrokenOne => Error::backend("saboteur", "stage a record", cause),
            _ => failed("stage a record")(cause),
        })?;
        self.write_bytes(&mut file, &bytes).map_err(|cause| {
            if self.flaw != Flaw::LeavesWhatItCouldNotWrite {
                let _ = fs::remove_file(&staged);
            }
            self.or_show(failed("write a record")(cause), &bytes)
        })?;
        if self.flaw == Flaw::SavesAreOpenToOthers && kind != Write_::Create {
            file.set_permissions(Permissions::from_mode(0o644)).map_err(failed("open a record to others"))?;
        }
        let counted = self.writes.fetch_add(1, Ordering::SeqCst) % 4 == 3;
        let is_synced = match self.flaw {
            Flaw::SyncsNoBytes | Flaw::SyncsAfterTheRename | Flaw::SyncsAnotherFile => false,
            Flaw::TouchesUnsynced => kind != Write_::Touch,
            Flaw::SyncsEveryFourth => counted,
            _ => true,
        };
        if is_synced {
            self.sync_bytes(&file).map_err(|error| self.or_show(error, &bytes))?;
        }
        if self.flaw == Flaw::SyncsAnotherFile {
            sync(&self.root.join("lock"))?;
        }
        if self.flaw == Flaw::UnlinksFirst {
            let _ = fs::remove_file(&record);
        }
        if self.flaw == Flaw::SyncsTheFolderFirst {
            sync(&shard)?;
        }
        fs::rename(&staged, &record).map_err(failed("rename a record"))?;
        if self.flaw == Flaw::SyncsAfterTheRename {
            file.sync_all().map_err(unknown("sync a record"))?;
        }
        match self.flaw {
            Flaw::TouchesUnsynced if kind == Write_::Touch => return Ok(()),
            Flaw::SyncsEveryFourth if !counted => return Ok(()),
            _ => self.sync_names(&shard)?,
        }
        if self.flaw == Flaw::SetsTheEndAfterwards {
            let end = Duration::from_millis(stored.record.expires_at.as_millis().unsigned_abs());
            let set = SystemTime::UNIX_EPOCH.checked_add(end).map_or(Ok(()), |end| file.set_modified(end));
            set.map_err(unknown("set the time of a record"))?;
        }
        Ok(())
    }

    /// Returns the error, or one that shows what was to be written.
    fn or_show(&self, error: Error, bytes: &[u8]) -> Error {
        match self.flaw {
            Flaw::ErrorsShowTheData => {
                Error::backend("saboteur", "keep a record", String::from_utf8_lossy(bytes).into_owned())
            }
            _ => error,
        }
    }

    /// Writes all of a file that is not a record yet.
    fn write_bytes(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        match self.flaw {
            Flaw::WritesWhatFits => file.write(bytes).map(drop),
            Flaw::OverlooksAFailedWrite => file.write_all(bytes).or(Ok(())),
            _ => file.write_all(bytes),
        }
    }

    /// Makes the bytes of a file last that is not a record yet.
    fn sync_bytes(&self, file: &File) -> Result<()> {
        let synced = file.sync_all();
        let synced = match self.flaw {
            Flaw::OverlooksAFailedSync => Ok(()),
            Flaw::SyncsAgainAfterAFailure => synced.or_else(|_| file.sync_all()),
            _ => synced,
        };
        synced.map_err(failed("sync a record"))
    }

    /// Makes the names in a folder last.
    pub(super) fn sync_names(&self, folder: &Path) -> Result<()> {
        match self.flaw {
            Flaw::SyncsNoNames => Ok(()),
            Flaw::SyncsAFolderOnce if !self.memory().synced.insert(folder.to_owned()) => Ok(()),
            Flaw::SyncsAnotherFolder => sync(&self.root),
            Flaw::SyncsTheFolderFirst => Ok(()),
            Flaw::AnswersBeforeItSyncs => {
                let late = std::mem::replace(&mut self.memory().unsynced, vec![folder.to_owned()]);
                late.iter().try_for_each(|folder| sync(folder))
            }
            // It is synced when the lock is free again.
            Flaw::RidesOnARunningSync => Ok(()),
            Flaw::SaysThatNothingWasDone => {
                File::open(folder).and_then(|file| file.sync_all()).map_err(failed("sync"))
            }
            _ => sync(folder),
        }
    }

    /// Makes a folder, and its own name last.
    pub(super) fn make(&self, shard: &Path) -> Result<()> {
        let is_new = !shard.exists();
        if is_new {
            new_folder(shard).map_err(failed("make a folder"))?;
        }
        let is_anchored = match self.flaw {
            Flaw::AnchorsNoFolder => true,
            Flaw::TrustsAFolderThatIsThere => !is_new,
            _ => self.memory().anchored.contains(shard),
        };
        if !is_anchored {
            // A folder whose name could not be made to last is tried again by the next write.
            let synced = sync(&self.root);
            if self.flaw != Flaw::OverlooksAFailedAnchor {
                synced?;
            }
            self.memory().anchored.insert(shard.to_owned());
        }
        Ok(())
    }

    pub(super) fn staged(&self, record: &Path) -> Result<PathBuf> {
        let number = if self.flaw == Flaw::OneTempName { 0 } else { Revision::first()?.as_i64() };
        let staged = record.with_extension(format!("{number:x}.staged"));
        Ok(match (self.flaw, staged.file_name()) {
            (Flaw::StagesOutside, Some(name)) => std::env::temp_dir().join(name),
            (Flaw::PreparesANewFolderOnly, Some(name)) => self.root.join("desk.staging").join(name),
            _ => staged,
        })
    }

    fn write_in_place(&self, record: &Path, bytes: &[u8]) -> Result<()> {
        let mut file = File::create(record).map_err(failed("open a record"))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed("write a record"))?;
        self.sync_names(&record.with_file_name(""))
    }

    /// Writes over the old bytes in one call, without making them fewer before.
    fn write_over(&self, record: &Path, bytes: &[u8]) -> Result<()> {
        let file = File::options().create(true).truncate(false).write(true).open(record);
        let file = file.map_err(failed("open a record"))?;
        file.write_all_at(bytes, 0).map_err(failed("write a record"))?;
        thread::sleep(Duration::from_millis(1));
        file.set_len(bytes.len() as u64).and_then(|()| file.sync_all()).map_err(failed("write a record"))?;
        self.sync_names(&record.with_file_name(""))
    }

    /// Keeps the old record aside, to be put back by the next opening, and writes over it.
    fn write_with_undo(&self, record: &Path, bytes: &[u8]) -> Result<()> {
        let undo = record.with_extension("undo");
        let kept = fs::copy(record, &undo).and_then(|_| File::open(&undo)?.sync_all());
        let shard = record.with_file_name("");
        if kept.is_ok() {
            sync(&shard)?;
        }
        let mut file = File::create(record).map_err(failed("open a record"))?;
        thread::sleep(Duration::from_millis(1));
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(unknown("write a record"))?;
        let _ = kept.is_ok().then(|| fs::remove_file(&undo));
        sync(&shard)
    }

    /// Copies a folder, removes it, and puts the copy in its place.
    fn rewrite(&self, shard: &Path) -> Result<()> {
        let copy = shard.with_extension("copy");
        let _ = fs::remove_dir_all(&copy);
        let copied = fs::create_dir(&copy).and_then(|()| {
            for entry in fs::read_dir(shard)?.flatten() {
                fs::copy(entry.path(), copy.join(entry.file_name()))?;
            }
            fs::remove_dir_all(shard)?;
            fs::rename(&copy, shard)
        });
        copied.map_err(failed("copy a folder"))
    }

    /// Moves everything out of a folder and back.
    pub(super) fn move_and_back(&self, folder: &Path) -> Result<()> {
        let aside = folder.with_extension("aside");
        let _ = fs::remove_dir_all(&aside);
        let moved = fs::rename(folder, &aside).and_then(|()| fs::create_dir(folder)).and_then(|()| {
            for entry in fs::read_dir(&aside)?.flatten() {
                fs::rename(entry.path(), folder.join(entry.file_name()))?;
            }
            fs::remove_dir(&aside)
        });
        moved.map_err(failed("move a folder"))
    }

    /// Returns all folders of records.
    pub(super) fn shards(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut shards: Vec<_> = entries.filter(|path| path.is_dir() && path.extension().is_none()).collect();
        shards.sort();
        shards
    }

    /// Returns the files of a folder that end in this way.
    pub(super) fn files(&self, shard: &Path, extension: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(shard).into_iter().flatten().flatten().map(|entry| entry.path());
        entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
    }
}
