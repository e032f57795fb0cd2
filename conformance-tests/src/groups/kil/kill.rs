//! What a kill ends, and what it does not wait for.

use std::{panic::resume_unwind, time::Duration};

use session_core::{Clock, Error, Found, Timestamp};

use super::TURNS;
use crate::{
    ctx::Ctx,
    faulty::{Fault, Gate, Verb},
    fixture::{Commit, End, Lab, add_one, shuffle},
    outcome::Outcome,
};

/// A new visitor's kill leaves nothing behind, also when this very request stored the session or is about to.
pub(super) async fn a_kill_of_a_session_that_was_never_stored_touches_nothing(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let other = lab.visitor().await?;
        let (calls, gate) = (lab.store.calls(Verb::Save) + lab.store.calls(Verb::Delete), Gate::default());
        let (never, stored, storing) = (lab.open("").await?, lab.open("").await?, lab.open("").await?);
        for session in [&never, &stored, &storing] {
            add_one(session)?;
        }
        never.kill();
        lab.ends(1, &never, End::Keep, "a kill of a session that was never stored").await;
        let called = lab.store.calls(Verb::Save) + lab.store.calls(Verb::Delete) - calls;
        lab.sets(1, &stored, "a first save").await?;
        let key = stored.key();
        stored.kill();
        lab.ends(1, &stored, End::Keep, "a kill of a session that this request stored").await;
        lab.store.script(Verb::Save, [Fault::HoldAfter(gate.clone())]);
        let mut saving = Commit::of(&storing);
        saving.until(&gate).await;
        storing.kill();
        let mut killing = Commit::of(&storing);
        killing.once().await;
        gate.open();
        lab.ended(1, &killing.end().await, &storing, End::Keep, "a kill during the first save");
        drop(saving.end().await);
        if let Some(key) = key {
            ctx.finds(1, ctx.store(), &key, ctx.now(), None, "a session that its first request killed").await;
        }
        lab.finds(2, &other, (Found::Live, Some(0)), "another visitor").await;
        ctx.check(2, called == 0, "a kill of a session that was never stored reached the store");
    }
    Ok(())
}

/// First the old session is deleted, and only then the new one is kept, with nothing of the old one.
pub(super) async fn changes_after_a_kill_start_a_new_session(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let sessions = lab.sessions.clone().initial("theme", "light")?;
        let lab = Lab { sessions, ..lab };
        let cookie = lab.user("ada").await?;
        let session = lab.open(&cookie).await?;
        session.insert("before", &1)?;
        session.set_label("Firefox")?;
        session.kill();
        session.insert("after", &2)?;
        let saves = lab.store.calls(Verb::Save);
        lab.store.script(Verb::Delete, [Fault::NotApplied]);
        let failed = session.commit().await;
        lab.ended(1, &failed, &session, End::Failed, "a kill whose delete failed");
        ctx.same(1, &(lab.store.calls(Verb::Save) - saves), &0, "saves before the kill");
        lab.finds(2, &cookie, (Found::Live, Some(0)), "after a kill that failed").await;
        let fresh = lab.sets(3, &session, "a new session after a kill").await?;
        lab.finds(4, &cookie, (Found::Gone, None), "the ticket of a killed session").await;
        let fresh = lab.open(&fresh).await?;
        let names = ["after", "theme"].map(str::to_owned).into();
        let found = (fresh.names(), fresh.owner(), fresh.label());
        ctx.same(3, &found, &(names, None, None), "names, owner and label after a kill");
    }
    Ok(())
}

/// A kill counts with its commit: a handler that goes away before has not killed, and nothing is harmed.
pub(super) async fn a_handler_that_panics_or_is_dropped_has_not_killed(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        lab.open(&cookie).await?.kill();
        let (session, killing) = (lab.open(&cookie).await?, lab.open(&cookie).await?);
        let handler = tokio::spawn(async move {
            session.kill();
            // No panic hook is called, so the report stays readable.
            resume_unwind(Box::new("the handler panics"))
        });
        let _: Result<(), _> = handler.await;
        lab.finds(1, &cookie, (Found::Live, Some(0)), "after a handler that panicked").await;
        let (before, after) = (Gate::default(), Gate::default());
        killing.kill();
        lab.store.script(Verb::Delete, [Fault::HoldBefore(before.clone()), Fault::HoldAfter(after.clone())]);
        Commit::of(&killing).until(&before).await;
        lab.finds(1, &cookie, (Found::Live, Some(0)), "after a kill that was dropped before its delete")
            .await;
        let session = lab.other_process()?.open(&cookie).await?;
        add_one(&session)?;
        lab.ends(2, &session, End::Keep, "a request after a kill that was dropped").await;
        Commit::of(&killing).until(&after).await;
        lab.finds(3, &cookie, (Found::Gone, None), "after a kill that was dropped with its answer").await;
        lab.ends(4, &killing, End::Remove, "a kill that goes on").await;
    }
    Ok(())
}

