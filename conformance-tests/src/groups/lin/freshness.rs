//! What a load sees that is called after an acknowledged write.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use session_core::{Error, Expect, Result, Revision, Store, Stored, Timestamp};
use tokio::task::{JoinSet, yield_now};

use crate::{
    ctx::Ctx,
    fixture::{Subject, subject},
    outcome::{Outcome, Stop},
};

/// One session is created, saved, touched, saved and deleted, over and over, while 256 loads of it are waiting: a store that
/// answers several loads at once must not let a load join those that were sent before it was called.
pub(super) async fn a_load_called_after_an_ok_sees_it(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let life = Arc::new(Life { subject: subject(ctx), start: now, begun: 0.into(), done: 0.into() });
    let mut revision = life.step(store, 0, None).await?;
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        readers.spawn(Arc::clone(&life).read(ctx.shared_store()));
    }
    for round in ctx.rounds(25, 5_000) {
        let number = round as u64 + 1;
        revision = life.step(store, number, revision).await?;
        if number.is_multiple_of(2) {
            // Otherwise it is a reader that loads first after the write.
            let found = store.load(&life.subject.key, now).await?;
            ctx.check(
                1,
                life.allows(found.as_ref(), number, number),
                "the writer's own load missed its write",
            );
        }
        yield_now().await;
    }
    life.begun.store(Life::OVER, Ordering::SeqCst);
    while let Some(end) = readers.join_next().await {
        let missed = end.map_err(|error| Stop::Failed(format!("a reader panicked: {error}")))??;
        ctx.check(
            2,
            missed == 0,
            format_args!("{missed} loads of one reader missed a write acknowledged before"),
        );
    }
    life.step_out(store).await
}

/// How many loads are waiting at any time.
const READERS: usize = 256;

/// The life of one session in numbered steps. The time of access is the number of the step.
struct Life {
    subject: Subject,
    start: Timestamp,
    /// The step that was begun last.
    begun: AtomicU64,
    /// The step that was acknowledged last.
    done: AtomicU64,
}

impl Life {
    /// The number of `begun` when there will be no more steps.
    const OVER: u64 = u64::MAX;

    /// Takes a step: creates, saves, touches, saves or deletes.
    async fn step(
        &self,
        store: &dyn Store,
        number: u64,
        before: Option<Revision>,
    ) -> Result<Option<Revision>> {
        self.begun.store(number, Ordering::SeqCst);
        let revision = self.write(store, number, before).await?;
        self.done.store(number, Ordering::SeqCst);
        Ok(revision)
    }

    async fn write(
        &self,
        store: &dyn Store,
        number: u64,
        before: Option<Revision>,
    ) -> Result<Option<Revision>> {
        let (key, now, accessed_at) = (&self.subject.key, self.start, self.time_of(number));
        let mut record = self.subject.with_data(number.to_be_bytes()).record;
        record.accessed_at = accessed_at;
        let revision = match (number % 5, before) {
            (4, _) => return store.delete(key).await.map(|()| None),
            (0, None) => store.save(key, &record, Expect::Absent, now).await?,
            (2, Some(before)) => store.touch(key, before, accessed_at, record.expires_at, now).await?,
            (_, Some(before)) => store.save(key, &record, Expect::Revision(before), now).await?,
            (_, None) => return Err(Error::Missing),
        };
        Ok(Some(revision))
    }

    /// Loads until the life is over, and returns how many loads missed a write that was acknowledged before they were called.
    async fn read(self: Arc<Self>, store: Arc<dyn Store>) -> Result<usize> {
        let mut missed = 0;
        loop {
            let done = self.done.load(Ordering::SeqCst);
            let found = store.load(&self.subject.key, self.start).await?;
            let begun = self.begun.load(Ordering::SeqCst);
            if begun == Self::OVER {
                return Ok(missed);
            }
            missed += usize::from(!self.allows(found.as_ref(), done, begun));
            yield_now().await;
        }
    }

    /// Returns whether this can be found while the steps from `done` to `begun` are taken.
    fn allows(&self, found: Option<&Stored>, done: u64, begun: u64) -> bool {
        (done..=begun).any(|number| match found {
            None => number % 5 == 4,
            Some(found) => self.is_after(found, number),
        })
    }

    fn is_after(&self, found: &Stored, number: u64) -> bool {
        let written = if number % 5 == 2 { number - 1 } else { number };
        number % 5 != 4
            && found.record.accessed_at == self.time_of(number)
            && found.record.data == written.to_be_bytes()[..]
    }

    fn time_of(&self, number: u64) -> Timestamp {
        self.start + Duration::from_millis(number)
    }

    async fn step_out(&self, store: &dyn Store) -> Outcome {
        Ok(store.delete(&self.subject.key).await?)
    }
}
