//! What is in a store when a process is killed, and what must be found afterwards.

use session_core::{Expect, Record, Result, Revision, Store, Stored, Timestamp};

use super::{aftermath::sweeps_go_by_its_end, power::Keys, state::State};
use crate::{
    checks::{Answer, SECRET_OWNER, tells, words},
    ctx::Ctx,
    fixture::{Neighbours, Subject, crowd, owner, shift, subject},
    folder::contents,
    namespace::Namespace,
    outcome::{Outcome, Stop},
};

/// The call in which a process is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    CreateFirst,
    Create,
    Save,
    /// A save of more than a page, or than a store may want to keep among its records.
    SaveLarge,
    Touch,
    Delete,
    Sweep,
}

/// A session among others, and a call that is about to be made.
#[derive(Clone)]
pub(super) struct Scene {
    verb: Verb,
    pub(super) now: Timestamp,
    subject: Subject,
    before: State,
    after: State,
    pub(super) dead: Vec<Subject>,
    neighbours: Option<Neighbours>,
    /// Whether files have the times that the store gave them.
    pub(super) has_times: bool,
}

impl Verb {
    fn is_creation(self) -> bool {
        matches!(self, Self::CreateFirst | Self::Create)
    }
}

impl Scene {
    /// Creates what has to be there before the call.
    pub(super) async fn set(ctx: &Ctx, verb: Verb, store: &dyn Store) -> Outcome<Self> {
        let (now, mut subject) = (ctx.now(), subject(ctx).with_data([b'o'; 700]));
        if !matches!(verb, Verb::Save | Verb::SaveLarge) {
            // A save gives it one.
            subject.record.owner = owner(SECRET_OWNER);
        }
        let neighbours = match verb {
            Verb::CreateFirst => None,
            _ => Some(Neighbours::around(&subject.key, store, now).await?),
        };
        let before = match verb {
            verb if verb.is_creation() => State::Absent,
            _ => State::There(subject.create(store, now).await?),
        };
        let mut dead = Vec::new();
        if verb == Verb::Sweep {
            dead = crowd(ctx, 4)
                .into_iter()
                .skip(1)
                .map(|subject| subject.expiring(shift(now, 1_000)))
                .collect();
            for subject in &dead {
                subject.create(store, now).await?;
            }
        }
        let after = after(verb, &subject, &before, now)?;
        Ok(Self { verb, now, subject, before, after, dead, neighbours, has_times: true })
    }

    /// Returns the same where files were laid out anew, which leaves their times out.
    pub(super) fn without_times(&self) -> Self {
        Self { has_times: false, ..self.clone() }
    }

    /// Makes the call, and returns how many sessions it says to have swept.
    pub(super) async fn call(&self, store: &dyn Store) -> Result<usize> {
        let (Self { now, subject, .. }, new) = (self, self.new_record());
        match (self.verb, &self.before) {
            (Verb::Sweep, _) => store.delete_expired(self.later(), usize::MAX).await,
            (Verb::Delete, _) => store.delete(&subject.key).await.map(|()| 0),
            (Verb::Touch, State::There(stored)) => {
                store.touch(&subject.key, stored.revision, *now, new.expires_at, *now).await.map(|_| 0)
            }
            (_, State::There(stored)) => {
                let expect = Expect::Revision(stored.revision);
                store.save(&subject.key, &new, expect, *now).await.map(|_| 0)
            }
            _ => store.save(&subject.key, &subject.record, Expect::Absent, *now).await.map(|_| 0),
        }
    }

    /// After a failure the process goes on: whatever it answers, no call waits for what nobody gives back.
    pub(super) async fn goes_on_there(&self, ctx: &Ctx, store: &dyn Store) -> Outcome {
        // Nothing is at this revision, so it changes nothing.
        let stale = Expect::Revision(Revision::first()?);
        let saved = store.save(&self.subject.key, &self.subject.record, stale, self.now);
        let _ = ctx.answered(14, saved).await?;
        let _ = ctx.answered(14, store.delete(&Keys::of(ctx)?.other)).await?;
        Ok(())
    }

    /// Checks that an error tells nothing of what is kept.
    pub(super) fn is_discreet<T>(&self, ctx: &Ctx, number: u32, answer: &Result<T>, when: &str) {
        let secrets = [SECRET_OWNER, "oooooooo", "nnnnnnnn"];
        let is_told = words(answer).iter().any(|text| secrets.iter().any(|secret| tells(text, secret)));
        ctx.check(number, !is_told, format_args!("{when}, an error tells what is kept"));
    }

    fn new_record(&self) -> Record {
        new_record(self.verb, &self.subject, self.now)
    }

    pub(super) fn later(&self) -> Timestamp {
        shift(self.now, 1_000)
    }

