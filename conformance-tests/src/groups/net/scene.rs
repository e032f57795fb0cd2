//! The sessions on which a call is made, and what may be found of them afterwards.

use std::time::Duration;

use session_core::{Error, Key, Outcome as Known, Record, Result, Revision, Store, Stored, Timestamp};

use crate::{
    checks::difference,
    ctx::Ctx,
    fixture::{Subject, owner, random_keys, shift, subject, touched},
    groups::net::call::{Answered, Call},
    outcome::Outcome,
    rng::Rng,
};

/// What is there when a call is made, seen without the line that breaks.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    ctx: &'a Ctx,
    direct: &'a dyn Store,
    call: Call,
    pub(super) now: Timestamp,
    /// When the others are dead.
    pub(super) later: Timestamp,
    pub(super) key: Key,
    /// What is under the key before the call.
    pub(super) before: Option<Stored>,
    /// What the call writes.
    pub(super) written: Record,
    /// Nothing is under this key, or what a rehearsal left.
    pub(super) spare: Key,
    /// Sessions beside it, in the order of their keys, where the call is about many.
    others: Vec<(Key, Stored)>,
}

impl<'a> Scene<'a> {
    /// Creates the sessions that the call needs.
    pub(super) async fn set(ctx: &'a Ctx, direct: &'a dyn Store, call: Call, rng: &mut Rng) -> Outcome<Self> {
        let (now, later) = (ctx.now(), ctx.now() + Duration::from_millis(10));
        let mut keys = random_keys(rng, 5);
        let (key, spare) = (take(&mut keys), take(&mut keys));
        let mut record = subject(ctx).record;
        record.owner = owner("ada");
        let mut others = Vec::new();
        if call.is_about_many() {
            for key in keys {
                let other = Subject { key, record: Record { expires_at: later, ..record.clone() } };
                others.push((key, other.create(direct, now).await?));
            }
        }
        others.sort_by_key(|(key, _)| *key);
        let mut before = None;
        if call != Call::Create {
            before = Some(Subject { key, record: record.clone() }.create(direct, now).await?);
        }
        let data = rng.bytes(24).into();
        let written = Record { data, accessed_at: shift(now, 7), expires_at: shift(now, 9_999), ..record };
        Ok(Self { ctx, direct, call, now, later, key, before, written, spare, others })
    }

    /// Makes the connections know the call, however often they break.
    pub(super) async fn rehearse(&mut self, store: &dyn Store) -> Outcome {
        let mut end = Ok(());
        for _ in 0..TRIES {
            end = self.ctx.answered(7, self.call.rehearse(store, self)).await?;
            self.before = self.direct.load(&self.key, self.now).await?;
            if end.is_ok() {
                break;
            }
        }
        let is_done = self.ctx.check(6, end.is_ok(), format_args!("the store does not recover: {end:?}"));
        if is_done { Ok(()) } else { Ok(end?) }
    }

    /// Loads, whatever comes of it.
    pub(super) async fn glance(&self, store: &dyn Store) -> Outcome {
        self.ctx.answered(7, store.load(&self.key, self.now)).await.map(drop)
    }

    /// Makes the call.
    pub(super) async fn act(&self, store: &dyn Store) -> Outcome<Result<Answered>> {
        self.ctx.answered(7, self.call.make(store, self)).await
    }

