//! Many tasks in two processes.

use std::sync::Arc;

use session_core::{Error, Expect, Key, Record, Revision, Store, Stored, Timestamp};

use crate::{
    ctx::Ctx,
    fixture::{Subject, crowd, race, random_keys, shift, subject},
    linearize::{Client, Mix, Recorder},
    outcome::{Outcome, Stop},
};

/// Three tasks in each process add one to a number, again and again; each addition is there in the end.
pub(super) async fn increments_of_two_processes_add_up(ctx: &Ctx) -> Outcome {
    let second = ctx.second_process().await?;
    let there = second.open(ctx.namespace()).await?;
    let (store, now, subject) = (ctx.store(), ctx.now(), subject(ctx).with_data(0_u64.to_be_bytes()));
    subject.create(store, now).await?;
    let there: &dyn Store = &*there;
    let add = |task: usize| {
        let store = if task.is_multiple_of(2) { store } else { there };
        ctx.answered(2, add_many(store, &subject, now, 40))
    };
    let added: Vec<_> = race(6, add).await?.into_iter().collect::<Outcome<_>>()?;
    let added = added.into_iter().sum::<Result<u64, Error>>()?;
    let found = store.load(&subject.key, now).await?.ok_or(Error::Missing)?;
    ctx.same(1, &number(&found.record)?, &added, "the sum of what two processes added");
    Ok(())
}

/// Adds one so many times, and returns how many were acknowledged.
async fn add_many(store: &dyn Store, subject: &Subject, now: Timestamp, times: u64) -> Result<u64, Error> {
    for _ in 0..times {
        loop {
            let found = store.load(&subject.key, now).await?.ok_or(Error::Missing)?;
            let next = number(&found.record).unwrap_or_default() + 1;
            let record = subject.with_data(next.to_be_bytes()).record;
            match store.save(&subject.key, &record, Expect::Revision(found.revision), now).await {
                Ok(_) => break,
                Err(Error::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(times)
}

fn number(record: &Record) -> Outcome<u64> {
    let bytes = record.data.first_chunk().ok_or_else(|| Stop::Failed("the number is cut off".to_owned()))?;
    Ok(u64::from_be_bytes(*bytes))
}

/// Both processes create the same session at the same time, again and again: one of them does.
pub(super) async fn one_of_two_creators_wins(ctx: &Ctx) -> Outcome {
    let second = ctx.second_process().await?;
    let there = second.open(ctx.namespace()).await?;
    let (mut rng, now, here, there) = (ctx.rng(), ctx.now(), ctx.store(), &*there as &dyn Store);
    for _ in ctx.rounds(50, 1_000) {
        let Some(key) = random_keys(&mut rng, 1).pop() else { break };
        let create = |task: usize| {
            let (store, data) = if task == 0 { (here, "created here") } else { (there, "created there") };
            let subject = Subject { key, ..subject(ctx) }.with_data(data);
            async move { subject.create(store, now).await }
        };
        let answers = race(2, create).await?;
        let won: Vec<_> = answers.iter().flatten().collect();
        ctx.same(1, &won.len(), &1, "how many of two creators in two processes were told Ok");
        let lost = answers.iter().filter(|answer| matches!(answer, Err(Error::Exists))).count();
        ctx.same(2, &lost, &1, "how many of them were told Exists");
        if let [stored] = won[..] {
            ctx.finds(3, ctx.store(), &key, now, Some(stored), "what one of them created").await;
        }
        ctx.store().delete(&key).await?;
    }
    Ok(())
}

/// Random calls of two processes for the same sessions have one order.
pub(super) async fn clients_of_two_processes_see_one_order(ctx: &Ctx) -> Outcome {
    let second = ctx.second_process().await?;
    let there = second.open(ctx.namespace()).await?;
    let mut rng = ctx.rng();
    for _ in ctx.rounds(10, 100) {
        let keys = random_keys(&mut rng, 1);
        let here = Recorder::new(ctx.shared_store());
        let beside = here.beside(Arc::clone(&there) as Arc<dyn Store>);
        let work = |name: usize| {
            let recorder = if name.is_multiple_of(2) { &here } else { &beside };
            let mut client = Client::new(recorder, (&rng, name), Mix::ShortLived, &keys, ctx.now());
            async move { client.work(25).await }
        };
        race(4, work).await?;
        look(&here, &keys, ctx.now()).await;
        look(&beside, &keys, ctx.now()).await;
        for history in here.histories().values() {
            ctx.has_an_order(1, history)?;
        }
        for key in &keys {
            ctx.store().delete(key).await?;
        }
    }
    Ok(())
}

async fn look(recorder: &Recorder, keys: &[Key], now: Timestamp) {
    for key in keys {
        let _ = recorder.load(key, now).await;
    }
}

/// One process sweeps what is about to die while the other keeps it alive: whatever was touched in time is there.
pub(super) async fn a_sweep_spares_what_another_process_keeps_alive(ctx: &Ctx) -> Outcome {
    let second = ctx.second_process().await?;
    let there = second.open(ctx.namespace()).await?;
    let (now, later) = (ctx.now(), shift(ctx.now(), 1_000));
    let (here, there) = (ctx.store(), &*there as &dyn Store);
    for round in ctx.rounds(8, 200) {
        let (keeper, sweeper) = if round % 2 == 0 { (here, there) } else { (there, here) };
        let mut dying = Vec::new();
        for subject in crowd(ctx, 12) {
            let subject = subject.expiring(later);
            let revision = subject.create(sweeper, now).await?.revision;
            dying.push((subject, revision));
        }
        // A first look lets a store remember what must not be remembered.
        sweeper.delete_expired(now, usize::MAX).await?;
        // Some are kept alive before the sweep begins, the others while it is at work.
        let (early, late) = dying.split_at(4);
        let mut kept = ctx.answered(3, keep_alive(keeper, early, now)).await??;
        let both = |task: usize| async move {
            if task == 0 {
                ctx.answered(3, keep_alive(keeper, late, now)).await
            } else {
                ctx.answered(3, sweep(sweeper, later)).await
            }
        };
        for end in race(2, both).await? {
            kept.extend(end??);
        }
        for (subject, revision) in dying {
            let touched = kept.iter().find(|(key, _)| *key == subject.key).map(|(_, revision)| *revision);
            let record = Record { accessed_at: now, expires_at: shift(later, 1), ..subject.record.clone() };
            let expected = touched.map(|revision| Stored { record, revision });
            ctx.check(
                2,
                touched.is_none_or(|touched| touched > revision),
                "a touch did not raise the revision",
            );
            let what = "touched by one process while the other swept";
            ctx.finds(1, here, &subject.key, later, expected.as_ref(), what).await;
            here.delete(&subject.key).await?;
        }
    }
    Ok(())
}

type Kept = Vec<(Key, Revision)>;

/// Touches each session while it is alive, and returns those that were in time.
async fn keep_alive(store: &dyn Store, dying: &[(Subject, Revision)], now: Timestamp) -> Result<Kept, Error> {
    let mut kept = Vec::new();
    for (subject, revision) in dying {
        let end = shift(subject.record.expires_at, 1);
        match store.touch(&subject.key, *revision, now, end, now).await {
            Ok(revision) => kept.push((subject.key, revision)),
            Err(Error::Missing) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(kept)
}

async fn sweep(store: &dyn Store, later: Timestamp) -> Result<Kept, Error> {
    for _ in 0..3 {
        store.delete_expired(later, usize::MAX).await?;
    }
    Ok(Vec::new())
}
