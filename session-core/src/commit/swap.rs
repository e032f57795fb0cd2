//! One compare-and-swap, and what became of it when its answer was lost.

use std::sync::Arc;

use crate::{
    Error, Expect, Key, Record, Result, Revision, Timestamp,
    context::Context,
    frame::{Content, Loaded},
    ticket::Digest,
};

/// How often a save that puts a secret in force is looked for when its answer was lost.
const LOOKS_MAX: usize = 100;

/// One compare-and-swap of a session.
pub(super) struct Swap<'a> {
    pub(super) context: &'a Context,
    pub(super) key: &'a Key,
    pub(super) content: &'a Arc<Content>,
    pub(super) record: Record,
    pub(super) expected: Revision,
    pub(super) now: Timestamp,
}

impl Swap<'_> {
    /// Saves the record. Where that puts `secret` in force, it is not left open whether it landed.
    pub(super) async fn run(&self, secret: Option<Digest>) -> Result<Loaded> {
        match (self.send().await, secret) {
            (Err(lost), Some(secret)) if lost.is_unknown() => self.look(&secret).await?.ok_or(lost),
            (sent, _) => sent,
        }
    }

    async fn send(&self) -> Result<Loaded> {
        let Self { context, key, record, expected, now, .. } = self;
        let revision = context.save(key, record, Expect::Revision(*expected), *now).await?;
        Ok(Loaded { content: self.content.clone(), accessed_at: record.accessed_at, revision })
    }

    /// Looks for a save whose answer was lost, and returns nothing when it stays open whether it landed.
    async fn look(&self, secret: &Digest) -> Result<Option<Loaded>> {
        for _ in 0..LOOKS_MAX {
            if !self.is_in_time() {
                break;
            }
            match self.context.load(self.key).await {
                Ok(Some(found)) if found.content.facts.has_had(secret) => return Ok(Some(found)),
                // It may still land, so the same bytes go out again: only one of the two can.
                Ok(Some(found)) if found.revision == self.expected => match self.send().await {
                    Ok(kept) => return Ok(Some(kept)),
                    Err(Error::Missing) => return Err(Error::Missing),
                    // That says nothing of the one that was lost: even a conflict may be with that.
                    Err(_) => {}
                },
                // Another write came first: the one that was lost can never land.
                Ok(Some(_)) => return Err(Error::Conflict),
                Ok(None) => return Err(Error::Missing),
                Err(_) => {}
            }
        }
        Ok(None)
    }

    fn is_in_time(&self) -> bool {
        self.context.now().since(self.now) < self.context.config.store_timeout
    }
}