    /// Checks that what was answered is what happened.
    pub(super) async fn judge(&self, told: &Result<Answered>, how: impl std::fmt::Debug) -> Outcome {
        let found = self.direct.load(&self.key, self.now).await?;
        let left = self.left().await?;
        let (ctx, call) = (self.ctx, self.call);
        let is_before =
            left == self.others.len() && difference(found.as_ref(), self.before.as_ref()).is_none();
        let is_after = self.is_after(found.as_ref(), None);
        match told {
            Ok(answered @ (Answered::Found(_) | Answered::Listed(_) | Answered::Counted(_))) => {
                let is_true = self.is_true(answered);
                ctx.check(1, is_true, format_args!("a {call:?} answered what is not so, after {how:?}"));
            }
            Ok(Answered::Wrote(revision)) => {
                let is_kept = self.is_after(found.as_ref(), Some(*revision));
                ctx.check(2, is_kept, format_args!("a {call:?} was told Ok and is not there, after {how:?}"));
            }
            Ok(Answered::Deleted) => {
                let is_gone = found.is_none();
                ctx.check(2, is_gone, format_args!("a {call:?} was told Ok and was not done, after {how:?}"));
            }
            Ok(Answered::Swept(count)) => {
                let is_told = (left, *count) == (0, self.others.len());
                let message = format_args!("a sweep of 3 answered {count} and left {left}, after {how:?}");
                ctx.check(2, is_told, message);
            }
            Err(Error::Backend { outcome: Known::NotApplied, .. }) => {
                ctx.check(
                    3,
                    is_before,
                    format_args!("a {call:?} was told NotApplied and was made, after {how:?}"),
                );
            }
            Err(Error::Backend { .. }) => {
                let is_either = is_before || is_after;
                ctx.check(
                    4,
                    is_either,
                    format_args!("a {call:?} was neither made nor not made, after {how:?}"),
                );
            }
            Err(_) => {}
        }
        let is_wrong = matches!(told, Err(error) if !matches!(error, Error::Backend { .. }));
        ctx.check(
            5,
            !is_wrong,
            format_args!("a {call:?} was answered {:?}, after {how:?}", told.as_ref().err()),
        );
        Ok(())
    }

    /// Returns whether what a reading call answered is so.
    fn is_true(&self, answered: &Answered) -> bool {
        let mine = self.before.iter().map(|stored| (self.key, stored.clone()));
        let mut all: Vec<_> = mine.chain(self.others.iter().cloned()).collect();
        all.sort_by_key(|(key, _)| *key);
        match answered {
            Answered::Found(found) => difference(found.as_ref(), self.before.as_ref()).is_none(),
            Answered::Listed(listed) => {
                let mut listed = listed.clone();
                listed.sort_by_key(|(key, _)| *key);
                listed == all
            }
            Answered::Counted(count) => *count == all.len() as u64,
            _ => false,
        }
    }

    /// Returns whether the call was made, with the revision that was told, if one was.
    fn is_after(&self, found: Option<&Stored>, told: Option<Revision>) -> bool {
        let told = |revision: Revision| told.is_none_or(|told| told == revision);
        match (self.call, &self.before, found) {
            (Call::Create, _, Some(found)) => found.record == self.written && told(found.revision),
            (Call::Save, Some(before), Some(found)) => {
                let next = before.revision.next().ok() == Some(found.revision);
                found.record == self.written && next && told(found.revision)
            }
            (Call::Touch, Some(before), Some(found)) => {
                let Record { accessed_at, expires_at, .. } = self.written;
                touched(before, accessed_at, expires_at).ok().as_ref() == Some(found) && told(found.revision)
            }
            (Call::Delete, _, found) => found.is_none(),
            // It deletes as many as it can before the line breaks, and nothing that lives.
            (Call::Sweep, before, found) => before.as_ref() == found,
            _ => false,
        }
    }

    /// Returns how many of the others are still there.
    async fn left(&self) -> Result<usize> {
        let mut left = 0;
        for (key, _) in &self.others {
            left += usize::from(self.direct.load(key, self.now).await?.is_some());
        }
        Ok(left)
    }

    /// Checks that the store answers again, and rightly.
    pub(super) async fn recovers(&self, store: &dyn Store, how: impl std::fmt::Debug) -> Outcome {
        let there = self.direct.load(&self.key, self.now).await?;
        let mut last = None;
        for _ in 0..TRIES {
            let found = self.ctx.answered(7, store.load(&self.key, self.now)).await?;
            let is_failure = matches!(found, Err(Error::Backend { .. }));
            last = Some(found);
            if !is_failure {
                break;
            }
        }
        let is_right =
            matches!(&last, Some(Ok(found)) if difference(found.as_ref(), there.as_ref()).is_none());
        self.ctx.check(6, is_right, format_args!("after {how:?} a load was answered {last:?}"));
        Ok(())
    }

    /// Deletes everything.
    pub(super) async fn clear(self) -> Outcome {
        for key in [self.key, self.spare].iter().chain(self.others.iter().map(|(key, _)| key)) {
            self.direct.delete(key).await?;
        }
        Ok(())
    }
}

/// How often a store may fail before it has noticed that its connections are gone.
const TRIES: usize = 10;

fn take(keys: &mut Vec<Key>) -> Key {
    keys.pop().unwrap_or(Key::from_bytes([0; Key::BYTES]))
}
