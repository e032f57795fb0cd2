//! One round: many lists, one compare-and-swap, again on newer data after a conflict.

use std::sync::Arc;

use super::{Entry, Kept, Line, Verdict, entry::Doubt, list::Applied};
use crate::{
    Error, Expect, Key, Record, Result, Revision, Timestamp,
    context::Context,
    frame::{Content, Loaded},
    ticket::Digest,
};

/// How often a round is replayed on newer data before it gives up.
///
/// On a store as fast as a map, a process that loses needs more than a hundred now and then, because the winner need
/// not load before it saves. Whoever commits may bound the time as well.
const REPLAYS_MAX: usize = 1_000;

/// How often a save that puts a secret in force is looked for when its answer was lost.
const LOOKS_MAX: usize = 100;

/// Saves the lists of `batch` on top of `loaded`, and settles every entry.
pub(crate) async fn run(
    context: Arc<Context>,
    key: Key,
    line: Arc<Line>,
    batch: Vec<Arc<Entry>>,
    mut loaded: Loaded,
    doubt: Doubt,
) {
    let mut fresh = false;
    for _ in 0..=REPLAYS_MAX {
        let now = context.now();
        let plan = Plan::new(&batch, &loaded, now, &context);
        let written = match plan.changes_nothing(&loaded) && !fresh && has_changes(&batch) {
            // What equals an old state may differ from the present one, and the later commit wins.
            true => Err(Error::Conflict),
            false => plan.write(&context, &key, &loaded, now, &doubt).await,
        };
        match written {
            Ok(kept) => {
                line.remember(Some(kept.clone()));
                return plan.settle(&batch, &key, &kept);
            }
            Err(Error::Conflict) => match context.load(&key).await {
                Ok(Some(newer)) => (loaded, fresh) = (newer, true),
                Ok(None) => return gone(&line, &batch),
                Err(error) => return fail(&line, &batch, &error),
            },
            Err(Error::Missing) => return gone(&line, &batch),
            Err(error) => return fail(&line, &batch, &error),
        }
    }
    fail(&line, &batch, &Error::Conflict);
}

fn has_changes(batch: &[Arc<Entry>]) -> bool {
    batch.iter().any(|entry| !entry.list.changes.is_empty())
}

fn gone(line: &Line, batch: &[Arc<Entry>]) {
    line.remember(None);
    for entry in batch {
        entry.settle(match entry.list.login() {
            Some(_) => Verdict::Detached { standing: None },
            None => Verdict::Gone { standing: None },
        });
    }
}

fn fail(line: &Line, batch: &[Arc<Entry>], error: &Error) {
    line.remember(None);
    for entry in batch {
        entry.settle(Verdict::Failed(error.clone()));
    }
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
        doubt: &Doubt,
    ) -> Result<Loaded> {
        let accessed_at = loaded.accessed_at.max(now);
        if !self.changes_nothing(loaded) {
            let record = self.content.to_record(key, accessed_at, &context.config);
            doubt.set(true);
            let saved = self.save(context, key, &record, loaded.revision, now).await;
            doubt.set(false);
            return saved;
        }
        if !self.is_used() || !loaded.wants_touch(now, &context.config) {
            return Ok(loaded.clone());
        }
        let expires_at = self.content.facts.expires_at(accessed_at, &context.config);
        let revision = context.store.touch(key, loaded.revision, accessed_at, expires_at, now).await?;
        Ok(Loaded { content: self.content.clone(), accessed_at, revision })
    }

    fn changes_nothing(&self, loaded: &Loaded) -> bool {
        self.content == loaded.content
    }

    /// Returns whether anybody who may use the session does.
    fn is_used(&self) -> bool {
        self.lists.iter().any(|(applied, _)| matches!(applied, Applied::In { .. }))
    }

    /// Saves `record`. Where that puts a secret in force, it is not left open whether it landed.
    async fn save(
        &self,
        context: &Context,
        key: &Key,
        record: &Record,
        expected: Revision,
        now: Timestamp,
    ) -> Result<Loaded> {
        let save = || context.store.save(key, record, Expect::Revision(expected), now);
        let mut saved = save().await;
        for look in 0..LOOKS_MAX {
            let Some(secret) = self.secret.filter(|_| is_open(&saved, look) && in_time(context, now)) else {
                break;
            };
            match context.load(key).await {
                Ok(Some(found)) if found.content.facts.has_had(&secret) => return Ok(found),
                // It may still land, so the same bytes go out again: only one of the two can.
                Ok(Some(found)) if found.revision == expected => saved = save().await,
                // Another write came first: the one that was lost can never land.
                Ok(Some(_)) => return Err(Error::Conflict),
                Ok(None) => return Err(Error::Missing),
                Err(_) => {}
            }
        }
        saved.map(|revision| self.saved(record, revision))
    }

    fn saved(&self, record: &Record, revision: Revision) -> Loaded {
        Loaded { content: self.content.clone(), accessed_at: record.accessed_at, revision }
    }

    fn settle(self, batch: &[Arc<Entry>], key: &Key, kept: &Loaded) {
        for (entry, (applied, content)) in batch.iter().zip(self.lists) {
            entry.settle(match applied {
                Applied::In { standing, new_secret } => Verdict::Kept(Box::new(Kept {
                    key: *key,
                    loaded: kept.clone(),
                    read: content,
                    standing,
                    ticket: entry.list.ticket(*key).filter(|_| new_secret),
                })),
                Applied::Refused { standing } => Verdict::Gone { standing: Some(standing) },
                Applied::Detached { standing } => Verdict::Detached { standing: Some(standing) },
                Applied::Failed(error) => Verdict::Failed(error),
            });
        }
    }
}

/// Returns whether a save may have landed: its answer was lost, or a lost one was sent again and met a conflict, which
/// may be with itself.
fn is_open(saved: &Result<Revision>, looks: usize) -> bool {
    match saved {
        Err(Error::Conflict) => looks > 0,
        Err(error) => error.is_unknown(),
        Ok(_) => false,
    }
}

fn in_time(context: &Context, since: Timestamp) -> bool {
    context.now().since(since) < context.config.store_timeout
}
