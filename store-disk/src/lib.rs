//! Keeps web sessions in a folder, one file each, readable without a lock and shared by processes.
//!
//! ```
//! use session_core::{Clock, Expect, Key, Record, Store, SystemClock};
//! use store_disk::DiskStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("sessions");
//! let store = DiskStore::open(&path)?; // Such as "sessions", which is created.
//! let (key, now) = (Key::from_bytes([7; 16]), SystemClock.now());
//! let expires_at = now + std::time::Duration::from_secs(3_600);
//! let record = Record { data: "hello".into(), accessed_at: now, expires_at, owner: None };
//! store.save(&key, &record, Expect::Absent, now).await?; // From here on no loss of power loses it.
//! assert_eq!(store.load(&key, now).await?.unwrap().record, record);
//! # Ok(())
//! # }
//! ```
//!
//! # What is kept where
//!
//! The folder holds up to 256 folders named after the first byte of a key, and these a file for each session. Its time of
//! modification is when the session expires. A record carries a checksum over its key and everything in it, so that a
//! damaged file, or one that was copied over another, is an [`Error::Corrupt`](session_core::Error::Corrupt) and never
//! a session. The ticket's secret is not in it.
//!
//! ```text
//! sessions/                           one folder for each first byte of a key, mode 0700
//!   0c/                               mode 0700
//!     lock, turn                      locks: empty, never replaced, never deleted
//!     <30 hex>.session                the record of the key 0c<30 hex>, mode 0600
//!     <30 hex>.<16 hex>.staged        a record that is being written
//!     <30 hex>.corrupt                a damaged record that was set aside
//! ```
//!
//! Files of other names are left alone, as are folders, links and devices, whatever they are called. A folder where a
//! record should be is an error. A damaged record stays where it is, and its key is taken, until it is deleted or looks
//! expired; then a sweep sets it aside. At most 8 of these are kept in each of the 256 folders, for 30 days after
//! they expired. A record of a newer version of this crate is refused and left.
//!
//! # Who may share it
//!
//! Any number of processes of one user on one machine. Folder and files are closed to everybody else, and a folder that
//! is not, or belongs to another user, is refused. Every write is judged and carried out under a lock on the part of
//! the folder it is in. The locks are `flock` locks, which end with their process, however it ends; a file system that
//! does not share them between machines must not be shared between machines. A process that is stopped in the middle of a
//! write holds up writes to one part of 256, each for [`DiskOptions::lock_timeout`]. Reads take no lock.
//!
//! To make a copy, copy the folder at any time: each file in the copy is whole. Whoever restores an older file restores
//! the session of that time.
//!
//! # What survives
//!
//! An answered write survives `kill -9` at any instruction, and with [`Durability::Power`], the default, the loss of power:
//! the bytes are synced, renamed, and the folder is synced before the answer. A write that was not answered is there in
//! full or not at all. A failed sync is never tried again: the write fails, as not applied before the rename, as unknown
//! after it. That an expired or evicted session was deleted is not synced; at worst it is deleted again.
//!
//! Killed processes leave staged files, which a sweep removes.
//!
//! # What it costs
//!
//! | call | cost |
//! |---|---|
//! | load | opens and reads one file: at once if the system has it in memory, else on another thread |
//! | save, touch | writes one file; two syncs, or a share of two when 4 or more wait together |
//! | delete | one sync, shared likewise |
//! | delete_expired | lists names and looks at file times until it has found its number; opens only what looks dead |
//! | page | lists the names of a folder of 256, and reads what it returns |
//! | owned_by | reads the head of every record, and what it returns twice, or more often while that is written |
//! | count | reads every record |
//!
//! Opening a million files takes more than a minute on a cold disk, looking at their times some seconds. A session that
//! is being saved or touched is never missed by `owned_by`; one that is created, or gets its owner, while the scan runs
//! may be. Those that it shows were all there at one instant, unless one of them was written in each of sixteen looks.
//!
//! On two cores with ext4, where an fsync took 0.1 to 0.4 ms, records of 1 kB were saved 2,000 times a second by one task
//! and 5,000 to 8,000 times by 64, with [`Durability::Process`] 10,000 to 20,000 times, and loaded 345,000 times by 64 out of the
//! system's memory, on other threads 24,000 to 63,000 times by one task and 140,000 to 280,000 times by 64. The first way takes
//! Linux 5.12 and a file system that can answer without waiting; where either is missing, every load takes the second.
//!
//! Writes that wait at the same time share their syncs, which also writes what other programs left unwritten on the same
//! file system: put the folder on one of its own where those write a lot. This needs Linux 5.8; before, each file is
//! synced by itself. The first write in a folder of the 256 that is new takes one sync more, for its name.

#[cfg(not(target_os = "linux"))]
compile_error!(
    "store-disk is made for Linux: its durability and its locks are shown to work there and nowhere else"
);

mod cached;
mod cap;
mod claim;
mod crew;
mod directory;
mod fault;
mod file_lock;
mod folder;
mod format;
mod job;
mod lane;
mod layout;
mod line;
mod mtime;
mod options;
mod quarantine;
mod read;
mod replace;
mod root;
mod round;
mod store;
mod sweep;
mod sync;
mod tidy;
mod writer;
mod writers;

pub use crate::{
    options::{DiskOptions, Durability},
    store::DiskStore,
};
