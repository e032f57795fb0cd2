//! The first save of a session.

use std::sync::Arc;

use super::{Entry, Kept, Standing, Verdict};
use crate::{
    Error, Expect, Result, SessionId,
    context::Context,
    event::Event,
    frame::{Content, Loaded},
    ticket::Digest,
};

/// How many fresh keys are tried. A key that exists already is a broken source of randomness.
const KEYS_MAX: usize = 3;

/// Saves a new session that starts from `start` with the changes of `entry`, and settles it.
pub(crate) async fn run(context: Arc<Context>, entry: Arc<Entry>, start: Content) {
    let verdict = match create(&context, &entry, start).await {
        Ok(kept) => Verdict::Kept(Arc::new(kept)),
        Err(error) => Verdict::Failed(error),
    };
    entry.settle(verdict);
}

/// A first save whose answer is unknown is tried again under a fresh key, never under its own: the lost record, if
/// there is one, opens for nobody, and expires.
async fn create(context: &Context, entry: &Entry, mut start: Content) -> Result<Kept> {
    let mut last = Error::Exists;
    for _ in 0..KEYS_MAX {
        let now = context.now();
        let ticket = SessionId::generate()?;
        start.facts.created_at = now;
        start.facts.secret = Digest::new(&ticket, &context.config.secret_keys);
        let content = Arc::new(entry.list.create(&start, now, &context.config)?);
        let record = content.to_record(&ticket.key(), now, &context.config);
        match context.save(&ticket.key(), &record, Expect::Absent, now).await {
            Ok(revision) => {
                let loaded = Loaded { content: content.clone(), accessed_at: now, revision };
                let (key, standing) = (ticket.key(), Standing::Live);
                Event::Created { key: &key }.say();
                if entry.list.login().is_some() {
                    Event::LoggedIn { key: &key }.say();
                }
                return Ok(Kept { key, loaded, read: content, standing, ticket: Some(ticket) });
            }
            Err(error) if error.is_unknown() || matches!(error, Error::Exists) => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}
