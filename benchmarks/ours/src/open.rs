//! Every store of ours by its name, and those it is compared with bare.

use std::{path::Path, sync::Arc};

use harness::{load_and_save_rounds, save_rounds, store_rounds};
use session_core::Store;
use store_disk::{DiskOptions, DiskStore};
use store_memory::MemoryStore;
use store_shelf::{ShelfOptions, ShelfStore};
use store_sql::SqlStore;

use crate::{
    bare, sql,
    stored::{Durable, InMemory, OnDisk},
    tickets::ByTicket,
};

/// Measures the store called `name`, by itself, in `place`: a folder, or the URL of a database.
pub(crate) async fn store(name: &str, place: &str, bytes: usize, sessions: usize) {
    // Half of the places are for work that creates and deletes.
    let places = 2 * sessions;
    match name {
        "memory" => store_rounds(InMemory::new(MemoryStore::new(), places), bytes, sessions).await,
        "memory-by-ticket" => store_rounds(ByTicket::new(places), bytes, sessions).await,
        "disk" | "disk-process" => {
            store_rounds(Durable::new(disk(name, place), places), bytes, sessions).await;
        }
        "shelf" | "shelf-process" => {
            let store = shelf(name, place);
            store_rounds(OnDisk::new(store.clone(), places), bytes, sessions).await;
            store.close().await;
        }
        "shelf-values" => {
            let store = shelf("shelf", place);
            store_rounds(Durable::new(store.clone(), places), bytes, sessions).await;
            store.close().await;
        }
        "bare-sqlite" => {
            load_and_save_rounds(bare::sqlite::Sqlite::open(place).await, bytes, sessions).await;
        }
        "bare-postgres" => {
            // A subject is given away, and what is leaked ends with this process.
            let bare: &'static _ = Box::leak(Box::new(bare::postgres::Postgres::open(place).await));
            load_and_save_rounds(bare, bytes, sessions).await;
            bare.drop_table().await;
        }
        "bare-redb" => store_rounds(bare::redb::Redb::open(Path::new(place)), bytes, sessions).await,
        "bare-fsync" => save_rounds(bare::fsync::Fsync::open(Path::new(place)), bytes, sessions).await,
        name => store_rounds(Durable::new(in_sql(name, place).await, places), bytes, sessions).await,
    }
    sql::clean_up(name, place).await;
}

/// Returns the store called `name`, as an application has it.
pub(crate) async fn shared(name: &str, place: &str) -> Arc<dyn Store> {
    match name {
        "memory" => Arc::new(MemoryStore::new()),
        "disk" | "disk-process" => Arc::new(disk(name, place)),
        "shelf" | "shelf-process" => Arc::new(shelf(name, place)),
        name => Arc::new(in_sql(name, place).await),
    }
}

pub(crate) async fn in_sql(name: &str, place: &str) -> SqlStore {
    sql::open(name, place).await.unwrap_or_else(|| panic!("there is no store called `{name}`"))
}

pub(crate) fn disk(name: &str, place: &str) -> DiskStore {
    let durability =
        if name == "disk" { store_disk::Durability::Power } else { store_disk::Durability::Process };
    DiskStore::open_with(Path::new(place).join("sessions"), DiskOptions::default().durability(durability))
        .unwrap()
}

pub(crate) fn shelf(name: &str, place: &str) -> ShelfStore {
    let durability =
        if name == "shelf" { store_shelf::Durability::Power } else { store_shelf::Durability::Process };
    ShelfStore::open_with(
        Path::new(place).join("sessions.redb"),
        ShelfOptions::default().durability(durability),
    )
    .unwrap()
}
