//! Answers that never came, failures that are certain, and both at random.

use std::sync::Arc;

use session_core::{Error, Found, Result, Session, Sessions};

use super::TURNS;
use crate::{
    ctx::Ctx,
    faulty::{Fault, FaultyStore, Verb},
    fixture::{Commit, End, Lab, add_one, race, shuffle},
    outcome::Outcome,
};

/// Nobody knows whether it landed, so it is not tried again: that would apply it twice.
pub(super) async fn a_list_that_answered_unknown_is_never_replayed(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    // The last two land when told: before another write, or after one, when they do not fit any more.
    let mut faults = [
        (Fault::UnknownLanded, 2),
        (Fault::UnknownLost, 1),
        (Fault::LandsLate(99), 2),
        (Fault::LandsLate(100), 1),
    ];
    shuffle(&mut faults, &mut rng);
    for (fault, count) in faults.iter().cycle().take(TURNS) {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let (session, other) = (lab.open(&cookie).await?, lab.other_process()?.open(&cookie).await?);
        lab.store.script(Verb::Save, [fault.clone()]);
        add_one(&session)?;
        let unknown = session.commit().await;
        lab.ended(1, &unknown, &session, End::Unknown, format!("a save with {fault:?}"));
        if *count == 2 {
            lab.store.settle().await;
        }
        add_one(&other)?;
        lab.ends(2, &other, End::Keep, format!("another write after {fault:?}")).await;
        lab.store.settle().await;
        lab.ends(3, &session, End::Keep, format!("another commit after {fault:?}")).await;
        lab.finds(4, &cookie, (Found::Live, Some(*count)), format!("after {fault:?}")).await;
    }
    Ok(())
}

/// A commit is dropped after any number of polls: a later one finds out, and nothing is lost or doubled.
pub(super) async fn a_dropped_commit_and_a_later_one_apply_once(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in ctx.rounds(3, 12) {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let mut known = Vec::new();
        for polls in 0..12 {
            let (session, name) = (lab.open(&cookie).await?, format!("name{polls}"));
            add_to(&session, &name)?;
            let mut dropped = Commit::of(&session);
            for _ in 0..polls {
                dropped.once().await;
            }
            drop(dropped);
            let end = End::of(&session.commit().await, &session);
            let told = matches!(end, End::Keep | End::Unknown);
            ctx.check(1, told, format_args!("a commit after one that was dropped ended as {end:?}"));
            known.push((name, end));
        }
        let reading = lab.other_process()?.open(&cookie).await?;
        for (name, end) in known {
            let value = reading.get::<u64>(&name)?;
            let right = value == Some(1) || (value.is_none() && end == End::Unknown);
            ctx.check(2, right, format_args!("a change that ended as {end:?} is there {value:?} times"));
        }
        lab.finds(3, &cookie, (Found::Live, Some(0)), "after commits that were dropped").await;
    }
    Ok(())
}

fn add_to(session: &Session, name: &str) -> Result<()> {
    session.update(name, |value: &mut u64| *value += 1)
}

/// What is known not to be kept stays with the handle, and the next commit keeps it, once.
pub(super) async fn what_certainly_failed_waits_for_the_next_commit(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for failures in 1..=TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let (session, other) = (lab.open(&cookie).await?, lab.other_process()?.open(&cookie).await?);
        for _ in 0..failures {
            add_one(&session)?;
            // The save fails, or the look at what another process wrote.
            let replay = rng.below(2) == 0;
            lab.store.script(Verb::Save, [if replay { Fault::Conflict } else { Fault::NotApplied }]);
            lab.store.script(Verb::Load, Some(Fault::NotApplied).filter(|_| replay));
            let failed = session.commit().await;
            lab.ended(1, &failed, &session, End::Failed, "a commit on a store that fails");
        }
        add_one(&other)?;
        lab.ends(1, &other, End::Keep, "another request").await;
        let conflicts = rng.index(30);
        lab.store.script(Verb::Save, vec![Fault::Conflict; conflicts]);
        lab.ends(1, &session, End::Keep, format!("a commit after {failures} failures")).await;
        let count = Some(1 + failures as u64);
        lab.finds(2, &cookie, (Found::Live, count), format!("after {failures} failures")).await;
    }
    Ok(())
}

/// Calls go wrong in all ways at random: Ok was kept once, a certain failure was not, and the rest at most once.
pub(super) async fn among_random_faults_every_answer_is_true(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in ctx.rounds(10, 60) {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let faulty = FaultyStore::by_chance(Arc::new(lab.store.clone()), rng.number(), 5);
        let mut processes = Vec::new();
        for _ in 0..2 {
            let sessions = Sessions::new(faulty.clone(), lab.sessions.config().clone())?;
            processes.push(sessions.with_clock(lab.clock.clone()));
        }
        let (processes, cookie) = (&processes, &cookie);
        let told = race(4, |number| async move {
            let mut told = Vec::new();
            for step in 0..6 {
                let name = format!("name{number}-{step}");
                if let Some(sessions) = processes.get(number % 2) {
                    told.push((add_through(sessions, cookie, &name).await, name));
                }
            }
            told
        });
        let told = told.await?.concat();
        faulty.calm();
        faulty.settle().await;
        let session = lab.open(cookie).await?;
        for (told, name) in told {
            let value = session.get::<u64>(&name)?;
            let (number, right) = match told {
                Ok(()) => (1, value == Some(1)),
                Err(ref error) if error.is_unknown() => (2, matches!(value, None | Some(1))),
                Err(_) => (3, value.is_none()),
            };
            ctx.check(number, right, format_args!("a change that was answered {told:?} is there: {value:?}"));
        }
        lab.finds(4, cookie, (Found::Live, Some(0)), "after random faults").await;
    }
    Ok(())
}

/// Opens the session, which may take several tries, and adds one to the value called `name`.
async fn add_through(sessions: &Sessions, cookie: &str, name: &str) -> Result<()> {
    let mut opened = sessions.open(&[cookie], None).await;
    for _ in 0..20 {
        match opened {
            Err(Error::Backend { .. }) => opened = sessions.open(&[cookie], None).await,
            opened => {
                let session = opened?;
                add_to(&session, name)?;
                let committed = session.commit().await;
                session.discard();
                return committed;
            }
        }
    }
    opened.map(drop)
}
