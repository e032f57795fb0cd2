//! Several processes on one folder.

use session_core::{Expect, Store};
use store_disk::DiskStore;

use crate::{
    common::{Place, at, create, data, key},
    victim::{AtWork, victim},
};

#[tokio::test]
async fn changes_of_two_processes_add_up() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "0").await;
    let mut both = [0, 1].map(|_| AtWork::start(&mut victim("increment", &place.root())));
    for process in &mut both {
        assert_eq!(process.rest(), ["done"]);
    }
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("512"));
}

#[tokio::test]
async fn every_acknowledged_write_of_a_killed_process_is_there() {
    let place = Place::new();
    create(&place.open(), &key(1), "0").await;
    for round in 1..=10 {
        let mut process = AtWork::start(&mut victim("count", &place.root()));
        let mut said: Vec<_> = (0..round * 7).filter_map(|_| process.next()).collect();
        said.extend(process.kill());
        let acknowledged: u64 = said.last().unwrap().parse().unwrap();
        // The last write may have been kept without having been answered any more.
        let kept: u64 = data(&place.open(), &key(1)).await.unwrap().parse().unwrap();
        assert!(kept == acknowledged || kept == acknowledged + 1, "{kept}, not {acknowledged}");
        lock_is_free(&place.open()).await;
    }
}

async fn lock_is_free(store: &DiskStore) {
    let stored = store.load(&key(1), at(0)).await.unwrap().unwrap();
    store.save(&key(1), &stored.record, Expect::Revision(stored.revision), at(0)).await.unwrap();
}
