//! A file that may only be read.

use std::{
    fs,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
};

use store_shelf::ShelfStore;

use crate::{
    common::{Place, create, key, told},
    mount::Mount,
    victim::{AtWork, not_run, victim},
};

/// Nobody: root itself is denied nothing.
const NOBODY: u32 = 65_534;

#[tokio::test]
async fn on_a_read_only_mount_opening_says_so() {
    let Some(mount) = Mount::new("size=4m") else { return };
    let [file, missing] = ["sessions.redb", "missing.redb"].map(|name| mount.path().join(name));
    let store = ShelfStore::open(&file).unwrap();
    create(&store, &key(1), "x").await;
    store.close().await;
    drop(store);
    mount.remount("ro");
    for path in [&file, &missing] {
        let error = told(&ShelfStore::open(path).unwrap_err());
        assert!(error.contains("mount it for writing"), "{error}");
    }
    mount.remount("rw");
    ShelfStore::open(&file).unwrap();
}

#[tokio::test]
async fn a_file_that_we_may_not_write_is_refused() {
    let place = Place::new();
    place.with_one_session().await;
    if [place.folder(), &place.file()].iter().any(|path| chown(path, Some(NOBODY), Some(NOBODY)).is_err()) {
        return not_run("becoming another user takes the rights of root");
    }
    fs::set_permissions(place.file(), fs::Permissions::from_mode(0o400)).unwrap();
    let said = AtWork::start(victim("open", &place.file()).uid(NOBODY).gid(NOBODY)).rest();
    assert!(said[0].contains("denies it: give the file and its folder"), "{said:?}");
}

#[tokio::test]
async fn the_file_of_another_user_is_refused() {
    let place = Place::new();
    place.with_one_session().await;
    if chown(place.file(), Some(NOBODY - 1), None).is_err() {
        return not_run("giving a file away takes the rights of root");
    }
    let error = told(&ShelfStore::open(place.file()).unwrap_err());
    assert!(error.contains("belongs to another user"), "{error}");
}
