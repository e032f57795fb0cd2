//! One round: many lists, one compare-and-swap, again on newer data after a conflict.

use std::{pin::Pin, sync::Arc};

use super::{Entry, Kept, Verdict, list::Applied, swap::Swap};
use crate::{
    Error, Key, Result, Timestamp,
    context::Context,
    event::Event,
    frame::{Content, Loaded},
    ticket::Digest,
};

/// How often a round is replayed on newer data before it gives up.
///
/// On a store as fast as a map, a process that loses needs more than a hundred now and then, because the winner need
/// not load before it saves. Whoever commits may bound the time as well.
const REPLAYS_MAX: usize = 1_000;

/// The saving of lists, which answers with the session as it left it, where that is known.
pub(super) type Saving = Pin<Box<dyn Future<Output = Option<Loaded>> + Send>>;

/// Saves the lists of `batch` on top of `known`, or without that on what is stored now, because a save of theirs met a
/// conflict; settles every entry.
pub(super) async fn run(
    context: Arc<Context>,
    key: Key,
    batch: Vec<Arc<Entry>>,
    known: Option<Loaded>,
) -> Option<Loaded> {
    let (mut known, mut conflicted, mut replays) = (known, true, 0);
    let first = usize::from(known.is_none());
    for _ in first..=REPLAYS_MAX {
        let (loaded, fresh) = match known.take() {
            Some(loaded) => (loaded, false),
            None => match context.load(&key).await {
                Ok(Some(newer)) => (newer, true),
                Ok(None) => return gone(&batch),
                Err(error) => return fail(&batch, &error),
            },
        };
        if fresh && conflicted {
            replays += 1;
            Event::Conflict { key: &key, replay: replays }.say();
        }
        let now = context.now();
        let plan = Plan::new(&batch, &loaded, now, &context);
        // What equals an old state may differ from the present one, and the later commit wins.
        let stale = plan.changes_nothing(&loaded) && !fresh && has_changes(&batch);
        conflicted = !stale;
        if stale {
            continue;
        }
        match plan.write(&context, &key, &loaded, now, &batch).await {
            Ok(kept) => {
                Event::Kept { key: &key, replays }.say();
                plan.settle(&batch, &key, &kept);
                return Some(kept);
            }
            Err(Error::Conflict) => {}
            Err(Error::Missing) => return gone(&batch),
            Err(error) => return fail(&batch, &error),
        }
    }
    fail(&batch, &Error::Conflict)
}

fn has_changes(batch: &[Arc<Entry>]) -> bool {
    batch.iter().any(|entry| !entry.list.changes.is_empty())
}

/// Settles what was to be kept in a session that has ended.
pub(super) fn gone(batch: &[Arc<Entry>]) -> Option<Loaded> {
    for entry in batch {
        entry.settle(match entry.list.login() {
            Some(_) => Verdict::Detached { standing: None },
            None => Verdict::Gone { standing: None },
        });
    }
    None
}

/// Settles what could not be kept.
pub(super) fn fail(batch: &[Arc<Entry>], error: &Error) -> Option<Loaded> {
    for entry in batch {
        entry.settle(Verdict::Failed(error.clone()));
    }
    None
}

/// What a round would write, and what becomes of each list if that is kept.
struct Plan {
    content: Arc<Content>,
    /// Each list's fate, with the session right after it.
    lists: Vec<(Applied, Arc<Content>)>,
    /// The hash of the secret that the round puts in force.
    secret: Option<Digest>,
}

impl Plan {
    fn new(batch: &[Arc<Entry>], loaded: &Loaded, now: Timestamp, context: &Context) -> Self {
        let mut content = loaded.content.clone();
        let lists = batch
            .iter()
            .map(|entry| (entry.list.apply(&mut content, now, &context.config), content.clone()))
            .collect();
        let secret = (content.facts.secret != loaded.content.facts.secret).then_some(content.facts.secret);
        Self { content, lists, secret }
    }

    /// Writes what changed, or that the session was used, or nothing; returns the session as it is kept.
    async fn write(
        &self,
        context: &Context,
        key: &Key,
        loaded: &Loaded,
        now: Timestamp,
        batch: &[Arc<Entry>],
    ) -> Result<Loaded> {
        let accessed_at = loaded.accessed_at.max(now);
        if !self.changes_nothing(loaded) {
            let (content, expected) = (&self.content, loaded.revision);
            let record = content.to_record(key, accessed_at, &context.config);
            batch.iter().for_each(|entry| entry.doubt(true));
            let saved = Swap { context, key, content, record, expected, now }.run(self.secret).await;
            batch.iter().for_each(|entry| entry.doubt(false));
            return saved;
        }
        if !self.is_used() || !loaded.wants_touch(now, &context.config) {
            return Ok(loaded.clone());
        }
        let expires_at = self.content.facts.expires_at(accessed_at, &context.config);
        let revision = context.touch(key, loaded.revision, accessed_at, expires_at, now).await?;
        Ok(Loaded { content: self.content.clone(), accessed_at, revision })
    }

    fn changes_nothing(&self, loaded: &Loaded) -> bool {
        self.content == loaded.content
    }

    /// Returns whether anybody who may use the session does.
    fn is_used(&self) -> bool {
        self.lists.iter().any(|(applied, _)| matches!(applied, Applied::In { .. }))
    }

    fn settle(self, batch: &[Arc<Entry>], key: &Key, kept: &Loaded) {
        for (entry, (applied, content)) in batch.iter().zip(self.lists) {
            if matches!(applied, Applied::In { new_secret: true, .. }) {
                match entry.list.login() {
                    Some(_) => Event::LoggedIn { key }.say(),
                    None => Event::Rotated { key }.say(),
                }
            }
            entry.settle(match applied {
                Applied::In { standing, new_secret } => Verdict::Kept(Arc::new(Kept {
                    key: *key,
                    loaded: kept.clone(),
                    read: content,
                    standing,
                    ticket: entry.list.ticket.clone().filter(|_| new_secret),
                })),
                Applied::Refused { standing } => Verdict::Gone { standing: Some(standing) },
                Applied::Detached { standing } => Verdict::Detached { standing: Some(standing) },
                Applied::Failed(error) => Verdict::Failed(error),
            });
        }
    }
}
