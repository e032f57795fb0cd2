//! Reading a record that the system has in memory, in the thread that asks: no step of it can wait for the disk.

use std::{fs::File, io::IoSliceMut};

use rustix::{
    fs::{self, FileType, Mode, OFlags, ResolveFlags},
    io::{self, ReadWriteFlags},
};
use session_core::{Key, Stored};

use crate::{folder::CAREFUL, layout, read, root::Root};

/// The longest file that is read at once: what copying costs is less than what another thread would.
const FILE_BYTES_MAX: usize = 64 << 10;

/// Stays below the root, on its medium, and off links; fails where the system would have to ask the disk for a name.
const NEAR: ResolveFlags = ResolveFlags::BENEATH
    .union(ResolveFlags::NO_XDEV)
    .union(ResolveFlags::NO_SYMLINKS)
    .union(ResolveFlags::CACHED);

/// Returns the whole and undamaged record of `key`, live or dead, if all of it is in memory.
///
/// `None` says nothing: the record may be absent, damaged, on the disk alone, or the kernel too old to tell, and
/// [`read::load`] finds out which.
pub(crate) fn load(root: &Root, key: &Key) -> Option<Stored> {
    let flags = OFlags::RDONLY | OFlags::NOATIME | CAREFUL;
    let file = File::from(fs::openat2(root.folder(), layout::path(key), flags, Mode::empty(), NEAR).ok()?);
    let stat = fs::fstat(&file).ok()?;
    let file_bytes = usize::try_from(stat.st_size).ok().filter(|bytes| *bytes <= FILE_BYTES_MAX)?;
    // Its folder was judged when the store was opened, and nobody else can reach into the root.
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || !root.is_private(&stat) {
        return None;
    }
    let mut bytes = vec![0; file_bytes];
    let read = preadv2(&file, &mut bytes).ok()?;
    if read == file_bytes { read::decode(key, bytes).ok() } else { None }
}

/// Reads from the start of a file as much as is in memory.
fn preadv2(file: &File, bytes: &mut [u8]) -> io::Result<usize> {
    io::preadv2(file, &mut [IoSliceMut::new(bytes)], 0, ReadWriteFlags::NOWAIT)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

    use rustix::fs::{Advice, fadvise, statfs};
    use session_core::{Expect, Record, Store, Timestamp};

    use super::*;
    use crate::DiskStore;

    const KEY: Key = Key::from_bytes([0x0c; 16]);

    /// A store with one session of so many bytes.
    struct Place {
        store: DiskStore,
        root: Root,
        record: Record,
        path: PathBuf,
        _folder: tempfile::TempDir,
    }

    async fn place(data_bytes: usize) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions");
        let (store, root) = (DiskStore::open(&path).unwrap(), Root::open(&path).unwrap());
        let (now, expires_at) = (Timestamp::from_millis(0), Timestamp::from_millis(1_000));
        let record = Record { data: vec![7; data_bytes].into(), accessed_at: now, expires_at, owner: None };
        store.save(&KEY, &record, Expect::Absent, now).await.unwrap();
        Place { store, root, record, path: path.join(layout::path(&KEY)), _folder: folder }
    }

    #[tokio::test]
    async fn a_record_in_memory_is_read_at_once() {
        for data_bytes in [0, 1_000, 40_000] {
            let place = place(data_bytes).await;
            assert_eq!(load(&place.root, &KEY).map(|stored| stored.record), Some(place.record));
        }
    }

    #[tokio::test]
    async fn a_record_that_is_on_the_disk_alone_is_left_to_a_thread_that_may_wait() {
        const EXT4: i64 = 0xef53;
        let place = place(1_000).await;
        if statfs(&place.path).unwrap().f_type as i64 != EXT4 {
            return; // Other file systems may have no place but memory.
        }
        fadvise(File::open(&place.path).unwrap(), 0, None, Advice::DontNeed).unwrap();
        assert_eq!(load(&place.root, &KEY), None);
        let found = place.store.load(&KEY, Timestamp::from_millis(0)).await.unwrap();
        assert_eq!(found.map(|stored| stored.record), Some(place.record));
        assert!(load(&place.root, &KEY).is_some());
    }

    #[tokio::test]
    async fn whatever_is_not_simple_is_left_to_the_thread_that_finds_out() {
        let long = place(FILE_BYTES_MAX).await;
        assert_eq!(load(&long.root, &KEY), None);
        let place = place(100).await;
        assert_eq!(load(&place.root, &Key::from_bytes([1; 16])), None);
        let elsewhere = place.path.with_file_name("elsewhere");
        fs::rename(&place.path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &place.path).unwrap();
        assert_eq!(load(&place.root, &KEY), None);
        fs::rename(&elsewhere, &place.path).unwrap();
        assert!(load(&place.root, &KEY).is_some());
        fs::set_permissions(&place.path, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(load(&place.root, &KEY), None);
        fs::set_permissions(&place.path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&place.path, "WSES").unwrap();
        assert_eq!(load(&place.root, &KEY), None);
    }
}
