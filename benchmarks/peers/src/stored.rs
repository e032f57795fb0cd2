//! A store for tower-sessions, by itself.

use std::hint::black_box;

use harness::{Loads, Saves, Subject, Values};
use tower_sessions::{SessionStore, session::Record};

use crate::record::{expiry, id, record};

/// A store, and how many operations are done between two looks at the clock.
pub(crate) struct Theirs<S, const BATCH: usize>(pub(crate) S);

impl<S: SessionStore, const BATCH: usize> Saves for Theirs<S, BATCH> {
    const BATCH: usize = BATCH;
    type Hand = Record;

    fn hand(&self, values: &Values) -> Record {
        record(values)
    }

    async fn create(&self, record: &mut Record, place: usize) {
        (record.id, record.expiry_date) = (id(place), expiry(place as u64));
        change(record, place as u64);
        self.0.create(record).await.unwrap();
        assert_eq!(record.id, id(place));
    }

    async fn save(&self, record: &mut Record, place: usize, number: u64) {
        (record.id, record.expiry_date) = (id(place), expiry(number));
        change(record, number);
        self.0.save(record).await.unwrap();
    }
}

impl<S: SessionStore, const BATCH: usize> Loads for Theirs<S, BATCH> {
    async fn load(&self, place: usize) {
        black_box(self.0.load(&id(place)).await.unwrap().unwrap());
    }
}

impl<S: SessionStore, const BATCH: usize> Subject for Theirs<S, BATCH> {
    /// There is no touch: tower-sessions saves the whole record, with a later time.
    async fn touch(&self, record: &mut Record, place: usize, change: u64) {
        (record.id, record.expiry_date) = (id(place), expiry(change));
        self.0.save(record).await.unwrap();
    }

    async fn delete(&self, place: usize) {
        self.0.delete(&id(place)).await.unwrap();
    }
}

fn change(record: &mut Record, number: u64) {
    if let Some(text) = record.data.get_mut(Values::CHANGE) {
        *text = Values::change(number).into();
    }
}
