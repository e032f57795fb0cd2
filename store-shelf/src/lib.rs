//! Keeps web sessions in one file, with one sync for all writes that wait.
//!
//! ```
//! use session_core::{Clock, Expect, Key, Record, Store, SystemClock};
//! use store_shelf::ShelfStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("sessions.redb");
//! let store = ShelfStore::open(&path)?; // Such as "sessions.redb", which is created.
//! let (key, now) = (Key::from_bytes([7; 16]), SystemClock.now());
//! let expires_at = now + std::time::Duration::from_secs(3_600);
//! let record = Record { data: "hello".into(), accessed_at: now, expires_at, owner: None };
//! store.save(&key, &record, Expect::Absent, now).await?; // From here on no loss of power loses it.
//! assert_eq!(store.load(&key, now).await?.unwrap().record, record);
//! store.close().await; // At the end of the program.
//! # Ok(())
//! # }
//! ```
//!
//! # What is kept where
//!
//! The file is one of [redb](https://docs.rs/redb), mode 0600. It has a table of records by key, the order in which they
//! expire, the order in which they would be evicted, and which sessions an owner has. A record carries a checksum over
//! its key and everything in it, so that a damaged one is an [`Error::Corrupt`](session_core::Error::Corrupt) and
//! never a session. The ticket's secret is not in it.
//!
//! A file that is not one of sessions, of a newer version, or damaged is refused, and not one byte of it is changed. What is
//! damaged is found by reading the file as a whole, which takes time, so closing leaves a seal on it, the extended attribute
//! `user.store-shelf.closed`: while nobody else writes to the file, it is opened without that. A copy has no seal of its own. After a
//! crash redb reads the whole file anyway, unless [`ShelfOptions::quick_repair`] spares it that; then, and where the file system
//! keeps no extended attributes, up to 64 MiB are still read as a whole. What a disk damages behind the back of the seal shows when it
//! is read: as an error for the sessions it hit, and where it hit redb's own tables it may end the process.
//!
//! A new file gets its name when it is whole, so that a crash leaves no half of one. Where the file system knows no files without
//! a name, it is made under another one, `sessions.redb.<16 hex>.new`; a crash in that moment leaves that, which may be deleted.
//!
//! # Who may share it
//!
//! All clones of a [`ShelfStore`], in one process. A second process, or a second opening in this one, is refused with an error
//! that says so; processes that share sessions keep them in store-disk or a database. The lock ends with its process.
//!
//! To make a copy, close the store and copy the file. The first opening of the copy reads all of it.
//!
//! # What survives
//!
//! An answered write survives `kill -9` at any instruction, and with [`Durability::Power`], the default, the loss of power.
//! That goes for touches as well. A write that was not answered is there in full or not at all, and with it all that
//! shared its transaction.
//!
//! A failed sync is never tried again: all whose changes shared it hear that it is not known whether they were kept, the
//! file is closed and opened again, and what is answered from then on is what the disk has: whatever the operating system
//! remembers of the file is forgotten first, as it is after a crash. Reads wait meanwhile. Where the file cannot be opened, every
//! call says why, and tries again.
//!
//! A disk that is full fails like that, so a write there hears that it is not known whether it was kept, or
//! [`Error::Full`](session_core::Error::Full); loads go on. Deleting needs room, too, where the file has no page to spare. Make
//! room, and the store goes on by itself. Each failure costs an opening as after a crash.
//!
//! # What it costs
//!
//! | call | cost |
//! |---|---|
//! | load | looks up one record, in the thread that polls; from the disk where neither the cache nor the system has it |
//! | save, touch, delete | a share of one sync and of one transaction |
//! | delete_expired | a transaction for each 500 sessions, with other writes in between |
//! | page, owned_by | reads what it returns, in a thread of its own |
//! | count | looks at the places of the dead |
//!
//! One thread commits whatever waits. While it syncs, the next batch gathers: a lone write goes straight through, and 64 that
//! wait together share a sync. After a batch the thread stays awake for at most a quarter of a millisecond, because those who were
//! answered tend to come back at once. Memory is bounded by [`ShelfOptions::cache_bytes`] and what waits.
//!
//! `cargo bench -p store-shelf --bench ratios` compares it with redb used by hand on the same tables. On two quiet cores whose
//! disk syncs in 0.3 ms, records of 1 KiB were saved 2,800 times a second by one task, 32,000 times by 64 and 53,000 times by 256
//! (medians of seven rounds), which is 0.8, 9.7 and 14.4 times as often as with a transaction for each, and as often as by the
//! least of a group commit. Sixteen tasks loaded them 760,000 times a second, 0.94 times as often as redb's own reads without a
//! checksum.
//!
//! One task alone waits a quarter to a third longer than for a transaction of its own that blocks its thread, and as long as for one
//! in a thread for what blocks. It goes to another thread and back, because `poll` never blocks, and so does the least of a group
//! commit, in the line called `limit`, which made 0.8 as many commits as a transaction inline, and ours 0.9 of those. A task that polled
//! again instead of sleeping was no faster.
//!
//! `cargo bench -p store-shelf --bench opening -- --sessions 1000000` shows what a large file costs. On the same machine, a million
//! when it was busy and before closing marked the file, which adds syncs of it:
//!
//! | sessions of 1 KiB | on the disk | filled in | opened after a close | after `kill -9` | the same with `quick_repair` |
//! |---|---|---|---|---|---|
//! | 10,000 | 32 MiB | 0.30 s | 0.7 ms | 0.17 s | 0.18 s |
//! | 100,000 | 257 MiB | 4.8 s | 0.8 ms | 1.6 s | 5 ms |
//! | 1,000,000 | 2 GiB | 121 s | 1.6 ms | 39 s | 1.0 s |
//!
//! To read 100,000 sessions took 12 MiB of memory with a cache of 8 MiB, and 70 MiB with the default of 64; to fill a file with a
//! million, 74 MiB. The file does not shrink when sessions are deleted; their place is used again.

#[cfg(not(target_os = "linux"))]
compile_error!("store-shelf is made for Linux: its durability is shown to hold there and nowhere else");

mod batch;
mod cap;
mod change;
mod fault;
mod file;
mod format;
mod gather;
mod held;
mod job;
mod medium;
mod options;
mod reader;
mod schema;
mod seal;
mod shelf;
mod snapshot;
mod store;
mod sweep;
mod tables;
mod writer;

#[cfg(test)]
mod crash;

pub use crate::{
    options::{Durability, ShelfOptions},
    store::ShelfStore,
};
