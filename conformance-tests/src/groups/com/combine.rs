//! Commits that meet: every change once, whoever is dropped, idle or panicking.

use std::{
    panic::resume_unwind,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use session_core::{Config, Error, Found, Result, Session};

use super::TURNS;
use crate::{
    ctx::Ctx,
    faulty::{Fault, Gate, Verb},
    fixture::{Commit, End, Lab, add_one, race, shuffle},
    outcome::Outcome,
};

/// The one who drives the save is dropped, stops polling or panics: the others get their answer, and nothing is doubled.
pub(super) async fn everyone_is_answered_whoever_polls_goes_away(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for turn in 0..TURNS + 1 {
        let lab = Lab::new(ctx, &mut rng)?;
        let (cookie, first, second) = (lab.visitor().await?, Gate::default(), Gate::default());
        let (blocker, leader, follower) =
            (lab.open(&cookie).await?, lab.open(&cookie).await?, lab.open(&cookie).await?);
        let other = lab.other_process()?.open(&cookie).await?;
        for session in [&blocker, &leader, &follower, &other] {
            add_one(session)?;
        }
        lab.store.script(Verb::Save, [Fault::HoldBefore(first.clone())]);
        let (mut blocking, mut leading, mut following) =
            (Commit::of(&blocker), Commit::of(&leader), Commit::of(&follower));
        blocking.until(&first).await;
        leading.once().await;
        following.once().await;
        lab.ends(1, &other, End::Keep, "another process").await;
        first.open();
        lab.ended(1, &blocking.end().await, &blocker, End::Keep, "the round before");
        lab.store.script(Verb::Save, [Fault::HoldAfter(second.clone())]);
        leading.until(&second).await;
        match turn % 3 {
            0 => drop(leading),
            1 => drop(tokio::spawn(panic_with(leading)).await),
            // It is neither dropped nor polled until all is over.
            _ => {
                second.open();
                lab.ended(2, &following.end().await, &follower, End::Keep, "one who waits for an idle one");
                following = leading;
            }
        }
        second.open();
        lab.ended(2, &following.end().await, &follower, End::Keep, "one who waits for others");
        lab.ends(3, &leader, End::Keep, "a commit that goes on where a dropped one stopped").await;
        lab.finds(4, &cookie, (Found::Live, Some(4)), "after commits of which one went away").await;
    }
    Ok(())
}

/// Panics with a commit under way; no panic hook is called, so the report stays readable.
async fn panic_with(commit: Commit) {
    let _commit = commit;
    resume_unwind(Box::new("the handler panics"))
}

/// A closure that panics at the replay, a value of another type, a session that grew too large: the others are kept.
pub(super) async fn what_fails_in_one_list_fails_its_owner_only(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let (cookie, gate) = (lab.visitor().await?, Gate::default());
        let (blocker, other) = (lab.open(&cookie).await?, lab.other_process()?.open(&cookie).await?);
        let mut lists = vec![(lab.open(&cookie).await?, End::Keep), (lab.open(&cookie).await?, End::Keep)];
        for fail in [panics_at_the_replay, finds_another_type, grows_too_large] {
            let session = lab.open(&cookie).await?;
            fail(&session)?;
            lists.push((session, End::Failed));
        }
        for (session, _) in lists.iter().filter(|(_, end)| *end == End::Keep) {
            add_one(session)?;
        }
        add_one(&blocker)?;
        other.insert("text", &7)?;
        shuffle(&mut lists, &mut rng);
        lab.store.script(Verb::Save, [Fault::HoldBefore(gate.clone())]);
        let mut blocking = Commit::of(&blocker);
        blocking.until(&gate).await;
        let mut commits: Vec<Commit> = lists.iter().map(|(session, _)| Commit::of(session)).collect();
        for commit in &mut commits {
            commit.once().await;
        }
        lab.ends(1, &other, End::Keep, "another process").await;
        gate.open();
        lab.ended(1, &blocking.end().await, &blocker, End::Keep, "the round before");
        for (commit, (session, end)) in commits.into_iter().zip(&lists) {
            lab.ended(2, &commit.end().await, session, *end, "a list beside some that fail");
            session.discard();
        }
        lab.finds(3, &cookie, (Found::Live, Some(3)), "after lists of which some failed").await;
        let names = lab.open(&cookie).await?.names();
        ctx.same(4, &names, &["ballast", "count", "text"].map(str::to_owned).into(), "the names in the end");
    }
    Ok(())
}

fn panics_at_the_replay(session: &Session) -> Result<()> {
    let ran = AtomicBool::new(false);
    session.update("count", move |count: &mut u64| {
        if ran.swap(true, Ordering::SeqCst) {
            resume_unwind(Box::new("runs once only"));
        }
        *count += 100;
    })
}

fn finds_another_type(session: &Session) -> Result<()> {
    session.insert("theme", "dark")?;
    session.update("text", |text: &mut String| text.push('x'))
}

fn grows_too_large(session: &Session) -> Result<()> {
    session.insert("large", &"x".repeat(70_000))
}

