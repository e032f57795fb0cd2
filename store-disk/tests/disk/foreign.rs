//! What is not ours stays, and is never followed, opened or waited for.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, fs::symlink, net::UnixListener},
    path::Path,
    process::Command,
};

use session_core::{Error, Expect, Key, Store};
use store_disk::DiskStore;

use crate::{
    common::{Place, at, create, data, key, key_in, quick, record},
    victim::{AtWork, run_by},
};

/// Asserts that every call about `key` is an error of the medium which says that something else lies there.
async fn is_refused(store: &DiskStore, key: &Key) {
    let load = store.load(key, at(0)).await.map(drop);
    let save = store.save(key, &record("x"), Expect::Absent, at(0)).await.map(drop);
    for answer in [load, save, store.delete(key).await] {
        let Err(Error::Backend { source, .. }) = answer else { panic!("{answer:?}") };
        assert!(source.to_string().contains("move it away"), "{source}");
    }
}

#[tokio::test]
async fn a_folder_a_link_a_pipe_or_a_socket_in_the_place_of_a_record_is_refused_and_stays() {
    let place = Place::new();
    let store = place.open();
    let keys: Vec<_> = (0..4).map(|n| key_in(1, n)).collect();
    create(&store, &key_in(1, 9), "mine").await;
    let outside = place.root().with_file_name("outside");
    fs::write(&outside, "theirs").unwrap();

    fs::create_dir(place.file(&keys[0])).unwrap();
    symlink(&outside, place.file(&keys[1])).unwrap();
    assert!(Command::new("mkfifo").arg(place.file(&keys[2])).status().unwrap().success());
    let _socket = UnixListener::bind(place.file(&keys[3])).unwrap();
    for key in &keys {
        is_refused(&store, key).await;
    }
    assert_eq!(store.delete_expired(at(i64::MAX), 10).await.unwrap(), 1);
    assert_eq!(store.directory().unwrap().count(at(0)).await.unwrap(), 0);
    assert_eq!(place.names(&keys[0]).len(), 4);
    assert_eq!(fs::read_to_string(outside).unwrap(), "theirs");
}

#[tokio::test]
async fn a_link_in_the_place_of_a_folder_is_not_followed() {
    let place = Place::new();
    let store = place.open();
    let outside = place.root().with_file_name("outside");
    fs::create_dir(&outside).unwrap();
    symlink(&outside, place.root().join("01")).unwrap();
    is_refused(&store, &key_in(1, 1)).await;
    assert_eq!(fs::read_dir(outside).unwrap().count(), 0);
}

#[tokio::test]
async fn a_link_in_the_place_of_a_lock_is_not_followed() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "x").await;
    let lock = place.file(&key(1)).with_file_name("lock");
    fs::remove_file(&lock).unwrap();
    symlink(place.root().with_file_name("outside"), &lock).unwrap();
    assert!(matches!(store.delete(&key(1)).await, Err(Error::Backend { .. })));
    assert!(!place.root().with_file_name("outside").exists());
}

#[tokio::test]
async fn foreign_files_and_folders_stay() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "x").await;
    let folder = place.file(&key(1)).parent().unwrap().to_owned();
    let foreign = [
        place.root().join("README"),
        place.root().join("zz"),
        folder.join("notes.session"),
        folder.join("0123.corrupt"),
        folder.join(".112233445566778899aabbccddeeff.session.swp"),
    ];
    foreign.iter().for_each(|path| fs::write(path, "theirs").unwrap());
    fs::create_dir(folder.join("sub")).unwrap();
    assert_eq!(store.delete_expired(at(i64::MAX), 10).await.unwrap(), 1);
    assert!(foreign.iter().all(|path| path.exists()));
    assert!(folder.join("sub").exists());
}

#[tokio::test]
async fn a_file_carries_the_time_its_session_expires() {
    let place = Place::new();
    create(&place.open(), &key(1), "x").await;
    let modified = fs::metadata(place.file(&key(1))).unwrap().modified().unwrap();
    assert_eq!(modified, std::time::UNIX_EPOCH + std::time::Duration::from_millis(1_000));
}

