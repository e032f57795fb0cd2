//! Rows of ours that somebody changed by hand.

use session_core::{Error, Store};
use store_sql::Dialect;

use crate::{
    common::{at, create, key},
    place::{ALL, each},
};

#[tokio::test]
async fn a_damaged_row_is_an_error_and_hides_no_other() {
    each(&ALL, async |place| {
        let mut damages = vec![
            "data = '!!!'",
            "data = NULL",
            "data = 'QQ'",
            "accessed_at = NULL",
            "accessed_at = -1",
            "expires_at = NULL",
            "expires_at = -5",
            "revision = -1",
        ];
        if place.dialect == Dialect::Sqlite {
            damages.extend(["revision = 'x'", "accessed_at = 'soon'", "owner = x'ff'", "owner = x''"]);
        } else {
            damages.push("owner = ''");
        }
        let store = place.open().await;
        for damage in damages {
            for n in 1..4 {
                create(&store, &key(n), "x").await;
            }
            place.run(&format!("update sessions set {damage} where session_id = '{}'", key(2))).await;
            let loaded = store.load(&key(2), at(0)).await;
            assert!(matches!(loaded, Err(Error::Corrupt(_))), "{damage}: {loaded:?}");
            for limit in [1, 2, 10] {
                let mut after = None;
                let mut seen = Vec::new();
                loop {
                    let page = store.directory().unwrap().page(after.as_ref(), limit, at(0)).await.unwrap();
                    let Some((last, _)) = page.last() else { break };
                    after = Some(*last);
                    seen.extend(page.iter().map(|(key, _)| *key));
                }
                assert_eq!(seen, [key(1), key(3)], "{damage}, pages of {limit}");
            }
            for n in 1..4 {
                store.delete(&key(n)).await.unwrap();
            }
            assert_eq!(place.rows("select session_id from sessions").await.len(), 0, "{damage}");
        }
    })
    .await;
}
