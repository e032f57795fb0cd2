//! Who is compared: every store by its name.

/// One side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    /// What its program calls it.
    pub(crate) name: &'static str,
    /// What a reader calls it.
    pub(crate) title: &'static str,
    pub(crate) program: Program,
    pub(crate) place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Ours,
    Peers,
    /// With an allocator that counts.
    OursHeap,
    PeersHeap,
}

impl Program {
    /// Returns where its build is, from the folder for builds.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Ours => "release/ours",
            Self::OursHeap => "release/ours-heap",
            Self::Peers => "peers/release/peers",
            Self::PeersHeap => "peers/release/peers-heap",
        }
    }
}

/// What a store is opened in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Memory,
    Folder,
    Postgres,
    MySql,
}

const fn ours(name: &'static str, title: &'static str, place: Place) -> Side {
    Side { name, title, program: Program::Ours, place }
}

const fn peer(name: &'static str, title: &'static str, place: Place) -> Side {
    Side { name, title, program: Program::Peers, place }
}

/// Sessions from stored bytes, without a store.
pub(crate) const OUR_FIRST: Side = ours("first", "session-core", Place::Memory);
pub(crate) const OUR_OPENED: Side = ours("opened", "session-core, from its cookie", Place::Memory);
pub(crate) const OUR_SECOND: Side = ours("second", "session-core", Place::Memory);
/// What ours takes at the least.
pub(crate) const OUR_CHECKSUM: Side = ours("checksum", "CRC-32C alone", Place::Memory);
pub(crate) const THEIR_FIRST: Side = peer("first", "tower-sessions' decode", Place::Memory);
pub(crate) const THEIR_SECOND: Side = peer("second", "tower-sessions, decoded before", Place::Memory);

pub(crate) const OUR_HEAP: Side = Side { program: Program::OursHeap, ..MEMORY };
pub(crate) const THEIR_HEAP: Side = Side { program: Program::PeersHeap, ..TOWER_MEMORY };

pub(crate) const MEMORY: Side = ours("memory", "store-memory", Place::Memory);
pub(crate) const BY_TICKET: Side = ours("memory-by-ticket", "store-memory, ticket hashed", Place::Memory);
pub(crate) const DISK: Side = ours("disk", "store-disk", Place::Folder);
pub(crate) const DISK_PROCESS: Side = ours("disk-process", "store-disk, Durability::Process", Place::Folder);
pub(crate) const SHELF: Side = ours("shelf", "store-shelf", Place::Folder);
/// As the others with files: values go in, and values come out.
pub(crate) const SHELF_VALUES: Side = ours("shelf-values", "store-shelf", Place::Folder);
pub(crate) const SHELF_PROCESS: Side =
    ours("shelf-process", "store-shelf, Durability::Process", Place::Folder);
pub(crate) const SQLITE: Side = ours("sqlite", "store-sql on SQLite", Place::Folder);
pub(crate) const SQLITE_PROCESS: Side =
    ours("sqlite-process", "store-sql on SQLite, Durability::Process", Place::Folder);
pub(crate) const SQLITE_ALONE: Side =
    ours("sqlite-alone", "store-sql on SQLite, each call alone", Place::Folder);
pub(crate) const POSTGRES: Side = ours("postgres", "store-sql on PostgreSQL", Place::Postgres);
pub(crate) const POSTGRES_ALONE: Side =
    ours("postgres-alone", "store-sql on PostgreSQL, each call alone", Place::Postgres);
pub(crate) const MARIADB: Side = ours("mariadb", "store-sql on MariaDB", Place::MySql);
pub(crate) const MARIADB_ALONE: Side =
    ours("mariadb-alone", "store-sql on MariaDB, each call alone", Place::MySql);

pub(crate) const BARE_AXUM: Side = ours("bare", "axum alone", Place::Memory);
pub(crate) const BARE_COUNTED: Side = ours("bare-counted", "axum and a hash map, by hand", Place::Memory);
pub(crate) const BARE_FSYNC: Side = ours("bare-fsync", "pwrite + fdatasync alone", Place::Folder);
pub(crate) const BARE_REDB: Side = ours("bare-redb", "redb, a transaction per save", Place::Folder);
pub(crate) const BARE_SQLITE: Side = ours("bare-sqlite", "sqlx alone, SQLite", Place::Folder);
pub(crate) const BARE_POSTGRES: Side = ours("bare-postgres", "sqlx alone, PostgreSQL", Place::Postgres);

pub(crate) const TOWER_MEMORY: Side = peer("tower-memory", "tower-sessions MemoryStore", Place::Memory);
pub(crate) const TOWER_MOKA: Side = peer("tower-moka", "tower-sessions MokaStore", Place::Memory);
pub(crate) const TOWER_FILES: Side = peer("tower-files", "tower-sessions files, synced", Place::Folder);
pub(crate) const TOWER_SQLITE: Side = peer("tower-sqlite", "tower-sessions SqliteStore", Place::Folder);
pub(crate) const TOWER_POSTGRES: Side =
    peer("tower-postgres", "tower-sessions PostgresStore", Place::Postgres);
pub(crate) const TOWER_MYSQL: Side = peer("tower-mysql", "tower-sessions MySqlStore", Place::MySql);
pub(crate) const ASYNC_MEMORY: Side = peer("async-memory", "async-session MemoryStore", Place::Memory);

/// Our stores, and who keeps sessions in the same way.
pub(crate) const KEPT_ALIKE: [(Side, Option<Side>); 6] = [
    (MEMORY, Some(TOWER_MEMORY)),
    (DISK, Some(TOWER_FILES)),
    (SHELF, None),
    (SQLITE, Some(TOWER_SQLITE)),
    (POSTGRES, Some(TOWER_POSTGRES)),
    (MARIADB, Some(TOWER_MYSQL)),
];
