//! The call that is dropped.

use std::time::Duration;

use session_core::{Expect, Key, Record, Revision, Store, Timestamp};

use crate::{
    ctx::Ctx,
    fixture::{Patience, dropped, owner, subject},
    linearize::Recorder,
    outcome::Outcome,
    rng::Rng,
};

/// A kind of call that is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Victim {
    Load,
    Create,
    Save,
    Touch,
    Delete,
    Sweep,
    List,
}

impl Victim {
    pub(super) const ALL: [Self; 7] =
        [Self::Load, Self::Create, Self::Save, Self::Touch, Self::Delete, Self::Sweep, Self::List];

    /// Prepares a session, makes the call and drops it, and then writes until it is acknowledged. Returns whether
    /// the call was answered before it could be dropped.
    pub(super) async fn drop_and_go_on(
        self,
        ctx: &Ctx,
        recorder: &Recorder,
        key: &Key,
        patience: Patience,
        rng: &mut Rng,
    ) -> Outcome<bool> {
        let revision = self.prepare(ctx, recorder, key).await?;
        let call = self.call(ctx, recorder, key, revision);
        let is_done = ctx.answered(2, dropped(call, patience)).await?.is_some();
        let now = ctx.now();
        for _ in 0..rng.below(3) {
            let _ = recorder.load(key, now).await;
        }
        let is_acknowledged = go_on(ctx, recorder, key, rng).await;
        ctx.check(3, is_acknowledged, format_args!("after a dropped {self:?} no write is acknowledged"));
        let _ = recorder.load(key, now).await;
        Ok(is_done)
    }

    /// Creates the session that the call needs.
    pub(super) async fn prepare(self, ctx: &Ctx, recorder: &Recorder, key: &Key) -> Outcome<Revision> {
        let mut record = record(ctx, "before");
        if self == Self::Sweep {
            record.expires_at = soon(ctx, recorder);
        }
        match self {
            Self::Create => Ok(Revision::from_i64(0)?),
            _ => Ok(recorder.save(key, &record, Expect::Absent, ctx.now()).await?),
        }
    }

    /// Makes the call; what it answers is in the history.
    pub(super) async fn call(self, ctx: &Ctx, recorder: &Recorder, key: &Key, revision: Revision) {
        let (now, record) = (ctx.now(), record(ctx, "dropped"));
        match self {
            Self::Load => drop(recorder.load(key, now).await),
            Self::Create => drop(recorder.save(key, &record, Expect::Absent, now).await),
            Self::Save => drop(recorder.save(key, &record, Expect::Revision(revision), now).await),
            Self::Touch => drop(recorder.touch(key, revision, (now, Timestamp::MAX), now).await),
            Self::Delete => drop(recorder.delete(key).await),
            Self::Sweep => drop(recorder.sweep(&[*key], soon(ctx, recorder)).await),
            Self::List => list(ctx.store(), now).await,
        }
    }
}

/// Lists in every way, if the store can.
pub(super) async fn list(store: &dyn Store, now: Timestamp) {
    let Some(directory) = store.directory() else { return };
    let _ = directory.page(None, 10, now).await;
    let _ = directory.count(now).await;
    if let Some(owner) = owner("dropped") {
        let _ = directory.owned_by(&owner, now).await;
    }
}

/// Writes until a write is acknowledged: a delete, a creation, a save or a touch, whatever fits.
async fn go_on(ctx: &Ctx, recorder: &Recorder, key: &Key, rng: &mut Rng) -> bool {
    let (now, record) = (ctx.now(), record(ctx, "after"));
    if rng.below(3) == 0 {
        return recorder.delete(key).await.is_ok();
    }
    for _ in 0..10 {
        let Ok(found) = recorder.load(key, now).await else { continue };
        let written = match found {
            None => recorder.save(key, &record, Expect::Absent, now).await,
            Some(found) if rng.below(2) == 0 => {
                recorder.touch(key, found.revision, (now, Timestamp::MAX), now).await
            }
            Some(found) => recorder.save(key, &record, Expect::Revision(found.revision), now).await,
        };
        if written.is_ok() {
            return true;
        }
    }
    false
}

fn record(ctx: &Ctx, data: &'static str) -> Record {
    Record { data: data.into(), owner: owner(data), ..subject(ctx).record }
}

/// When the next session is dead that a sweep is to delete: later with every call.
///
/// A dropped sweep may go on, and what is created meanwhile is alive at its time.
pub(super) fn soon(ctx: &Ctx, recorder: &Recorder) -> Timestamp {
    ctx.now() + Duration::from_millis(10 + recorder.calls() as u64)
}
