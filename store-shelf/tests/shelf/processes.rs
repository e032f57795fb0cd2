//! A second process on the same file, and one that is killed.

use session_core::{Expect, Store};
use store_shelf::ShelfStore;

use crate::{
    common::{Place, at, create, data, key, told},
    victim::{AtWork, victim},
};

#[tokio::test]
async fn a_second_process_is_told_that_the_file_is_in_use_and_what_to_do() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "x").await;
    let said = AtWork::start(&mut victim("open", &place.file())).rest();
    assert!(said[0].contains("the file is open elsewhere: end the other process"), "{said:?}");
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("x"));
    let again = ShelfStore::open(place.file()).unwrap_err();
    assert!(told(&again).contains("open elsewhere"), "{}", told(&again));
    store.close().await;
    assert_eq!(AtWork::start(&mut victim("open", &place.file())).rest(), ["opened"]);
}

#[tokio::test]
async fn the_file_is_free_when_its_process_was_killed() {
    let place = Place::new();
    let mut holder = AtWork::start(&mut victim("hold", &place.file()));
    assert_eq!(holder.next().as_deref(), Some("held"));
    ShelfStore::open(place.file()).unwrap_err();
    holder.kill();
    create(&place.open(), &key(1), "x").await;
}

#[tokio::test]
async fn what_is_not_synced_outlives_a_killed_process_all_the_same() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "0").await;
    store.close().await;
    for round in 1..=10 {
        let mut process = AtWork::start(&mut victim("count", &place.file()));
        let mut said: Vec<_> = (0..round * 7).filter_map(|_| process.next()).collect();
        said.extend(process.kill());
        let acknowledged: u64 = said.last().unwrap().parse().unwrap();
        let store = place.open();
        // The last write may have been kept without having been answered any more.
        let kept: u64 = data(&store, &key(1)).await.unwrap().parse().unwrap();
        assert!(kept == acknowledged || kept == acknowledged + 1, "{kept}, not {acknowledged}");
        let stored = store.load(&key(1), at(0)).await.unwrap().unwrap();
        store.save(&key(1), &stored.record, Expect::Revision(stored.revision), at(0)).await.unwrap();
        store.close().await;
    }
}
