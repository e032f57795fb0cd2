//! The folder of a store, as far as its calls explain it: what is in it, and what of that is on the medium.
//!
//! The rules are those of POSIX and no more: the bytes of a file last from its `fsync` on, a name from the `fsync` of its folder on,
//! and what was not synced may be there or not, each change for itself. A sync that failed says nothing, and neither does a later one
//! about the same changes: the system takes them for written. Times, owners and permissions are left out.

mod calls;

use std::{
    collections::{BTreeSet, HashMap},
    fs, io,
    path::{Path, PathBuf},
};

use crate::trace::node::{Id, Layers, Moment, NameChange, Names, Node};

/// The folder of a store, as far as its calls explain it.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    /// The folder above that of the store, whose only entry is the store's.
    above: PathBuf,
    pub(crate) nodes: Vec<Node>,
    /// Files without a name, by what the system shows in its place.
    nameless: HashMap<PathBuf, Id>,
    moment: Moment,
    /// Syncs that have begun, by thread.
    syncing: HashMap<u32, Moment>,
    /// Open files by their number.
    open: HashMap<i64, Open>,
    /// Files that are written through memory, which no call shows.
    mapped: BTreeSet<PathBuf>,
    /// A call that changes files in a way that is not known here.
    pub(crate) unknown: Option<String>,
}

/// An open file.
#[derive(Clone, Debug, Default)]
struct Open {
    path: PathBuf,
    /// Where the next write goes, for one that does not append.
    offset: u64,
    appends: bool,
    /// Whether each write is synced at once.
    is_direct: bool,
}

/// The number of the folder above that of the store.
pub(crate) const ABOVE: Id = 0;

impl Disk {
    /// Returns the folder as it lies there, all of it on the medium.
    pub(crate) fn of(folder: &Path) -> io::Result<Self> {
        let above = folder.parent().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
        let mut disk = Self {
            above,
            nodes: vec![Node::Folder(Layers::lasting(Names::default()))],
            nameless: HashMap::new(),
            moment: 0,
            syncing: HashMap::new(),
            open: HashMap::new(),
            mapped: BTreeSet::new(),
            unknown: None,
        };
        if folder.exists() {
            let (name, id) = (folder.file_name().unwrap_or_default().to_owned(), disk.take(folder)?);
            if let Some(above) = disk.nodes.get_mut(ABOVE) {
                *above = Node::Folder(Layers::lasting(Names::from([(name, id)])));
            }
        }
        Ok(disk)
    }

    /// Goes on with the same files and folders in another place, in a process that has opened none of them.
    pub(crate) fn move_to(&mut self, folder: &Path) {
        let name = folder.file_name().unwrap_or_default();
        if let Some(Node::Folder(above)) = self.nodes.get_mut(ABOVE) {
            above.shown = above.shown.values().map(|id| (name.to_owned(), *id)).collect();
            above.synced = above.synced.values().map(|id| (name.to_owned(), *id)).collect();
            above.pending.iter_mut().for_each(|pending| name.clone_into(&mut pending.change.0));
        }
        self.above = folder.parent().unwrap_or(folder).to_owned();
        (self.nameless, self.syncing, self.open) = Default::default();
    }

    /// Learns which files a process already writes through memory, of which its calls will not tell.
    pub(crate) fn know_mapped(&mut self, pid: u32) -> io::Result<()> {
        let maps = fs::read_to_string(format!("/proc/{pid}/maps"))?;
        let shared = maps.lines().filter_map(|line| line.split_once(" rw-s ")?.1.split_once('/'));
        self.mapped.extend(shared.map(|(_, path)| PathBuf::from(format!("/{path}"))));
        Ok(())
    }

    fn take(&mut self, path: &Path) -> io::Result<Id> {
        let node = if path.is_dir() {
            let mut names = Names::new();
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                names.insert(entry.file_name(), self.take(&entry.path())?);
            }
            Node::Folder(Layers::lasting(names))
        } else {
            Node::File(Layers::lasting(fs::read(path)?))
        };
        Ok(self.add(node))
    }

    /// Returns the files that lie there with other bytes than the calls explain; those written through memory aside.
    pub(crate) fn unexplained(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let (there, mut explained) = (Self::of(folder)?.files(), self.files());
        let mut differ: BTreeSet<PathBuf> = BTreeSet::new();
        for (path, bytes) in &there {
            if explained.remove(path).as_ref() != Some(bytes) {
                differ.insert(path.clone());
            }
        }
        differ.extend(explained.into_keys());
        Ok(differ.difference(&self.mapped).cloned().collect())
    }

    fn files(&self) -> HashMap<PathBuf, Vec<u8>> {
        let mut files = HashMap::new();
        self.collect(ABOVE, &self.above, &mut files);
        files
    }

    fn collect(&self, id: Id, path: &Path, files: &mut HashMap<PathBuf, Vec<u8>>) {
        match self.nodes.get(id) {
            Some(Node::File(file)) => drop(files.insert(path.to_owned(), file.shown.clone())),
            Some(Node::Folder(folder)) => {
                folder.shown.iter().for_each(|(name, id)| self.collect(*id, &path.join(name), files));
            }
            None => {}
        }
    }

    /// Makes a name stand for something new.
    fn make(&mut self, path: &Path, node: Node) -> Option<()> {
        self.folder_of(path)?;
        let id = self.add(node);
        self.set(path, Some(id))
    }

    /// Makes a name stand for something else, or for nothing.
    fn set(&mut self, path: &Path, id: Option<Id>) -> Option<()> {
        let (folder, name) = (self.folder_of(path)?, path.file_name()?.to_owned());
        let Some(Node::Folder(folder)) = self.nodes.get_mut(folder) else { return None };
        if id.is_none() && !folder.shown.contains_key(&name) {
            return None;
        }
        folder.change(self.moment, NameChange(name, id));
        Some(())
    }

    /// Returns the folder that `path` is in, unless it is none of the store's.
    fn folder_of(&self, path: &Path) -> Option<Id> {
        let folder = path.parent()?;
        if folder == self.above { Some(ABOVE) } else { self.find(folder) }
    }

    /// Returns what `path` stands for.
    fn find(&self, path: &Path) -> Option<Id> {
        if let Some(id) = self.nameless.get(path) {
            return Some(*id);
        }
        let mut id = ABOVE;
        for name in path.strip_prefix(&self.above).ok()? {
            let Some(Node::Folder(folder)) = self.nodes.get(id) else { return None };
            id = *folder.shown.get(name)?;
        }
        Some(id)
    }

    fn add(&mut self, node: Node) -> Id {
        self.nodes.push(node);
        self.nodes.len() - 1
    }
}
