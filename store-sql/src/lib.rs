//! Keeps web sessions in a table of SQLite, PostgreSQL or MariaDB/MySQL.
//!
//! ```
//! use session_core::{Clock, Expect, Key, Record, Store, SystemClock};
//! use store_sql::SqlStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let url = format!("sqlite:{}", folder.path().join("sessions.db").display());
//! # let url = url.as_str();
//! SqlStore::migrate(url, "sessions").await?; // Such as "sqlite:sessions.db" or "postgres://me@host/app".
//! let store = SqlStore::connect(url, "sessions").await?;
//! let (key, now) = (Key::from_bytes([7; 16]), SystemClock.now());
//! let expires_at = now + std::time::Duration::from_secs(3_600);
//! let record = Record { data: "hello".into(), accessed_at: now, expires_at, owner: None };
//! store.save(&key, &record, Expect::Absent, now).await?;
//! assert_eq!(store.load(&key, now).await?.unwrap().record, record);
//! # Ok(())
//! # }
//! ```
//!
//! The databases are features: `sqlite`, which alone is on by default and compiles SQLite in, `postgres` and `mysql`. Another,
//! `tls-rustls`, encrypts what goes to a server; [`SqlStore::connect`] says how a URL asks for that.
//!
//! # What is kept where
//!
//! The table is the one of the web.py manual, with our columns beside it. [`SqlStore::migrate`] makes it, or adds our columns
//! to one that the manual's statement made; [`SqlStore::schema`] returns the statements for people who run them themselves.
//!
//! | column | what |
//! |---|---|
//! | `session_id` | the key, 32 hex digits; not the ticket, whose secret is nowhere in the table |
//! | `atime` | when the session was last used, in UTC, for people and web.py; as far as the type reaches |
//! | `data` | the data in base64 |
//! | `accessed_at`, `expires_at` | milliseconds since 1970, which are what counts |
//! | `owner`, `owned` | the owner in bytes, NULL for none, and 1 where there is one |
//! | `revision` | which write it is |
//!
//! A row whose `revision` is NULL is not ours. It is never served, swept, evicted, changed or deleted, and web.py can go on
//! inserting such rows; only its clean-up deletes by `atime`, ours as well. Where one has our key, a create is
//! [`Error::Exists`](session_core::Error::Exists).
//!
//! A row of ours that somebody damaged is [`Error::Corrupt`](session_core::Error::Corrupt). The data have a checksum in their
//! own format, the other columns trust the database. Data of more than 8 MiB are refused.
//!
//! # Who may share it
//!
//! Any number of processes, on any number of machines where the database is a server. A file of SQLite is for the processes
//! of one machine: one of them writes at a time, the others wait in line within their process and by looking again between
//! processes, for at most three quarters of [`SqlOptions::timeout`]; then a write is an error that says that nothing was changed.
//!
//! Every call is one statement, which is a transaction by itself, or goes together with others in one; what it expects stands in
//! its `WHERE`. When a write matched no row, a second statement looks why, and the call is answered by what this look finds:
//! a write that changed nothing may take its place there. If the expected revision is there after all, the write is sent
//! again.
//!
//! Replicas that lag behind must not serve reads: give the URL of the primary server.
//!
//! Every test runs on the SQLite that is compiled in, on PostgreSQL and on MariaDB. None runs on MySQL itself: Debian, on which we test, has
//! no package of it, and its `default-mysql-server` is MariaDB.
//!
//! # What survives
//!
//! What the database promises. On SQLite that is `kill -9` and the loss of power: a store that connects by itself sets WAL and
//! `synchronous = FULL`; [`Durability::Process`] gives up the latter. PostgreSQL and MariaDB sync each commit unless
//! `synchronous_commit` or `innodb_flush_log_at_trx_commit` say otherwise.
//!
//! A statement that was sent takes effect even when nobody waits for it any more. So each call runs to its end by itself, and a
//! write waits for all earlier ones of the same session in its process: a write that was dropped never lands after a later
//! one that was answered. A connection that failed in the middle of a statement is closed and not used again, and the write
//! is answered as unknown: it may have been made, or may still be made. An error that the database answered is certain. A statement
//! that was rolled back for a deadlock or a lock is sent again, and so is a read whose connection was cut.
//!
//! Calls that went together are made together or not at all, so an error of their statement is the answer to each of them. Only
//! when the database refused it, which may be due to one of them, each is made anew by itself. Each is answered in its own time
//! all the same, whatever others take.
//!
//! A sweep that fails after a batch was deleted is answered as unknown: that batch stays deleted.
//!
//! No error contains a key, an owner, a value, a password or what the server said; a code leads to the server's log.
//!
//! # What it costs
//!
//! | call | cost |
//! |---|---|
//! | load | one statement, by the index of the key |
//! | save, touch, delete | one statement; a second one where it is refused |
//! | delete_expired | a statement for each 500 sessions, by the index of `expires_at` |
//! | page, owned_by | one statement, by the index of the key or the owner |
//! | count | one statement, which reads as much of the index of `expires_at`, or of the table, as is live |
//!
//! No other call reads the whole table. With [`SqlOptions::max_sessions`], a create takes up to four
//! statements more where the table is full, on MariaDB five. One more counts the sessions, at the first
//! create and after a write whose outcome is unknown, and a few more look again where one that was to go is
//! used at that moment. Creates and deletes of one process wait for each other.
//!
//! Under load, calls that wait at the same time become one statement, of at most 256 calls and 1 MiB: on SQLite creates,
//! changes (saves and touches) and deletes, each kind with one sync for all that wait, on PostgreSQL loads and changes, on MariaDB
//! changes, of at most 512 KiB. A call that finds nobody under way goes alone and at once; PostgreSQL has two statements of a kind
//! under way before others wait. On a server, a change passes over a row that somebody else holds, and is then made alone, so
//! that nobody else waits for it. [`SqlOptions::coalesce`] turns this off.
//!
//! On MariaDB this takes 10.6 or later, and a table whose only unique index is that of the key; on older ones, on other tables and on MySQL
//! each call is a statement of its own. A store looks once, when it is opened. The statement is an `INSERT … SELECT … ON
//! DUPLICATE KEY UPDATE … RETURNING`, because no UPDATE says which rows it wrote. It selects rows that are there, and holds them, so it
//! inserts none, but a trigger `BEFORE INSERT` fires for each.
//!
//! A store that connects by itself keeps up to [`SqlOptions::max_connections`] connections open; one that was idle for a second
//! is asked whether it lives before it is used, and one that was idle for ten minutes is closed.
//!
//! One over an application's pool takes a connection for each statement and gives it back at once, after
//! which sqlx's pool asks the server whether it lives: another way to the server and back. On SQLite a write
//! has up to three `PRAGMA`s around it: they look how long its connection waits for a lock, shorten that, and
//! set it back.

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!("store-sql needs a database: turn on its feature `sqlite`, `postgres` or `mysql`");

#[doc(hidden)]
pub mod __private;
mod asked;
mod batch;
mod bulk;
mod call;
mod calls;
mod cap;
mod dialect;
mod driver;
mod engine;
mod evict;
mod executor;
mod fault;
mod gather;
mod migrate;
mod options;
mod own;
mod pool;
mod row;
mod schema;
mod store;
mod sweep;
mod table;
mod taken;
mod turns;
mod value;
mod write;

pub use crate::{
    dialect::Dialect,
    options::{Durability, SqlOptions},
    pool::SqlPool,
    store::SqlStore,
};
