//! A record as the rules see it.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    Config, Key, Owner, Record, Result, Revision, Stored, Timestamp,
    frame::{self, Facts, Values},
};

/// What a session holds: its own facts, whose it is, and the application's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) facts: Facts,
    pub(crate) owner: Option<Owner>,
    pub(crate) values: Values,
}

impl Content {
    /// Returns the record to save for a session last used at `accessed_at`.
    pub(crate) fn to_record(&self, key: &Key, accessed_at: Timestamp, config: &Config) -> Record {
        self.record_of(frame::encode(key, &self.facts, &self.values), accessed_at, config)
    }

    /// Returns the record to save whose `data` holds this content.
    pub(crate) fn record_of(&self, data: Bytes, accessed_at: Timestamp, config: &Config) -> Record {
        Record {
            data,
            accessed_at,
            expires_at: self.facts.expires_at(accessed_at, config),
            owner: self.owner.clone(),
        }
    }
}

/// A session as it was last seen in the store.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// Shared, because a commit hands it to the line, to every handle of its round, and to what they read.
    pub(crate) content: Arc<Content>,
    pub(crate) accessed_at: Timestamp,
    pub(crate) revision: Revision,
}

impl Loaded {
    pub(crate) fn decode(key: &Key, stored: Stored) -> Result<Self> {
        let Stored { record, revision } = stored;
        let (facts, values) = frame::decode(key, &record.data)?;
        let content = Content { facts, owner: record.owner, values };
        Ok(Self { content: Arc::new(content), accessed_at: record.accessed_at, revision })
    }

    /// Returns whether it has been used so long ago that using it now is worth a write.
    pub(crate) fn wants_touch(&self, now: Timestamp, config: &Config) -> bool {
        let interval = config.touch_interval_for(self.content.facts.timeout(config));
        now.since(self.accessed_at) >= interval
    }
}
