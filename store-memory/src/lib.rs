//! Server-side web sessions in memory, for one process.
//!
//! The fastest of the stores, and the one for tests and for sessions that may be lost with the process. It
//! implements [`Store`], lists sessions ([`Directory`]) and keeps live objects ([`Objects`]); it needs no runtime.
//!
//! ```
//! use session_core::{Clock, Expect, Key, Owner, Record, Store, SystemClock};
//! use std::time::Duration;
//! use store_memory::{MemoryOptions, MemoryStore};
//!
//! fn main() -> session_core::Result<()> {
//!     let store = MemoryStore::with_options(MemoryOptions::default().max_sessions(100_000));
//!     let (key, now) = (Key::from_bytes([7; 16]), SystemClock.now());
//!     let expires_at = now + Duration::from_secs(3_600);
//!     let record = Record { data: "cart".into(), accessed_at: now, expires_at, owner: Some(Owner::new("ada")?) };
//!     pollster::block_on(store.save(&key, &record, Expect::Absent, now))?;
//!     assert_eq!(pollster::block_on(store.load(&key, now))?.unwrap().record, record);
//!     Ok(())
//! }
//! ```
//!
//! **What is kept where?** Each record lies in one of 64 shards on the heap, by ranges of keys, with a hash
//! table for keys and owners and a heap by expiry. Live objects lie beside them, and end with their session however
//! that ends: deleted, swept or evicted. They are dropped outside every lock, so they may call the store as they go.
//!
//! **Who may share it?** Every thread and task of one process: a clone of a [`MemoryStore`] is a handle to the same
//! sessions. Another process sees nothing of them.
//!
//! **What survives `kill -9` and power loss?** Nothing. `Ok` means kept while the process lives: until the session
//! expires, is deleted, or is evicted by a [cap](MemoryOptions::max_sessions) that you set.
//!
//! **What does it cost?** A million sessions of 200 bytes take 312 bytes each, and 336 when every one has been loaded
//! since it was saved; an owner adds 27 and its name, a cap some 4. Dead sessions take as much until
//! [`delete_expired`] deletes them; the memory of a rush is given back. A save copies the data once, a load never
//! does. A page looks at every session of a shard. [`owned_by`], [`count`] and creating a session at the cap lock
//! all shards for a moment; everything else locks one at a time.
//!
//! [`delete_expired`]: session_core::Store::delete_expired
//! [`owned_by`]: session_core::Directory::owned_by
//! [`count`]: session_core::Directory::count
//! [`Store`]: session_core::Store
//! [`Directory`]: session_core::Directory
//! [`Objects`]: session_core::Objects

mod cap;
mod directory;
mod heap;
mod index;
mod live_objects;
mod lookups;
mod objects;
mod options;
mod shard;
mod shards;
mod slots;
mod store;

pub use crate::{options::MemoryOptions, store::MemoryStore};
