//! Several processes on one folder.

use crate::{
    common::{Place, create, data, key},
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
    let mut acknowledged = 0;
    for round in 1..=10 {
        let mut process = AtWork::start(&mut victim("count", &place.root()));
        for _ in 0..round * 7 {
            acknowledged = process.next().unwrap().parse().unwrap();
        }
        if let Some(last) = process.kill().last() {
            acknowledged = last.parse().unwrap_or(acknowledged);
        }
        // A store that is opened now finds the locks free, and the last write or one that was not answered any more.
        let store = place.open();
        let kept: u64 = data(&store, &key(1)).await.unwrap().parse().unwrap();
        assert!(kept == acknowledged || kept == acknowledged + 1, "{kept}, not {acknowledged}");
        let revision =
            session_core::Store::load(&store, &key(1), crate::common::at(0)).await.unwrap().unwrap().revision;
        let next = crate::common::record(&kept.to_string());
        let expect = session_core::Expect::Revision(revision);
        session_core::Store::save(&store, &key(1), &next, expect, crate::common::at(0)).await.unwrap();
    }
}