/// The kill returns while a save of the session is still under way, and that save brings nothing back.
pub(super) async fn a_kill_does_not_wait_for_a_save_under_way(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for turn in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let (cookie, gate, landed) = (lab.visitor().await?, Gate::default(), turn % 2 == 0);
        let killing = if rng.below(2) == 0 {
            lab.open(&cookie).await?
        } else {
            lab.other_process()?.open(&cookie).await?
        };
        let writing = lab.open(&cookie).await?;
        let (waiting, reading) = (lab.open(&cookie).await?, lab.other_process()?.open(&cookie).await?);
        add_one(&writing)?;
        add_one(&waiting)?;
        let fault = if landed { Fault::HoldAfter(gate.clone()) } else { Fault::HoldBefore(gate.clone()) };
        lab.store.script(Verb::Save, [fault]);
        let (mut saving, mut in_line) = (Commit::of(&writing), Commit::of(&waiting));
        saving.until(&gate).await;
        in_line.once().await;
        killing.kill();
        lab.ends(1, &killing, End::Remove, "a kill during a save").await;
        gate.open();
        let end = if landed { End::Keep } else { End::Gone };
        lab.ended(2, &saving.end().await, &writing, end, format!("a save that a kill met, landed: {landed}"));
        lab.ended(3, &in_line.end().await, &waiting, End::Gone, "a save that waited in line");
        lab.finds(4, &cookie, (Found::Gone, None), "after a kill during a save").await;
        lab.advance(Duration::from_secs(61));
        lab.ends(4, &reading, End::Keep, "a request that only reads what was killed").await;
        lab.finds(4, &cookie, (Found::Gone, None), "after a kill that a reading request overlooked").await;
        waiting.discard();
        writing.discard();
    }
    Ok(())
}

/// A session that died of age stays dead for requests that had opened it, swept or not.
pub(super) async fn what_died_of_age_is_not_revived(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for turn in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let mut handles = lab.handles(&cookie, 5).await?;
        let reading = lab.open(&cookie).await?;
        let expires_at = lab.clock.now() + lab.sessions.config().timeout;
        lab.clock.set(Timestamp::from_millis(expires_at.as_millis() - 1));
        lab.finds(1, &cookie, (Found::Live, Some(0)), "in its last millisecond").await;
        lab.clock.set(expires_at);
        if turn % 2 == 0 {
            lab.sessions.sweep().await?;
        }
        lab.ends(2, &reading, End::Keep, "a request that only reads a dead session").await;
        lab.finds(3, &cookie, (Found::Gone, None), "a dead session that a request has read").await;
        shuffle(&mut handles, &mut rng);
        for (number, session) in handles.iter().enumerate() {
            match number {
                0 => session.rotate(),
                1 => session.set_timeout(Duration::from_secs(864_000))?,
                _ => add_one(session)?,
            }
            lab.ends(4, session, End::Gone, "a change of a dead session").await;
            lab.finds(5, &cookie, (Found::Gone, None), "a dead session that a request wanted to change")
                .await;
        }
    }
    Ok(())
}

/// Until the delete was answered Ok the kill is no success; tried again it is one, whatever became of the first try.
pub(super) async fn a_kill_whose_answer_was_lost_is_no_success_until_it_is_one(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    let late = (0..4).map(Fault::LandsLate);
    let mut faults: Vec<Fault> =
        [Fault::UnknownLanded, Fault::UnknownLost, Fault::NotApplied].into_iter().chain(late).collect();
    shuffle(&mut faults, &mut rng);
    for fault in faults {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let (killing, writing) = (lab.open(&cookie).await?, lab.other_process()?.open(&cookie).await?);
        killing.kill();
        lab.store.script(Verb::Delete, [fault.clone()]);
        let first = killing.commit().await;
        ctx.check(1, first.is_err(), format_args!("a kill was answered Ok after {fault:?}"));
        lab.ends(2, &killing, End::Remove, format!("a kill that is tried again after {fault:?}")).await;
        lab.finds(3, &cookie, (Found::Gone, None), format!("after a kill, {fault:?}")).await;
        add_one(&writing)?;
        let written = writing.commit().await;
        ctx.check(4, matches!(written, Err(Error::Gone)), format_args!("after a kill: {written:?}"));
        writing.discard();
        lab.store.settle().await;
        lab.finds(3, &cookie, (Found::Gone, None), format!("after a kill, {fault:?}, later")).await;
    }
    Ok(())
}
