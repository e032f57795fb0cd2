//! A file that was closed, and what somebody does to it then.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::FileExt,
    path::Path,
};

use rustix::fs::{XattrFlags, fgetxattr, fsetxattr};
use session_core::{Error, Expect, Record, Store};
use store_shelf::ShelfStore;

use crate::{
    common::{Place, at, create, key, record, told},
    victim::{AtWork, not_run, victim},
};

/// Returns whether files here can have seals, or says that they cannot.
fn can_be_sealed(place: &Place) -> bool {
    let file = File::create(place.folder().join("probe")).unwrap();
    let can = fsetxattr(&file, "user.probe", b"x", XattrFlags::empty()).is_ok();
    if !can {
        not_run("the file system of temporary files keeps no extended attributes");
    }
    can
}

fn has_seal(path: &Path) -> bool {
    fgetxattr(File::open(path).unwrap(), "user.store-shelf.closed", &mut [0; 128]).is_ok()
}

/// Changes the data of the session under key 1, which are "x".
fn damage(path: &Path) {
    let bytes = fs::read(path).unwrap();
    // It expires at 1,000 and has no owner; the last copy in the file need not be the one in use, so all are damaged.
    let end: Vec<u8> = [1_000_i64.to_le_bytes().as_slice(), b"\0x"].concat();
    let places = bytes.windows(end.len()).enumerate().filter(|(_, window)| *window == end);
    let file = File::options().write(true).open(path).unwrap();
    for (place, _) in places {
        file.write_all_at(b"y", (place + end.len() - 1) as u64).unwrap();
    }
}

fn is_refused(path: &Path) {
    let before = fs::read(path).unwrap();
    let error = told(&ShelfStore::open(path).unwrap_err());
    assert!(error.contains("it is damaged: put a copy in its place"), "{error}");
    assert!(fs::read(path).unwrap() == before, "the file was changed");
}

#[tokio::test]
async fn only_a_file_that_is_closed_has_a_seal() {
    let place = Place::new();
    if !can_be_sealed(&place) {
        return;
    }
    place.with_one_session().await;
    assert!(has_seal(&place.file()));
    let mut holder = AtWork::start(&mut victim("hold", &place.file()));
    assert_eq!(holder.next().as_deref(), Some("held"));
    assert!(!has_seal(&place.file()));
    holder.kill();
    assert!(!has_seal(&place.file()));
    place.open().close().await;
    assert!(has_seal(&place.file()));
}

#[tokio::test]
async fn a_file_that_somebody_wrote_to_is_read_as_a_whole_and_refused_where_it_is_damaged() {
    let place = Place::new();
    place.with_one_session().await;
    damage(&place.file());
    is_refused(&place.file());
    is_refused(&place.file());
}

/// Damages the file as a disk does: the times of the file stay as they are, and so its seal fits.
fn rot(path: &Path) {
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    damage(path);
    File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
    assert!(has_seal(path));
}

#[tokio::test]
async fn a_small_file_is_read_as_a_whole_behind_its_seal() {
    let place = Place::new();
    if !can_be_sealed(&place) {
        return;
    }
    place.with_one_session().await;
    rot(&place.file());
    is_refused(&place.file());
    is_refused(&place.file());
}

/// Makes a file above 64 MiB with "x" under key 1.
async fn make_large(place: &Place) {
    let store = place.open();
    create(&store, &key(1), "x").await;
    let large = Record { data: vec![7; 8 << 20].into(), ..record("") };
    for n in 2..12 {
        store.save(&key(n), &large, Expect::Absent, at(0)).await.unwrap();
    }
    store.close().await;
    assert!(fs::metadata(place.file()).unwrap().len() > 64 << 20);
}

/// What is damaged behind the seal is found out by the checksum of the record, and harms no other.
#[tokio::test]
async fn a_large_file_with_its_seal_is_not_read_as_a_whole() {
    let place = Place::new();
    if !can_be_sealed(&place) {
        return;
    }
    make_large(&place).await;
    rot(&place.file());
    let store = ShelfStore::open(place.file()).unwrap();
    assert!(matches!(store.load(&key(1), at(0)).await, Err(Error::Corrupt(_))));
    assert!(store.load(&key(2), at(0)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_large_file_that_somebody_wrote_to_is_refused_as_well() {
    let place = Place::new();
    if !can_be_sealed(&place) {
        return;
    }
    make_large(&place).await;
    damage(&place.file());
    is_refused(&place.file());
}

#[tokio::test]
async fn a_copy_is_read_as_a_whole_and_sealed_when_it_is_closed() {
    let place = Place::new();
    if !can_be_sealed(&place) {
        return;
    }
    let whole = place.with_one_session().await;
    let copy = place.folder().join("copy");
    File::create(&copy).unwrap().write_all(&whole).unwrap();
    fs::set_permissions(&copy, fs::metadata(place.file()).unwrap().permissions()).unwrap();
    assert!(!has_seal(&copy));
    let store = ShelfStore::open(&copy).unwrap();
    assert!(store.load(&key(1), at(0)).await.unwrap().is_some());
    store.close().await;
    assert!(has_seal(&copy));
    damage(&copy);
    is_refused(&copy);
}
