//! Flaws of a touch.

use async_trait::async_trait;
use session_core::{Error, Expect, Record, Result, Revision, Stored, Timestamp};

use super::{Flaw, Touch, World, pause, saboteurs};

saboteurs! {
    touch_forgets_the_access TouchForgetsTheAccess caught by "TCH-001": "A touch leaves the time of access as it was.";
    touch_only_extends TouchOnlyExtends caught by "TCH-001": "A touch never moves the end to earlier.";
    touch_keeps_the_revision TouchKeepsTheRevision caught by "TCH-001": "A touch leaves the revision as it was.";
    touch_drops_the_owner TouchDropsTheOwner caught by "TCH-001": "A touch forgets the owner.";
    touch_does_nothing TouchDoesNothing caught by "TCH-001": "A touch answers the next revision and does nothing.";
    touch_revives_the_dead TouchRevivesTheDead caught by "TCH-002": "A touch does not look at the time.";
    touch_writes_what_it_read TouchWritesWhatItRead caught by "TCH-003": "A touch writes back the record that it read before.";
    blind_touch BlindTouch caught by "TCH-004": "A touch does not look at the revision.";
    touch_refuses_the_past TouchRefusesThePast caught by "TCH-006": "A touch to an end that has passed is refused.";
    a_touch_to_the_epoch_keeps_the_end ATouchToTheEpochKeepsTheEnd caught by "TCH-006": "A touch to the epoch leaves the end as it was.";
}

#[async_trait]
impl Flaw for TouchForgetsTheAccess {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let accessed_at = sessions.map.get(call.key).map(|stored| stored.record.accessed_at);
            Touch { accessed_at: accessed_at.unwrap_or(call.accessed_at), ..call }.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for TouchOnlyExtends {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let old = sessions.map.get(call.key).map(|stored| stored.record.expires_at).unwrap_or_default();
            Touch { expires_at: call.expires_at.max(old), ..call }.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for TouchKeepsTheRevision {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            call.on(sessions)?;
            sessions.map.entry(*call.key).and_modify(|stored| stored.revision = call.expect);
            Ok(call.expect)
        })
    }
}

#[async_trait]
impl Flaw for TouchDropsTheOwner {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let revision = call.on(sessions)?;
            sessions.map.entry(*call.key).and_modify(|stored| stored.record.owner = None);
            Ok(revision)
        })
    }
}

#[async_trait]
impl Flaw for TouchDoesNothing {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.lock().judge(call.key, Expect::Revision(call.expect), call.now)
    }
}

#[async_trait]
impl Flaw for TouchRevivesTheDead {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| Touch { now: Timestamp::EPOCH, ..call }.on(sessions))
    }
}

#[async_trait]
impl Flaw for TouchWritesWhatItRead {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let found = world.lock().load(call.key, call.now)?.ok_or(Error::Missing)?;
        let revision = world.lock().judge(call.key, Expect::Revision(call.expect), call.now)?;
        let Touch { accessed_at, expires_at, .. } = call;
        let record = Record { accessed_at, expires_at, ..found.record };
        pause();
        world.lock().map.insert(*call.key, Stored { record, revision });
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for BlindTouch {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let found = sessions.live(call.key, call.now).map_or(call.expect, |stored| stored.revision);
            Touch { expect: found, ..call }.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for TouchRefusesThePast {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        if call.expires_at <= call.now {
            return Err(Error::Missing);
        }
        world.with(|sessions| call.on(sessions))
    }
}

#[async_trait]
impl Flaw for ATouchToTheEpochKeepsTheEnd {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let old = sessions.map.get(call.key).map(|stored| stored.record.expires_at);
            let expires_at = old.filter(|_| call.expires_at == Timestamp::EPOCH).unwrap_or(call.expires_at);
            Touch { expires_at, ..call }.on(sessions)
        })
    }
}
