//! Files that are not ours.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use redb::TableDefinition;
use session_core::Store;
use store_shelf::ShelfStore;

use crate::common::{Place, at, create, key, told};

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Expects that opening the file says `why`, and that the file is as it was.
fn is_refused(place: &Place, why: &str) {
    let before = fs::read(place.file()).unwrap();
    for _ in 0..2 {
        let error = told(&ShelfStore::open(place.file()).unwrap_err());
        assert!(error.contains(why), "{error}");
        assert!(fs::read(place.file()).unwrap() == before, "the file was changed");
    }
}

fn with_table(place: &Place, name: &'static str, version: u64) {
    let database = redb::Database::create(place.file()).unwrap();
    let transaction = database.begin_write().unwrap();
    let table: TableDefinition<'_, &str, u64> = TableDefinition::new(name);
    transaction.open_table(table).unwrap().insert("version", version).unwrap();
    transaction.commit().unwrap();
    drop(database);
    set_mode(&place.file(), 0o600);
}

#[test]
fn a_file_of_something_else_is_refused_and_untouched() {
    for content in [&b"x"[..], b"redb", &[0; 9], &[0; 100_000], b"SQLite format 3\0 and so on"] {
        let place = Place::new();
        fs::write(place.file(), content).unwrap();
        set_mode(&place.file(), 0o600);
        is_refused(&place, "it is no file of sessions");
    }
}

#[test]
fn a_file_of_redb_that_another_program_made_is_refused_and_untouched() {
    let place = Place::new();
    with_table(&place, "accounts", 1);
    is_refused(&place, "it is no file of sessions");
    let place = Place::new();
    with_table(&place, "store-shelf", 1);
    is_refused(&place, "it is no file of sessions");
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_untouched() {
    let place = Place::new();
    with_table(&place, "store-shelf", 2);
    is_refused(&place, "it was written by a newer version of store-shelf");
}

#[tokio::test]
async fn an_empty_file_becomes_a_store() {
    let place = Place::new();
    fs::write(place.file(), "").unwrap();
    set_mode(&place.file(), 0o600);
    create(&place.open(), &key(1), "x").await;
}

#[tokio::test]
async fn the_file_is_closed_to_others_and_stands_alone_in_its_folder() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "x").await;
    assert_eq!(fs::metadata(place.file()).unwrap().permissions().mode() & 0o777, 0o600);
    store.close().await;
    assert_eq!(fs::read_dir(place.folder()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_file_that_others_may_open_is_refused() {
    for mode in [0o640, 0o604, 0o660] {
        let place = Place::new();
        place.with_one_session().await;
        set_mode(&place.file(), mode);
        is_refused(&place, "run chmod 600 on it");
    }
}

#[test]
fn a_folder_or_a_device_or_a_missing_folder_is_an_error() {
    let place = Place::new();
    fs::create_dir(place.file()).unwrap();
    assert!(told(&ShelfStore::open(place.file()).unwrap_err()).contains("not a plain file"));
    assert!(told(&ShelfStore::open("/dev/null").unwrap_err()).contains("not a plain file"));
    let missing = place.folder().join("missing/sessions.redb");
    assert!(told(&ShelfStore::open(missing).unwrap_err()).contains("whose folder must be there"));
}

#[tokio::test]
async fn a_link_leads_to_the_file() {
    let place = Place::new();
    place.with_one_session().await;
    let link = place.folder().join("link");
    symlink(place.file(), &link).unwrap();
    let store = ShelfStore::open(&link).unwrap();
    assert!(store.load(&key(1), at(0)).await.unwrap().is_some());
}

#[tokio::test]
async fn writes_to_a_file_that_was_removed_or_replaced_are_refused() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "x").await;
    let aside = place.folder().join("aside");
    fs::rename(place.file(), &aside).unwrap();
    let lost = store.delete(&key(1)).await.unwrap_err();
    assert!(told(&lost).contains("the file was removed or replaced"), "{}", told(&lost));
    fs::write(place.file(), "another").unwrap();
    store.delete(&key(1)).await.unwrap_err();
    fs::rename(&aside, place.file()).unwrap();
    store.delete(&key(1)).await.unwrap();
}
