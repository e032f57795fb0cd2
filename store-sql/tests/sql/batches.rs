//! As many calls as one statement takes.

use std::time::Duration;

use session_core::{Expect, Store};
use store_sql::SqlOptions;
use tokio::task::{JoinSet, yield_now};

use crate::{
    common::{at, create, data, key, record},
    held::held_up,
    place::{ALL, each},
};

#[tokio::test]
async fn the_largest_batches_are_made_as_a_whole() {
    each(&ALL, async |place| {
        let store = place.open_with(SqlOptions::default().timeout(Duration::from_secs(60))).await;
        // The first goes alone; so many go together behind it, and one is too many.
        for count in [128 + 1, 256 + 1, 256 + 2] {
            let mut creates = JoinSet::new();
            held_up(place, async || {
                for n in 0..count {
                    let store = store.clone();
                    creates.spawn(async move { (n, create(&store, &key(n), &n.to_string()).await) });
                }
                yield_now().await;
            })
            .await;
            let mut changes = JoinSet::new();
            let created = creates.join_all().await;
            held_up(place, async || {
                for (n, revision) in created {
                    let store = store.clone();
                    changes.spawn(async move {
                        let record = record(&format!("new {n}"));
                        store.save(&key(n), &record, Expect::Revision(revision), at(0)).await.unwrap()
                    });
                }
                yield_now().await;
            })
            .await;
            changes.join_all().await;
            for n in 0..count {
                assert_eq!(data(&store, &key(n)).await, Some(format!("new {n}")));
            }
            let mut deletes = JoinSet::new();
            held_up(place, async || {
                for n in 0..count {
                    let store = store.clone();
                    deletes.spawn(async move { store.delete(&key(n)).await.unwrap() });
                }
                yield_now().await;
            })
            .await;
            deletes.join_all().await;
            assert_eq!(session_core::Directory::count(&store, at(0)).await.unwrap(), 0);
        }
    })
    .await;
}
