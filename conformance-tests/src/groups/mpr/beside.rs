//! What one process may do at any time without harm to the other.

use std::sync::atomic::{AtomicBool, Ordering};

use session_core::{Expect, Key, Owner, Record, Result, Revision, Store, Timestamp};

use crate::{
    ctx::{Ctx, directory_of},
    fixture::{owner, race, shift, subject},
    outcome::Outcome,
    process::Second,
};

/// One process saves a session again and again, long and short; every load of the other one finds one of these saves, whole.
pub(super) async fn a_reader_beside_a_writer_sees_whole_sessions(ctx: &Ctx) -> Outcome {
    let second = ctx.second_process().await?;
    let there = second.open(ctx.namespace()).await?;
    let (here, there, now) = (ctx.store(), &*there as &dyn Store, ctx.now());
    for round in ctx.rounds(4, 100) {
        let (writer, reader) = if round % 2 == 0 { (here, there) } else { (there, here) };
        let (key, is_done) = (subject(ctx).key, AtomicBool::new(false));
        let created = writer.save(&key, &filled(ctx, 0), Expect::Absent, now).await?;
        let both = |task: usize| {
            let is_done = &is_done;
            async move {
                if task == 0 {
                    let written = ctx.answered(4, write(ctx, writer, &key, created)).await;
                    is_done.store(true, Ordering::SeqCst);
                    return Ok(written??);
                }
                while !is_done.load(Ordering::SeqCst) {
                    look(ctx, reader, &key).await;
                }
                Ok(())
            }
        };
        race(2, both).await?.into_iter().collect::<Outcome>()?;
        here.delete(&key).await?;
    }
    Ok(())
}

/// Saves the session many times.
async fn write(ctx: &Ctx, store: &dyn Store, key: &Key, mut revision: Revision) -> Result<()> {
    for fill in 1..40 {
        revision = store.save(key, &filled(ctx, fill), Expect::Revision(revision), ctx.now()).await?;
    }
    Ok(())
}

/// Returns a record whose bytes are all the same and say how many there are.
fn filled(ctx: &Ctx, fill: u8) -> Record {
    let len = if fill.is_multiple_of(2) { 9_000 } else { 10 } + usize::from(fill);
    Record { data: vec![fill; len].into(), owner: owner("ada"), ..subject(ctx).record }
}

/// Looks at the session once, in every way there is.
async fn look(ctx: &Ctx, store: &dyn Store, key: &Key) {
    let (now, found) = (ctx.now(), store.load(key, ctx.now()).await);
    let is_there = matches!(found, Ok(Some(_)));
    ctx.check(
        1,
        is_there,
        format_args!("while it is saved by the other process, a load is answered {}", brief(&found)),
    );
    if let Ok(Some(found)) = found {
        let fill = found.record.data.first().copied().unwrap_or(u8::MAX);
        ctx.check(2, found.record == filled(ctx, fill), "a load finds something that no process has saved");
    }
    if let (true, Ok(ada)) = (ctx.caps().directory, Owner::new("ada")) {
        let Ok(directory) = directory_of(store) else { return };
        let owned = directory.owned_by(&ada, now).await;
        let is_listed = owned.as_ref().is_ok_and(|owned| owned.len() == 1);
        let words = owned.map(|owned| format!("{} sessions", owned.len()));
        ctx.check(
            3,
            is_listed,
            format_args!("while it is saved by the other process, its owner has {words:?}"),
        );
    }
}

fn brief<T>(found: &Result<Option<T>>) -> String {
    match found {
        Ok(found) => format!("Ok, {}", if found.is_some() { "it is there" } else { "it is not there" }),
        Err(error) => format!("{error:?}"),
    }
}

/// One process opens and closes the store again and again, and sweeps what is dead, which is nothing; the other one works on as if
/// it were alone.
pub(super) async fn opening_and_closing_disturbs_nobody(ctx: &Ctx) -> Outcome {
    let second = ctx.second_process().await?;
    let (here, now, is_done) = (ctx.store(), ctx.now(), AtomicBool::new(false));
    for _ in ctx.rounds(3, 100) {
        is_done.store(false, Ordering::SeqCst);
        let both = |task: usize| {
            let (second, is_done) = (&second, &is_done);
            async move {
                if task == 0 {
                    let worked = ctx.answered(2, work(ctx, here)).await;
                    is_done.store(true, Ordering::SeqCst);
                    return worked;
                }
                while !is_done.load(Ordering::SeqCst) {
                    ctx.answered(2, open_and_close(ctx, second, now)).await??;
                }
                Ok(Ok(()))
            }
        };
        for end in race(2, both).await? {
            let end = end?;
            ctx.check(
                1,
                end.is_ok(),
                format_args!("while the other process opened and closed the store: {end:?}"),
            );
        }
    }
    Ok(())
}

async fn open_and_close(ctx: &Ctx, second: &Second, now: Timestamp) -> Result<()> {
    let there = second.open(ctx.namespace()).await?;
    there.delete_expired(now, usize::MAX).await?;
    there.close().await
}

/// Creates, saves, touches and deletes a session, several times.
async fn work(ctx: &Ctx, store: &dyn Store) -> Result<()> {
    let (subject, now) = (subject(ctx), ctx.now());
    let (key, end) = (&subject.key, shift(subject.record.expires_at, 1));
    for fill in 0..8 {
        let created = subject.create(store, now).await?.revision;
        let saved = store.save(key, &filled(ctx, fill), Expect::Revision(created), now).await?;
        let touched = store.touch(key, saved, now, end, now).await?;
        let found = store.load(key, now).await?;
        let is_mine = found
            .is_some_and(|found| found.revision == touched && found.record.data == filled(ctx, fill).data);
        ctx.check(
            1,
            is_mine,
            "what was written while the other process opened and closed the store is not there",
        );
        store.delete(key).await?;
    }
    Ok(())
}
