//! Deleting expired sessions.

use session_core::Store;
use store_sql::Dialect;

use crate::{
    common::{at, create, key, record, words},
    fill::{FILL, Fill},
    place::{ALL, each},
};

#[tokio::test]
async fn a_sweep_deletes_what_it_was_asked_for_and_no_more() {
    each(&ALL, async |place| {
        let store = place.open().await;
        for n in 0..1_250 {
            let mut record = record("x");
            record.expires_at = at(if n < 1_200 { 100 + n } else { 10_000 });
            let key = key(u64::try_from(n).unwrap());
            store.save(&key, &record, session_core::Expect::Absent, at(0)).await.unwrap();
        }
        for (limit, swept) in [(0, 0), (1, 1), (10, 10), (700, 700), (700, 489), (700, 0)] {
            assert_eq!(store.delete_expired(at(5_000), limit).await.unwrap(), swept);
        }
        assert_eq!(store.directory().unwrap().count(at(0)).await.unwrap(), 50);
    })
    .await;
}

#[tokio::test]
async fn those_that_died_first_go_first() {
    each(&ALL, async |place| {
        let store = place.open().await;
        create(&store, &key(1), "dies last").await;
        for n in 2..5_u64 {
            let mut record = record("x");
            record.expires_at = at(i64::try_from(900 - n).unwrap());
            store.save(&key(n), &record, session_core::Expect::Absent, at(0)).await.unwrap();
        }
        assert_eq!(store.delete_expired(at(2_000), 2).await.unwrap(), 2);
        let left = store.directory().unwrap().page(None, 10, at(0)).await.unwrap();
        assert_eq!(left.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [key(1), key(2)]);
    })
    .await;
}

/// Refuses to delete what expires at 900.
fn refusal(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => {
            "create trigger refuse before delete on sessions when old.expires_at = 900 \
             begin select raise(abort, 'no'); end"
        }
        Dialect::Postgres => {
            "create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$; \
             create trigger refuse before delete on sessions for each row when (old.expires_at = 900) \
             execute function refuse()"
        }
        _ => {
            "create trigger refuse before delete on sessions for each row \
             if old.expires_at = 900 then signal sqlstate '45000'; end if"
        }
    }
}

#[tokio::test]
async fn a_sweep_that_fails_in_the_middle_does_not_say_that_nothing_was_changed() {
    each(&ALL, async |place| {
        let store = place.open().await;
        place.run(refusal(place.dialect)).await;
        place.fill(Fill { count: 500, expires_at: 100, ..FILL }).await;
        place.fill(Fill { count: 100, expires_at: 900, ..FILL }).await;
        let failed = store.delete_expired(at(1_000), usize::MAX).await.unwrap_err();
        assert!(failed.is_unknown(), "{:?}: {}", place.dialect, words(&failed));
        assert_eq!(store.directory().unwrap().count(at(0)).await.unwrap(), 100);
        // The next one changes nothing, and that is certain.
        let failed = store.delete_expired(at(1_000), usize::MAX).await.unwrap_err();
        assert!(!failed.is_unknown(), "{:?}: {}", place.dialect, words(&failed));
    })
    .await;
}
