//! Listing sessions.
//!
//! The names in a folder are read under its lock, because some file systems, tmpfs among them, let a reader miss a name
//! that is renamed over meanwhile. The records are then opened by name, without it: each is there, old or new, until it
//! is deleted.

use std::{ops::ControlFlow, sync::Arc, thread, time::Duration};

use session_core::{Error, Key, Owner, Result, Stored, Timestamp};

use crate::{folder::Folder, layout::Shard, line::Line, read, root::Root};

/// How long to wait before looking at a busy lock again.
const PAUSE: Duration = Duration::from_micros(200);

/// How often to look again at the sessions of an owner while somebody writes them.
const LOOKS: usize = 16;

/// A look at all records of a folder, one after the other.
pub(crate) struct Listing {
    pub(crate) root: Arc<Root>,
    pub(crate) lock_timeout: Duration,
    pub(crate) now: Timestamp,
}

impl Listing {
    /// Returns at most `limit` live sessions after `after`, in the order of their keys.
    pub(crate) fn page(&self, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Stored)>> {
        let mut page = Vec::new();
        if limit == 0 {
            return Ok(page);
        }
        self.each(after, |folder, key| {
            page.extend(self.live(folder, &key)?.map(|stored| (key, stored)));
            Ok(if page.len() == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(page)
    }

    /// Returns the live sessions of `owner`, in the order of their keys.
    pub(crate) fn owned_by(&self, owner: &Owner) -> Result<Vec<(Key, Stored)>> {
        let mut owned = Vec::new();
        self.each(None, |folder, key| {
            let head = unless_damaged(read::head(folder, &key))?;
            if head.is_some_and(|head| head.owner.as_ref() == Some(owner)) {
                // It may have changed hands since.
                owned.extend(self.owned(folder, key, owner)?);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        self.at_one_instant(owned, owner)
    }

    /// Looks again at what was found one after the other, until it was all there at one instant: between two looks that
    /// found the same.
    fn at_one_instant(&self, mut owned: Vec<(Key, Stored)>, owner: &Owner) -> Result<Vec<(Key, Stored)>> {
        if owned.len() < 2 {
            // One alone was there at the instant in which it was read.
            return Ok(owned);
        }
        for _ in 0..LOOKS {
            let mut again = Vec::with_capacity(owned.len());
            for (key, _) in &owned {
                if let Some(folder) = Folder::open(&self.root, Shard::of(key))? {
                    again.extend(self.owned(&folder, *key, owner)?);
                }
            }
            if again == owned {
                break;
            }
            owned = again;
        }
        Ok(owned)
    }

    /// Returns a session if it is live and the owner's.
    fn owned(&self, folder: &Folder, key: Key, owner: &Owner) -> Result<Option<(Key, Stored)>> {
        let stored = self.live(folder, &key)?.filter(|stored| stored.record.owner.as_ref() == Some(owner));
        Ok(stored.map(|stored| (key, stored)))
    }

    /// Returns how many sessions are live.
    pub(crate) fn count(&self) -> Result<u64> {
        let mut count = 0;
        self.each(None, |folder, key| {
            count += u64::from(self.live(folder, &key)?.is_some());
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(count)
    }

    /// Visits all keys after `after` in their order.
    fn each(
        &self,
        after: Option<&Key>,
        mut visit: impl FnMut(&Folder, Key) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        self.root.still_there()?;
        let first = after.map_or(Shard(0), Shard::of);
        for shard in Shard::all().skip_while(|shard| *shard < first) {
            let Some(folder) = Folder::open(&self.root, shard)? else { continue };
            for key in self.keys(&folder)?.into_iter().filter(|key| after.is_none_or(|after| key > after)) {
                if visit(&folder, key)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn keys(&self, folder: &Folder) -> Result<Vec<Key>> {
        let mut line = Line::enter();
        let _lock = loop {
            match line.advance(folder, self.lock_timeout)? {
                Some(lock) => break lock,
                None => thread::sleep(PAUSE),
            }
        };
        let mut keys: Vec<_> = folder.list()?.into_iter().filter_map(|(_, entry)| entry.key()).collect();
        keys.sort_unstable();
        Ok(keys)
    }

    fn live(&self, folder: &Folder, key: &Key) -> Result<Option<Stored>> {
        Ok(unless_damaged(read::whole(folder, key))?.filter(|stored| stored.record.is_live(self.now)))
    }
}

/// Leaves a damaged record out of the listing.
fn unless_damaged<T>(found: Result<Option<T>>) -> Result<Option<T>> {
    match found {
        Err(Error::Corrupt(_)) => Ok(None),
        found => found,
    }
}
