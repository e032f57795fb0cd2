//! What a handle stands on.

use std::{net::IpAddr, sync::Arc};

use crate::{
    Key, Timestamp,
    commit::Standing,
    frame::{Content, Facts, Loaded, Values},
    ticket::{Digest, Proofs},
};

/// What the handle stands on.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A session that is not stored.
    New { start: Arc<Content> },
    /// A stored session that the handle may change.
    Stored(Box<Hold>),
    /// A session that the handle may at most kill.
    Shut { key: Option<Key>, read: Option<Arc<Content>> },
    /// A session that has ended.
    Gone,
}

/// A hold on a stored session.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub(crate) key: Key,
    /// What the next save is based on.
    pub(crate) loaded: Loaded,
    /// What the handle reads, which is older where other handles' changes were saved together with its own.
    pub(crate) read: Arc<Content>,
    pub(crate) proofs: Proofs,
    pub(crate) standing: Standing,
    /// Whether the request was the first to show the session's secret.
    pub(crate) first_sight: bool,
}

impl Place {
    /// Returns a new session that starts from `values`; what its secret is, its first save decides.
    pub(crate) fn fresh(values: Values, address: Option<IpAddr>) -> Self {
        let facts = Facts::new(Digest::none(), address, Timestamp::EPOCH);
        Self::New { start: Arc::new(Content { facts, owner: None, values }) }
    }

    /// Returns a new session that starts from what was read of another one; whose that was is not carried over.
    pub(super) fn carrying(read: &Content, address: Option<IpAddr>) -> Self {
        let facts = Facts::new(Digest::none(), address, Timestamp::EPOCH);
        let facts = Facts { label: read.facts.label.clone(), timeout: read.facts.timeout, ..facts };
        Self::New { start: Arc::new(Content { facts, owner: None, values: read.values.clone() }) }
    }

    pub(super) fn read(&self) -> Option<&Content> {
        match self {
            Self::New { start } => Some(start),
            Self::Stored(hold) => Some(&hold.read),
            Self::Shut { .. } | Self::Gone => None,
        }
    }

    /// Returns what the handle can prove.
    pub(super) fn proofs(&self) -> Proofs {
        match self {
            Self::Stored(hold) => hold.proofs.clone(),
            Self::New { .. } | Self::Shut { .. } | Self::Gone => Proofs::none(),
        }
    }

    /// Returns the key of the session that a kill deletes.
    pub(super) fn stored_key(&self) -> Option<Key> {
        match self {
            Self::Stored(hold) => Some(hold.key),
            Self::Shut { key, .. } => *key,
            Self::New { .. } | Self::Gone => None,
        }
    }
}
