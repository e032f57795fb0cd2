//! The save of a list that is alone, without a line while the store answers at once.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::Poll,
};

use bytes::Bytes;

use super::{Entry, Join, Kept, Standing, Verdict, round};
use crate::{
    Error, Expect,
    context::Context,
    event::Event,
    frame::{Content, Loaded},
};

/// A list that is alone, and the session as its handle shows it, which is what the list makes of what was loaded.
///
/// Most sessions are changed by one request at a time, and a store in memory answers when it is first asked. Then
/// nothing has to be shared between tasks. When somebody else is there after all, the compare-and-swap finds out.
#[derive(Debug)]
pub(crate) struct Lone {
    pub(crate) entry: Arc<Entry>,
    pub(crate) loaded: Loaded,
    pub(crate) content: Arc<Content>,
    /// The content as it is to be stored.
    pub(crate) data: Bytes,
}

impl Lone {
    /// Saves what it shows, and returns the verdict on the list.
    pub(crate) async fn run(self, context: &Arc<Context>) -> Verdict {
        let entry = self.entry.clone();
        let mut save: round::Saving = Box::pin(self.save(context.clone()));
        // The first poll is the only one that is not shared. It runs outside every lock, as all that is the store's.
        let polled = poll_fn(|cx| {
            Poll::Ready(
                catch_unwind(AssertUnwindSafe(|| save.as_mut().poll(cx))).unwrap_or(Poll::Ready(None)),
            )
        })
        .await;
        if polled.is_pending() {
            // It waits before the save can be shared, so that somebody holds it.
            let join = Join::new(context.clone(), entry.clone());
            entry.line(&context.lines).adopt(&entry, save);
            return join.await;
        }
        entry.land()
    }

    async fn save(self, context: Arc<Context>) -> Option<Loaded> {
        let Self { entry, loaded, content, data } = self;
        let (key, now) = (entry.key?, context.now());
        let accessed_at = loaded.accessed_at.max(now);
        let record = content.record_of(data, accessed_at, &context.config);
        entry.doubt(true);
        let saved = context.save(&key, &record, Expect::Revision(loaded.revision), now).await;
        entry.doubt(false);
        match saved {
            Ok(revision) => {
                Event::Kept { key: &key, replays: 0 }.say();
                let read = content.clone();
                let loaded = Loaded { content, accessed_at, revision };
                let (standing, kept) = (Standing::Live, loaded.clone());
                entry.settle(Verdict::Kept(Arc::new(Kept { key, loaded, read, standing, ticket: None })));
                Some(kept)
            }
            // What it shows is old: from here on it is a round like any other, which nearly none becomes.
            Err(Error::Conflict) => Box::pin(round::run(context, key, vec![entry], None)).await,
            Err(Error::Missing) => round::gone(&[entry]),
            Err(error) => round::fail(&[entry], &error),
        }
    }
}
