//! Deleting expired sessions, by their order.

use session_core::{Result, Timestamp};

use crate::{schema, tables::Tables};

/// The most expired sessions that are deleted in one transaction, so that other writes come in between.
pub(crate) const ROOM: usize = 500;

/// What a sweep did.
pub(crate) struct Swept {
    pub(crate) count: usize,
    /// Whether some may be left that were not looked at.
    pub(crate) more: bool,
}

/// Deletes at most `limit` sessions that are dead at `now`, and at most as many as this transaction has room for.
pub(crate) fn sweep(tables: &mut Tables<'_>, now: Timestamp, limit: usize) -> Result<Swept> {
    let mut count = 0;
    while count < limit {
        let Some(place) = tables.first_to_expire()?.filter(|place| schema::is_dead(place, now)) else {
            return Ok(Swept { count, more: false });
        };
        if tables.sweep_room == 0 {
            break;
        }
        tables.sweep_room -= 1;
        count += usize::from(tables.expire(&place, now)?);
    }
    Ok(Swept { count, more: true })
}

#[cfg(test)]
mod tests {
    use session_core::{Expect, Key, Record, Store};

    use crate::{
        crash::{Recorder, at, record},
        options::ShelfOptions,
        shelf,
        store::ShelfStore,
    };

    /// Returns a store of so many sessions, of which session `n` expires at `1_000 + n`, and its disk.
    async fn filled(count: u16) -> (Recorder, ShelfStore) {
        let recorder = Recorder::default();
        shelf::make(recorder.clone()).unwrap();
        let store = ShelfStore::on("sweep".into(), recorder.clone(), ShelfOptions::default()).unwrap();
        for n in (0..count).rev() {
            let record = Record { expires_at: at(1_000 + i64::from(n)), ..record("x") };
            store.save(&key(n), &record, Expect::Absent, at(0)).await.unwrap();
        }
        (recorder, store)
    }

    fn key(n: u16) -> Key {
        Key::from_bytes(u128::from(n).to_be_bytes())
    }

    #[tokio::test]
    async fn a_transaction_deletes_no_more_than_it_has_room_for() {
        let (recorder, store) = filled(1_200).await;
        let before = recorder.syncs();
        assert_eq!(store.delete_expired(at(9_000), 1_100).await.unwrap(), 1_100);
        assert_eq!(recorder.syncs() - before, 3);
        assert_eq!(store.delete_expired(at(9_000), 1_100).await.unwrap(), 100);
    }

    #[tokio::test]
    async fn who_expired_first_goes_first() {
        let (_, store) = filled(10).await;
        assert_eq!(store.delete_expired(at(1_006), 3).await.unwrap(), 3);
        for n in 0..10 {
            let is_there = store.load(&key(n), at(0)).await.unwrap().is_some();
            assert_eq!(is_there, n >= 3, "{n}");
        }
    }
}
