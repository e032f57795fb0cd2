//! Calls that wait for others have no more time than any.

use std::time::Duration;

use session_core::{Error, Expect, Revision, Store};
use store_sql::{Dialect, SqlOptions};

use crate::{
    common::{at, create, key, record, words},
    held::held_up,
    place::{ALL, each},
};

fn quick() -> SqlOptions {
    SqlOptions::default().timeout(Duration::from_millis(800))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_waits_for_its_turn_within_its_own_time() {
    each(&ALL, async |place| {
        let store = place.open_with(quick()).await;
        let revision = create(&store, &key(1), "old").await;
        held_up(place, async || {
            let save = async |text| {
                store.save(&key(1), &record(text), Expect::Revision(revision), at(0)).await.unwrap_err()
            };
            let (first, second) = tokio::join!(save("first"), save("second"));
            // What hangs in a server may still be made; a file that is locked is asked again and again.
            assert_eq!(first.is_unknown(), place.dialect != Dialect::Sqlite, "{}", words(&first));
            // It was not begun when the first one had ended, with a time of its own.
            assert!(words(&second).contains("an earlier write of this session"), "{}", words(&second));
            assert!(!second.is_unknown());
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_waits_for_others_under_a_cap_within_its_own_time() {
    each(&ALL, async |place| {
        let store = place.open_with(quick().max_sessions(100)).await;
        held_up(place, async || {
            let create = async |n| -> Result<Revision, Error> {
                store.save(&key(n), &record("x"), Expect::Absent, at(0)).await
            };
            let (first, second) = tokio::join!(create(1), create(2));
            assert!(first.is_err());
            let second = second.unwrap_err();
            assert!(words(&second).contains("the statements before it took too long"), "{}", words(&second));
            assert!(!second.is_unknown());
        })
        .await;
        create(&store, &key(3), "again").await;
    })
    .await;
}
