//! Which calls were made, and what each key holds before and after them.

use std::{collections::BTreeSet, sync::Arc};

use session_core::{Expect, Key, Record, Result, Store, Stored, Timestamp};

use crate::{
    checks::difference,
    fixture::shift,
    process::{Remote, answered_tag},
    trace::{Event, Phase},
};

/// Calls of a second process, in the order of their numbers; the first has the number 1.
pub(super) struct Ledger {
    store: Arc<Remote>,
    now: Timestamp,
    lines: Vec<Line>,
}

/// One call.
#[derive(Clone, Debug)]
struct Line {
    key: Key,
    after: Option<Stored>,
}

/// What a call does with its session.
#[derive(Clone, Debug)]
pub(super) enum What {
    Create(Record),
    Save(Record),
    Touch,
    Delete,
}

impl Ledger {
    pub(super) fn new(store: Arc<Remote>, now: Timestamp) -> Self {
        Self { store, now, lines: Vec::new() }
    }

    /// Has the next calls made by another process.
    pub(super) fn go_on_in(&mut self, store: Arc<Remote>) {
        self.store = store;
    }

    /// Makes a call, and waits for its answer.
    pub(super) async fn call(&mut self, key: &Key, what: What) -> Result<()> {
        self.call_all(vec![(*key, what)]).await
    }

    /// Makes calls at once, each for a session of its own, and waits for all answers.
    pub(super) async fn call_all(&mut self, calls: Vec<(Key, What)>) -> Result<()> {
        let mut under_way = Vec::new();
        for (number, (key, what)) in (self.lines.len() + 1..).zip(calls) {
            let store = self.store.tagged(u32::try_from(number).unwrap_or(u32::MAX));
            let (before, now) = (self.last(&key).cloned(), self.now);
            under_way.push(tokio::spawn(async move {
                let after = what.call(&store, &key, before, now).await;
                after.map(|after| Line { key, after })
            }));
        }
        for call in under_way {
            let line = call
                .await
                .map_err(|cause| session_core::Error::backend("the suite", "make a call", cause))?;
            self.lines.push(line?);
        }
        Ok(())
    }

    fn last(&self, key: &Key) -> Option<&Stored> {
        self.lines.iter().rev().find(|line| line.key == *key).and_then(|line| line.after.as_ref())
    }

    pub(super) fn keys(&self) -> BTreeSet<Key> {
        self.lines.iter().map(|line| line.key).collect()
    }

    /// Judges what was found under a key when the calls with the numbers `answered` had been answered: nothing, or what is wrong.
    pub(super) fn judge(&self, key: &Key, answered: &BTreeSet<u32>, found: Option<&Stored>) -> Option<Wrong> {
        let mine: Vec<_> = (1..).zip(&self.lines).filter(|(_, line)| line.key == *key).collect();
        let last = mine.iter().rposition(|(number, _)| answered.contains(number));
        let nothing = None;
        let after = last.and_then(|last| mine.get(last)).map_or(&nothing, |(_, line)| &line.after);
        let kept = difference(found, after.as_ref())?;
        let next = mine.get(last.map_or(0, |last| last + 1));
        let Some((_, next)) = next else { return Some(Wrong::Lost(kept)) };
        let under_way = difference(found, next.after.as_ref())?;
        // What is there of the call that was under way is half of it; all else was lost.
        let is_half = found
            .is_some_and(|found| next.after.as_ref().is_some_and(|next| next.revision == found.revision));
        Some(if is_half { Wrong::Half(under_way) } else { Wrong::Lost(kept) })
    }
}

/// What is wrong with a session.
#[derive(Debug)]
pub(super) enum Wrong {
    /// It is not as the last answered call left it.
    Lost(String),
    /// A part of a call that was not answered is there.
    Half(String),
}

impl What {
    /// Makes the call, and returns what the key holds then.
    async fn call(
        &self,
        store: &Remote,
        key: &Key,
        before: Option<Stored>,
        now: Timestamp,
    ) -> Result<Option<Stored>> {
        let expect = before.as_ref().map_or(Expect::Absent, |before| Expect::Revision(before.revision));
        match (self, before) {
            (Self::Delete, _) => store.delete(key).await.map(|()| None),
            (Self::Touch, Some(Stored { record, revision })) => {
                let record =
                    Record { accessed_at: shift(now, 1), expires_at: shift(record.expires_at, 1), ..record };
                let revision = store.touch(key, revision, record.accessed_at, record.expires_at, now).await?;
                Ok(Some(Stored { record, revision }))
            }
            (Self::Touch, None) => Ok(None),
            (Self::Create(record) | Self::Save(record), _) => {
                let revision = store.save(key, record, expect, now).await?;
                Ok(Some(Stored { record: record.clone(), revision }))
            }
        }
    }
}

/// Returns the number of the call whose answer leaves the process in this event.
pub(super) fn answered(event: &Event) -> Option<u32> {
    if event.phase != Phase::Begun {
        return None;
    }
    event.strings().find_map(answered_tag).filter(|tag| *tag != 0)
}
