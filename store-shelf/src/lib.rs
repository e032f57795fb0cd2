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
//! damaged is found by reading the file as a whole. Up to 64 MiB are read whenever the file is opened. A larger file would take too
//! long, so closing leaves a seal on it, the extended attribute `user.store-shelf.closed`: while nobody else writes to the file, it
//! is opened without that. A copy has no seal of its own. After a crash redb reads the whole file anyway, unless
//! [`ShelfOptions::quick_repair`] spares it that; then, and where the file system keeps no extended attributes, a larger file is not
//! read as a whole.
//!
//! What a disk damages in a larger file behind the back of the seal shows when it is read, as an error for the sessions it hit. Where
//! it hit the list of pages that redb uses again, redb panics once more while it unwinds, which ends the process: of 120
//! files of 128 MiB, in each of which 300 or 3,000 pages of 4 KiB were damaged, one did that, and none gave other data than was saved.
//! A damaged page number may have redb ask for up to 4 GiB of memory.
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
//! disk syncs in 0.2 ms, medians of seven rounds with records of 1 KiB:
//!
//! | what | tasks | a second | as often as | ratio |
//! |---|---|---|---|---|
//! | save | 1 | 3,000 | a transaction for each | 0.88 |
//! | save | 1 | 2,900 | the same in a thread for what blocks | 1.03 |
//! | save | 64 | 29,000 | a transaction for each | 9.6 |
//! | save | 256 | 48,000 | a transaction for each | 13.9 |
//! | save | 1, 64, 256 | | the least of a group commit | 0.93, 1.16, 1.01 |
//! | load | 16 | 1,500,000 | redb's own reads, without a checksum | 0.83 |
//!
//! One task alone waits a seventh longer than for a transaction of its own that blocks its thread. It goes to another thread and
//! back, because `poll` never blocks; so does the least of a group commit, whose ratio to that transaction was 0.89, and a
//! transaction in a thread for what blocks. In a trace of the system's calls, a save alone was 200 µs of sync, 55 µs of
//! writing 15 pages, 85 µs of redb's own work before and after that and of the task's, all of which the transaction inline has as well,
//! and 80 µs of being handed over: most of it until a core that slept runs the task that was answered. Without the trace the last
//! was some 40 µs. A task that polled again instead of sleeping was no faster, nor was a writer that slept at once.
//!
//! `cargo bench -p store-shelf --bench opening -- --sessions 1000000` shows what a large file costs, on the same machine:
//!
//! | sessions of 1 KiB | on the disk | filled in | opened after a close | after `kill -9` | the same with `quick_repair` |
//! |---|---|---|---|---|---|
//! | 10,000 | 32 MiB | 0.22 s | 19 ms | 0.17 s | 0.14 s |
//! | 100,000 | 257 MiB | 3.6 s | 0.6 ms | 1.3 s | 3.4 ms |
//! | 1,000,000 | 2 GiB | 57 s | 0.9 ms | 16 s | 52 ms |
//!
//! To read 100,000 sessions took 12 MiB of memory with a cache of 8 MiB, and 70 MiB with the default of 64; to fill a file with a
//! million, 73 MiB. The file does not shrink when sessions are deleted; their place is used again.

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
