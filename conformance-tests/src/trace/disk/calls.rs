//! What each call of the operating system changes.

use std::path::{Path, PathBuf};

use super::{Disk, Open};
use crate::trace::{
    call::{Argument, Event, Phase},
    node::{FileChange, Id, Layers, Moment, Node},
};

impl Disk {
    /// Plays one event, and returns whether it changed what would be left when the power goes.
    pub(crate) fn play(&mut self, event: &Event) -> bool {
        match event.phase {
            Phase::Begun => {
                self.syncing.insert(event.thread, self.moment);
                return false;
            }
            Phase::Failed => return self.fail(event).is_some(),
            Phase::Ended => {}
        }
        let before = self.moment;
        self.moment += 1;
        let changed = self.carry_out(event).is_some();
        if !changed {
            self.moment = before;
        }
        changed
    }

    fn carry_out(&mut self, event: &Event) -> Option<()> {
        let paths = || event.paths().into_iter();
        let two = || Some((paths().next()?, paths().nth(1)?));
        match event.name.as_str() {
            "open" | "openat" | "openat2" | "creat" => self.open(event),
            "write" | "writev" => self.write(event, None),
            "pwrite64" | "pwritev" | "pwritev2" => self.write(event, event.last_number()),
            "ftruncate" => self.resize(event.places().next()?, event.last_number()?),
            "truncate" => self.resize(&paths().next()?, event.last_number()?),
            "fallocate" => self.allocate(event),
            "rename" | "renameat" => two().and_then(|(from, to)| self.rename(&from, &to)),
            "renameat2" if event.says("RENAME_EXCHANGE") => {
                two().and_then(|(from, to)| self.exchange(&from, &to))
            }
            "renameat2" => two().and_then(|(from, to)| self.rename(&from, &to)),
            "link" | "linkat" => self.link(event),
            "unlink" | "unlinkat" | "rmdir" => self.set(&paths().next()?, None),
            "mkdir" | "mkdirat" => {
                self.make(&paths().next()?, Node::Folder(Layers::lasting(Default::default())))
            }
            "fsync" | "fdatasync" => self.sync(event.thread, Some(event.places().next()?)),
            "sync" | "syncfs" => self.sync(event.thread, None),
            "close" => self.close(event),
            "read" | "lseek" => self.move_offset(event),
            "mmap" => self.map(event),
            "msync" | "io_uring_enter" | "copy_file_range" | "sendfile" | "splice" | "symlink"
            | "symlinkat" | "mknodat" => self.give_up(event),
            _ => None,
        }
    }

    /// A call failed; only of a sync does that mean anything.
    fn fail(&mut self, event: &Event) -> Option<()> {
        let until = self.syncing.get(&event.thread).copied().unwrap_or_default();
        match event.name.as_str() {
            "fsync" | "fdatasync" => {
                let id = self.find(event.places().next()?)?;
                self.fail_node(id, until);
            }
            "syncfs" => (0..self.nodes.len()).for_each(|id| self.fail_node(id, until)),
            _ => return None,
        }
        Some(())
    }

    fn fail_node(&mut self, id: Id, until: Moment) {
        match self.nodes.get_mut(id) {
            Some(Node::File(file)) => file.fail_to_sync(until),
            Some(Node::Folder(folder)) => folder.fail_to_sync(until),
            None => {}
        }
    }

    fn open(&mut self, event: &Event) -> Option<()> {
        let path = event.opened.clone()?;
        let is_direct = event.says("O_DSYNC") || event.says("O_SYNC");
        let open = Open { path: path.clone(), offset: 0, appends: event.says("O_APPEND"), is_direct };
        self.open.insert(event.result, open);
        if event.says("O_TMPFILE") {
            self.folder_of(&path)?;
            let id = self.add(Node::File(Layers::lasting(Default::default())));
            self.nameless.insert(path, id);
            return None;
        }
        match self.find(&path) {
            Some(_) if event.says("O_TRUNC") || event.name == "creat" => self.resize(&path, 0),
            None if event.says("O_CREAT") || event.name == "creat" => {
                self.make(&path, Node::File(Layers::lasting(Default::default())))
            }
            _ => None,
        }
    }

    fn close(&mut self, event: &Event) -> Option<()> {
        self.open.remove(&number_of(event)?);
        None
    }

    /// A file was read, or its offset set.
    fn move_offset(&mut self, event: &Event) -> Option<()> {
        let open = self.open.get_mut(&number_of(event)?)?;
        let result = u64::try_from(event.result).ok()?;
        open.offset = if event.name == "lseek" { result } else { open.offset + result };
        None
    }

