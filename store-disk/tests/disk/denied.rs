//! Permission denied.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
};

use crate::{
    common::Place,
    victim::{AtWork, not_run, victim},
};

/// Nobody: root itself is denied nothing.
const NOBODY: u32 = 65_534;

#[test]
fn a_denied_write_is_not_applied_and_a_denied_read_is_no_absence() {
    let place = Place::new();
    fs::create_dir(place.root()).unwrap();
    let parent = place.root().parent().unwrap().to_owned();
    if [place.root(), parent].iter().any(|folder| chown(folder, Some(NOBODY), Some(NOBODY)).is_err()) {
        return not_run("becoming another user takes the rights of root");
    }
    fs::set_permissions(place.root(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let answers = AtWork::start(victim("denied", &place.root()).uid(NOBODY).gid(NOBODY)).rest();
    let [save, touch, delete, data, load, again, foreign] = answers.try_into().unwrap();
    for denied in [&save, &touch, &delete, &load, &foreign] {
        assert!(denied.starts_with("NotApplied") && denied.contains("denies it"), "{denied}");
    }
    assert_eq!((data.as_str(), again.as_str()), ("old", "ok"));
}

#[test]
fn the_folder_of_another_user_is_refused() {
    let place = Place::new();
    fs::create_dir(place.root()).unwrap();
    if chown(place.root(), Some(NOBODY - 1), None).is_err() {
        return not_run("giving a folder away takes the rights of root");
    }
    fs::set_permissions(place.root(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let Err(session_core::Error::Backend { source, .. }) = store_disk::DiskStore::open(place.root()) else {
        panic!("it was opened");
    };
    assert!(source.to_string().contains("another user"), "{source}");
}
