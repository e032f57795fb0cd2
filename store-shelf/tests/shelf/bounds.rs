//! The bounds of the file.

use session_core::{Error, Expect, Record, Store};

use crate::common::{Place, at, create, data, key, record};

#[tokio::test]
async fn data_above_all_bounds_is_refused_and_the_old_session_stays() {
    let place = Place::new();
    let store = place.open();
    let revision = create(&store, &key(1), "x").await;
    let large = Record { data: vec![0; (64 << 20) + 1].into(), ..record("") };
    for expect in [Expect::Revision(revision), Expect::Absent] {
        let key = if expect == Expect::Absent { key(2) } else { key(1) };
        assert!(matches!(store.save(&key, &large, expect, at(0)).await, Err(Error::TooLarge { .. })));
    }
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("x"));
}