    /// Opens the namespace here and judges what is found. Then it deletes everything and sweeps, and returns how many
    /// files are left.
    pub(super) async fn judge(
        self,
        ctx: &Ctx,
        namespace: &Namespace,
        answer: &Result<usize>,
        killed: &str,
    ) -> Outcome<usize> {
        let opened = ctx.answered(1, ctx.open_namespace(namespace)).await?;
        if !ctx.check(1, opened.is_ok(), format_args!("killed {killed}, it cannot be opened: {opened:?}")) {
            return Err(Stop::Failed("nothing can be looked at".to_owned()));
        }
        let store = &*opened?;
        let found = ctx.answered(2, self.judge_subject(ctx, store, answer, killed)).await?;
        ctx.answered(2, self.judge_dead(ctx, store, killed)).await??;
        if let Some(neighbours) = &self.neighbours {
            neighbours.unharmed(ctx, 4, store, self.now, format!("killed {killed}")).await;
        }
        let keys = self.neighbours.iter().flat_map(Neighbours::keys).chain([&self.subject.key]);
        let keys = keys.chain(self.dead.iter().map(|subject| &subject.key));
        ctx.answered(9, ctx.lists_agree(9, store, keys, self.now, format!("killed {killed}"))).await??;
        let found = match found {
            Some(found) if self.verb == Verb::Touch && self.has_times => {
                ctx.answered(10, sweeps_go_by_its_end(ctx, 10, store, (&self.subject.key, &found), killed))
                    .await??;
                None
            }
            found => found,
        };
        ctx.answered(6, self.go_on(ctx, store, found, killed)).await??;
        ctx.answered(6, self.clear(ctx, store, killed)).await??;
        Ok(contents(&ctx.folder_of(namespace)?)?.files.len())
    }

    /// Says in what the session is another one than before the call.
    pub(super) async fn differs_from_before(
        &self,
        ctx: &Ctx,
        namespace: &Namespace,
    ) -> Outcome<Option<String>> {
        let store = ctx.answered(1, ctx.open_namespace(namespace)).await??;
        let found = ctx.answered(2, store.load(&self.subject.key, self.now)).await?;
        Ok(match found {
            Ok(found) => self.before.differs(found.as_ref()),
            Err(error) => Some(format!("loading failed: {error:?}")),
        })
    }

    /// Checks that the session is as before the call or as after it, and as after it where the call was answered.
    async fn judge_subject(
        &self,
        ctx: &Ctx,
        store: &dyn Store,
        answer: &Result<usize>,
        killed: &str,
    ) -> Option<Stored> {
        let found = match store.load(&self.subject.key, self.now).await {
            Ok(found) => found,
            Err(error) => {
                ctx.check(2, false, format_args!("killed {killed}, loading the session failed: {error:?}"));
                return None;
            }
        };
        let (old, new) = (self.before.differs(found.as_ref()), self.after.differs(found.as_ref()));
        if let (Some(old), Some(new)) = (&old, &new) {
            let message =
                format_args!("killed {killed}, neither the old session: {old}; nor the new one: {new}");
            ctx.check(2, false, message);
        } else {
            ctx.check(2, true, "");
        }
        let lost = new.filter(|_| answer.is_ok());
        let message = lost.as_deref().unwrap_or_default();
        ctx.check(
            3,
            lost.is_none(),
            format_args!("killed {killed}, the call was answered and is lost: {message}"),
        );
        found
    }

    /// Checks that the session can be written, deleted and created again.
    async fn go_on(&self, ctx: &Ctx, store: &dyn Store, found: Option<Stored>, killed: &str) -> Outcome {
        let (key, now, new) = (&self.subject.key, self.now, self.new_record());
        let expect = found.map_or(Expect::Absent, |found| Expect::Revision(found.revision));
        let saved = store.save(key, &new, expect, now).await;
        ctx.answers(6, &saved, Answer::Ok, format_args!("killed {killed}, the next save"));
        let revision = saved.unwrap_or(Revision::first()?);
        let touched = store.touch(key, revision, now, new.expires_at, now).await;
        ctx.answers(6, &touched, Answer::Ok, format_args!("killed {killed}, the next touch"));
        let deleted = store.delete(key).await;
        ctx.answers(6, &deleted, Answer::Ok, format_args!("killed {killed}, the next delete"));
        ctx.finds(6, store, key, now, None, format!("killed {killed}, after the next delete")).await;
        let again = self.subject.create(store, now).await;
        ctx.answers(6, &again, Answer::Ok, format_args!("killed {killed}, the next creation"));
        Ok(())
    }

    /// Deletes everything, and sweeps when there is nothing to be found.
    async fn clear(self, ctx: &Ctx, store: &dyn Store, killed: &str) -> Outcome {
        let later = self.later();
        store.delete(&self.subject.key).await?;
        if let Some(neighbours) = self.neighbours {
            neighbours.leave(store).await?;
        }
        let swept = store.delete_expired(later, usize::MAX).await?;
        // Of the dead, which are there when a sweep is killed, another check has more to say.
        if self.dead.is_empty() {
            let what = format_args!("killed {killed}, how many a sweep counts where no session is");
            ctx.same(17, &swept, &0, what);
        }
        Ok(())
    }
}

fn new_record(verb: Verb, subject: &Subject, now: Timestamp) -> Record {
    let len = if verb == Verb::SaveLarge { 70_000 } else { 1_900 };
    let Record { accessed_at, .. } = subject.record;
    let expires_at = shift(now, 7_200_000);
    Record { data: vec![b'n'; len].into(), accessed_at, expires_at, owner: owner(SECRET_OWNER) }
}

/// Returns what is found after the call.
fn after(verb: Verb, subject: &Subject, before: &State, now: Timestamp) -> Result<State> {
    let new = new_record(verb, subject, now);
    Ok(match (verb, before) {
        (Verb::Delete, _) => State::Absent,
        (Verb::Save | Verb::SaveLarge, State::There(stored)) => {
            State::There(Stored { record: new, revision: stored.revision.next()? })
        }
        (Verb::Touch, State::There(stored)) => {
            let record = Record { accessed_at: now, expires_at: new.expires_at, ..stored.record.clone() };
            State::There(Stored { record, revision: stored.revision.next()? })
        }
        (Verb::Create | Verb::CreateFirst, _) => State::Created(subject.record.clone()),
        (_, before) => before.clone(),
    })
}