#[test]
fn files_and_folders_are_closed_to_others_whatever_the_umask() {
    for umask in ["000", "022", "777"] {
        let place = Place::new();
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("umask {umask}; exec \"$0\" \"$@\"")]);
        AtWork::start(&mut run_by(shell, "create", &place.root())).rest();
        modes_are_private(&place);
    }
}

fn modes_are_private(place: &Place) {
    let file = place.file(&key(1));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&place.root()), 0o700);
    assert_eq!(mode(file.parent().unwrap()), 0o700);
    for name in ["lock", "turn"] {
        assert_eq!(mode(&file.with_file_name(name)), 0o600);
    }
    assert_eq!(mode(&file), 0o600);
}

#[tokio::test]
async fn a_folder_that_is_open_to_others_is_refused_with_what_to_do() {
    let place = Place::new();
    create(&place.open(), &key(1), "x").await;
    for folder in [place.root(), place.file(&key(1)).parent().unwrap().to_owned()] {
        for mode in [0o750, 0o705, 0o710, 0o701] {
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
            let Err(Error::Backend { source, .. }) = DiskStore::open_with(place.root(), quick()) else {
                panic!("it was opened with mode {mode:o}");
            };
            assert!(source.to_string().contains("chmod 700"), "{source}");
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    }
    assert_eq!(data(&place.open(), &key(1)).await.as_deref(), Some("x"));
}

#[test]
fn a_file_in_the_place_of_the_root_is_refused() {
    let place = Place::new();
    fs::write(place.root(), "theirs").unwrap();
    assert!(matches!(DiskStore::open(place.root()), Err(Error::Backend { .. })));
    assert_eq!(fs::read_to_string(place.root()).unwrap(), "theirs");
}

#[test]
fn a_missing_parent_is_named() {
    let place = Place::new();
    let Err(error) = DiskStore::open(place.root().join("below")) else { panic!("it was opened") };
    assert!(error.to_string().contains("parent"), "{error}");
}

#[tokio::test]
async fn a_removed_or_replaced_root_is_an_error_and_never_no_session() {
    let place = Place::new();
    let store = place.open();
    let revision = create(&store, &key(1), "x").await;
    let aside = place.root().with_file_name("aside");
    fs::rename(place.root(), &aside).unwrap();
    for replaced in [false, true] {
        if replaced {
            fs::create_dir(place.root()).unwrap();
        }
        let directory = store.directory().unwrap();
        let answers = [
            store.load(&key(2), at(0)).await.map(drop),
            store.save(&key(2), &record("x"), Expect::Absent, at(0)).await.map(drop),
            store.save(&key(1), &record("x"), Expect::Revision(revision), at(0)).await.map(drop),
            store.touch(&key(1), revision, at(1), at(2), at(0)).await.map(drop),
            store.delete(&key(1)).await,
            store.delete_expired(at(5_000), 10).await.map(drop),
            directory.page(None, 10, at(0)).await.map(drop),
            directory.count(at(0)).await.map(drop),
        ];
        for answer in answers {
            let Err(Error::Backend { source, .. }) = answer else { panic!("{answer:?}") };
            assert!(source.to_string().contains("put it back"), "{source}");
        }
    }
    fs::remove_dir(place.root()).unwrap();
    fs::rename(aside, place.root()).unwrap();
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("x"));
    fs::remove_dir_all(place.root()).unwrap();
    assert!(matches!(store.load(&key(1), at(0)).await, Err(Error::Backend { .. })));
}

#[tokio::test]
async fn no_error_tells_a_key_or_a_value() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "marker").await;
    fs::remove_file(place.file(&key(1))).unwrap();
    fs::create_dir(place.file(&key(1))).unwrap();
    let errors = [
        store.load(&key(1), at(0)).await.map(drop).unwrap_err(),
        store.save(&key(1), &record("marker"), Expect::Absent, at(0)).await.map(drop).unwrap_err(),
        store.delete(&key(1)).await.unwrap_err(),
    ];
    for error in errors {
        let text = format!("{error} {error:?}");
        assert!(!text.contains(&key(1).to_string()[2..]) && !text.contains("marker"), "{text}");
    }
}
