//! What every handle of one set of sessions shares.

use std::sync::Arc;

use crate::{
    Clock, Config, Key, Result, Store, Timestamp, commit::Lines, frame::Loaded, initial::Initializer,
};

/// What every handle of one set of sessions shares.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) config: Config,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) initializer: Initializer,
    pub(crate) lines: Lines,
}

impl Context {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) async fn load(&self, key: &Key) -> Result<Option<Loaded>> {
        let stored = self.store.load(key, self.now()).await?;
        stored.map(|stored| Loaded::decode(key, stored)).transpose()
    }
}
