//! The cap, where several stores share a table.

use session_core::{Expect, Store};
use store_sql::SqlOptions;

use crate::{
    common::{at, create, key, owned},
    place::{ALL, each},
};

#[tokio::test]
async fn what_others_created_is_counted_with_the_next_sweep() {
    each(&ALL, async |place| {
        let one = place.open_with(SqlOptions::default().max_sessions(5)).await;
        let other = place.open_with(SqlOptions::default().max_sessions(5)).await;
        for n in 0..5 {
            create(&one, &key(n), "one").await;
            create(&other, &key(100 + n), "other").await;
        }
        assert_eq!(one.delete_expired(at(0), usize::MAX).await.unwrap(), 0);
        assert_eq!(one.directory().unwrap().count(at(0)).await.unwrap(), 5);
        create(&one, &key(50), "one more").await;
        assert_eq!(one.directory().unwrap().count(at(0)).await.unwrap(), 5);
    })
    .await;
}

#[tokio::test]
async fn a_table_above_a_new_cap_is_brought_down_by_the_first_create() {
    each(&ALL, async |place| {
        let store = place.open().await;
        for n in 0..40 {
            let record = if n < 10 { owned("x", "ann") } else { crate::common::record("x") };
            store.save(&key(n), &record, Expect::Absent, at(0)).await.unwrap();
        }
        let capped = place.open_with(SqlOptions::default().max_sessions(8)).await;
        create(&capped, &key(100), "new").await;
        let left = capped.directory().unwrap().page(None, 100, at(0)).await.unwrap();
        // The new one has no owner, and stays all the same.
        assert_eq!(left.len(), 8);
        assert_eq!(left.iter().filter(|(_, stored)| stored.record.owner.is_some()).count(), 7);
        assert_eq!(left.last().unwrap().0, key(100));
    })
    .await;
}