    /// Writes at a place, or where the file was left.
    fn write(&mut self, event: &Event, at: Option<u64>) -> Option<()> {
        let path = event.places().next()?.clone();
        let id = self.find(&path)?;
        let mut bytes = event.strings().collect::<Vec<_>>().concat();
        bytes.truncate(usize::try_from(event.result).ok()?);
        let Some(Node::File(file)) = self.nodes.get_mut(id) else { return None };
        let open = self.open.entry(number_of(event)?).or_default();
        let end = file.shown.len() as u64;
        let start = at.unwrap_or(if open.appends { end } else { open.offset });
        if at.is_none() {
            open.offset = start + bytes.len() as u64;
        }
        file.change(self.moment, FileChange::Write(usize::try_from(start).ok()?, bytes));
        if open.is_direct || event.says("RWF_DSYNC") || event.says("RWF_SYNC") {
            file.sync_one(self.moment);
        }
        Some(())
    }

    fn resize(&mut self, path: &Path, length: u64) -> Option<()> {
        let (id, length) = (self.find(path)?, usize::try_from(length).ok()?);
        let Some(Node::File(file)) = self.nodes.get_mut(id) else { return None };
        file.change(self.moment, FileChange::Length(length));
        Some(())
    }

    fn allocate(&mut self, event: &Event) -> Option<()> {
        let numbers =
            event.words().flat_map(|words| words.split(", ")).filter_map(|word| word.trim().parse().ok());
        let numbers: Vec<u64> = numbers.collect();
        let end = numbers.iter().rev().take(2).sum::<u64>();
        let path = event.places().next()?.clone();
        let Some(Node::File(file)) = self.nodes.get(self.find(&path)?) else { return None };
        let length = (file.shown.len() as u64).max(end);
        self.resize(&path, length)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> Option<()> {
        let (from_id, to_id) = (self.find(from), self.folder_of(to));
        match (from_id, to_id) {
            (None, None) => None,
            (Some(id), Some(_)) => {
                self.set(from, None);
                self.set(to, Some(id))
            }
            // What comes from outside, or goes there, is not known.
            (Some(_), None) => self.set(from, None),
            (None, Some(_)) => self.unknown_call("rename from outside of the folder"),
        }
    }

    fn exchange(&mut self, one: &Path, other: &Path) -> Option<()> {
        let (first, second) = (self.find(one)?, self.find(other)?);
        self.set(one, Some(second))?;
        self.set(other, Some(first))
    }

    fn link(&mut self, event: &Event) -> Option<()> {
        let paths = event.paths();
        let to = paths.last()?;
        self.folder_of(to)?;
        let from = paths.first()?;
        // A file without a name is given by its number in a path of /proc, or by that and an empty path.
        let number = from.strip_prefix("/proc/self/fd").ok().and_then(|number| number.to_str()?.parse().ok());
        let open = number.and_then(|number: i64| self.open.get(&number)).map(|open| &open.path);
        match self.find(open.unwrap_or(from)) {
            Some(id) => self.set(to, Some(id)),
            None => self.unknown_call("link from outside of the folder"),
        }
    }

    fn sync(&mut self, thread: u32, path: Option<&PathBuf>) -> Option<()> {
        let until = self.syncing.get(&thread).copied().unwrap_or_default();
        match path {
            Some(path) => {
                let id = self.find(path)?;
                self.sync_node(id, until);
            }
            None => (0..self.nodes.len()).for_each(|id| self.sync_node(id, until)),
        }
        Some(())
    }

    fn sync_node(&mut self, id: Id, until: Moment) {
        match self.nodes.get_mut(id) {
            Some(Node::File(file)) => file.sync(until),
            Some(Node::Folder(folder)) => folder.sync(until),
            None => {}
        }
    }

    fn map(&mut self, event: &Event) -> Option<()> {
        let path = event.places().next()?;
        if event.says("PROT_WRITE") && event.says("MAP_SHARED") && self.find(path).is_some() {
            self.mapped.insert(path.clone());
        }
        None
    }

    fn give_up(&mut self, event: &Event) -> Option<()> {
        let is_here = event.places().any(|path| self.find(path).is_some())
            || event.paths().iter().any(|path| self.folder_of(path).is_some())
            || matches!(event.name.as_str(), "msync" | "io_uring_enter");
        if is_here { self.unknown_call(&event.name) } else { None }
    }

    fn unknown_call(&mut self, name: &str) -> Option<()> {
        self.unknown.get_or_insert(name.to_owned());
        None
    }
}

/// Returns the number of the open file that a call is about.
fn number_of(event: &Event) -> Option<i64> {
    match event.arguments.first()? {
        Argument::Words(words) => words.trim().parse().ok(),
        _ => None,
    }
}