/// Eight threads of two processes, each with a handle per increment, beside a sweep: the sum is exact.
pub(super) async fn increments_from_threads_and_processes_add_up(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in ctx.rounds(2, 10) {
        let lab = Lab::new(ctx, &mut rng)?;
        let (cookie, other) = (lab.visitor().await?, lab.other_process()?);
        let (labs, cookie, at_work) = ([&lab, &other], &cookie, &AtomicUsize::new(8));
        let added = race(9, |number| {
            let lab = labs.get(number % 2).copied();
            async move {
                match lab {
                    Some(lab) if number < 8 => {
                        let added = add(lab, cookie).await;
                        at_work.fetch_sub(1, Ordering::SeqCst);
                        added
                    }
                    Some(lab) => sweep(lab, at_work).await,
                    None => Ok(()),
                }
            }
        });
        for added in added.await? {
            ctx.check(1, added.is_ok(), format_args!("an increment was answered {added:?}"));
        }
        lab.finds(2, cookie, (Found::Live, Some(8 * EACH)), "after increments of eight threads").await;
    }
    Ok(())
}

async fn add(lab: &Lab<'_>, cookie: &str) -> Result<()> {
    for _ in 0..EACH {
        let session = lab.open(cookie).await?;
        add_one(&session)?;
        session.commit().await?;
    }
    Ok(())
}

/// Sweeps while somebody is at work, but not for ever.
async fn sweep(lab: &Lab<'_>, at_work: &AtomicUsize) -> Result<()> {
    for _ in 0..10_000 {
        if at_work.load(Ordering::SeqCst) == 0 {
            break;
        }
        lab.sessions.sweep().await?;
    }
    Ok(())
}

const EACH: u64 = 25;

/// What was taken is removed; what another request put there meanwhile is not.
pub(super) async fn take_spares_a_newer_value(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let session = lab.open(&cookie).await?;
        session.insert("flash", "saved")?;
        session.insert("stays", &1)?;
        lab.ends(1, &session, End::Keep, "a value to be taken").await;
        let (taking, newer) = (lab.open(&cookie).await?, lab.other_process()?.open(&cookie).await?);
        ctx.same(2, &taking.take::<String>("flash")?.as_deref(), &Some("saved"), "what was taken");
        newer.insert("flash", "newer")?;
        lab.ends(1, &newer, End::Keep, "a newer value").await;
        lab.ends(1, &taking, End::Keep, "taking an older value").await;
        let again = lab.open(&cookie).await?;
        ctx.same(3, &again.take::<String>("flash")?.as_deref(), &Some("newer"), "the newer value");
        lab.ends(1, &again, End::Keep, "taking the newer value").await;
        let names = lab.other_process()?.open(&cookie).await?.names();
        ctx.same(4, &names, &["ballast", "count", "stays"].map(str::to_owned).into(), "the names in the end");
    }
    Ok(())
}

/// The largest session that is accepted is also kept, whole; one byte more is refused, and the old one stays.
pub(super) async fn a_session_of_exactly_max_bytes_is_kept(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for max_bytes in [1_024, 40_000, 65_535, 65_536, 65_537, 200_000] {
        let config = Config { max_bytes, ..Config::default() };
        let lab = Lab::on(ctx, &mut rng, ctx.shared_store(), config)?;
        let session = lab.open("").await?;
        session.insert("name", "small")?;
        let cookie = lab.sets(1, &session, "a small session").await?;
        let overhead = size_of(&session, max_bytes).await?.saturating_sub(max_bytes);
        let session = lab.open(&cookie).await?;
        let mut bytes = max_bytes - overhead - 1;
        let refused = loop {
            session.insert("large", &"x".repeat(bytes + 1))?;
            match session.commit().await {
                Ok(()) => bytes += 1,
                Err(error) => break error,
            }
        };
        session.discard();
        let right = matches!(refused, Error::TooLarge { size, max } if size > max && max == max_bytes);
        ctx.check(1, right, format_args!("a session of more than {max_bytes} bytes: {refused:?}"));
        let found = lab.other_process()?.open(&cookie).await?.get::<String>("large")?.map_or(0, |x| x.len());
        ctx.same(1, &found, &bytes, format_args!("bytes of a value, in a session of {max_bytes}"));
    }
    Ok(())
}

/// Returns how many bytes the session takes with a value of `bytes` bytes, which is more than it may take.
async fn size_of(session: &Session, bytes: usize) -> Outcome<usize> {
    session.insert("large", &"x".repeat(bytes))?;
    let committed = session.commit().await;
    session.discard();
    match committed {
        Err(Error::TooLarge { size, .. }) => Ok(size),
        other => Ok(other.map(|()| bytes)?),
    }
}

/// A key that is there already is the sign of broken randomness: another one is tried, then it is an error.
pub(super) async fn a_key_that_is_taken_is_never_written_over(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for taken in [1, 2, 3] {
        let lab = Lab::new(ctx, &mut rng)?;
        let other = lab.visitor().await?;
        lab.store.script(Verb::Save, vec![Fault::Exists; taken]);
        let session = lab.open("").await?;
        add_one(&session)?;
        let end = if taken < 3 { End::Set } else { End::Failed };
        lab.ends(1, &session, end, format!("a first save that met {taken} keys in use")).await;
        if let (End::Set, Some(key)) = (end, session.key()) {
            let found = ctx.store().load(&key, ctx.now()).await;
            ctx.check(1, matches!(found, Ok(Some(_))), "a first save under another key is not there");
        }
        lab.finds(2, &other, (Found::Live, Some(0)), "another visitor").await;
    }
    Ok(())
}
