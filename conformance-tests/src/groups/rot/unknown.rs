//! Answers that never came, and processes that went away.

use std::time::Duration;

use session_core::{Found, Session, Shut};

use super::TURNS;
use crate::{
    ctx::Ctx,
    faulty::{Fault, Gate, Verb},
    fixture::{Commit, End, Lab, add_one, cookie_of, shuffle},
    outcome::Outcome,
    rng::Rng,
};

/// What puts a new secret in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Renewal {
    Rotation,
    Login,
}

impl Renewal {
    const BOTH: [Self; 2] = [Self::Rotation, Self::Login];

    fn ask(self, session: &Session) -> Outcome {
        match self {
            Self::Rotation => session.rotate(),
            Self::Login => session.login("ada")?,
        }
        Ok(())
    }

    /// Returns how the ticket is found that it replaced.
    fn found(self, count: u64) -> (Found, Option<u64>) {
        match self {
            Self::Rotation => (Found::Late, Some(count)),
            Self::Login => (Found::Shut(Shut::Login), None),
        }
    }
}

/// The browser that never gets the new ticket goes on with the old one for as long as the session lives, and may end it.
pub(super) async fn a_rotation_whose_answer_never_arrived_strands_nobody(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for turn in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let rotating = lab.open(&cookie).await?;
        rotating.rotate();
        if turn % 2 == 0 {
            lab.sets(1, &rotating, "a rotation").await?;
        } else {
            // The answer is lost, and nobody can find out what became of it.
            let fault = if rng.below(2) == 0 { Fault::UnknownLanded } else { Fault::UnknownLost };
            lab.store.script(Verb::Save, [fault]);
            lab.store.script(Verb::Load, vec![Fault::NotApplied; 300]);
            lab.ends(2, &rotating, End::Unknown, "a rotation in the dark").await;
            lab.store.calm();
        }
        lab.advance(Duration::from_secs(60 * (1 + rng.below(600))));
        for number in 0..3 {
            let session = lab.other_process()?.open(&cookie).await?;
            add_one(&session)?;
            lab.ends(2, &session, End::Keep, "a request with the ticket of before").await;
            let count = lab.open(&cookie).await?.get::<u64>("count")?;
            ctx.same(3, &count, &Some(number + 1), "the count with the ticket of before");
        }
        let killing = lab.open(&cookie).await?;
        let end = if killing.found() == Found::Late { End::Keep } else { End::Remove };
        killing.kill();
        lab.ends(4, &killing, end, "a kill with the ticket of before").await;
        lab.finds(4, &cookie, (Found::Gone, None), "after the kill").await;
    }
    Ok(())
}

/// Landed, lost, or landing later: what puts a secret in force is found out about, and the cookie is right.
pub(super) async fn an_unknown_rotation_login_or_first_save_is_settled(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for fault in unknowns(&mut rng) {
        for renewal in Renewal::BOTH {
            let lab = Lab::new(ctx, &mut rng)?;
            lab.store.script(Verb::Save, [fault.clone()]);
            let cookie = lab.visitor().await?;
            lab.finds(1, &cookie, (Found::Live, Some(0)), format!("first save: {fault:?}")).await;
            let session = lab.open(&cookie).await?;
            renewal.ask(&session)?;
            add_one(&session)?;
            lab.store.script(Verb::Save, [fault.clone()]);
            let newest = lab.sets(2, &session, format!("{renewal:?}: {fault:?}")).await?;
            lab.finds(3, &newest, (Found::Live, Some(1)), format!("{renewal:?}: {fault:?}")).await;
            lab.finds(4, &cookie, renewal.found(1), format!("{renewal:?}: {fault:?}, before")).await;
            let after = lab.other_process()?.open(&newest).await?;
            add_one(&after)?;
            lab.ends(5, &after, End::Keep, "a change after an unknown answer").await;
            lab.store.settle().await;
            let what = format!("{renewal:?}: {fault:?}, when everything has landed");
            lab.finds(6, &newest, (Found::Live, Some(2)), what).await;
        }
    }
    Ok(())
}

/// Returns every fate of a write without an answer, in an order that the seed decides.
fn unknowns(rng: &mut Rng) -> Vec<Fault> {
    let late = (0..5).map(Fault::LandsLate);
    let mut all: Vec<Fault> = [Fault::UnknownLanded, Fault::UnknownLost].into_iter().chain(late).collect();
    shuffle(&mut all, rng);
    all
}

/// The lost save can never land once another write came first, so its changes are made again, once.
pub(super) async fn an_unknown_rotation_that_another_write_overtook_is_replayed_once(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for renewal in Renewal::BOTH.into_iter().cycle().take(TURNS) {
        let lab = Lab::new(ctx, &mut rng)?;
        let (cookie, gate) = (lab.visitor().await?, Gate::default());
        let session = lab.open(&cookie).await?;
        renewal.ask(&session)?;
        add_one(&session)?;
        lab.store.script(Verb::Save, [Fault::HoldAndLose(gate.clone())]);
        let mut renewing = Commit::of(&session);
        renewing.until(&gate).await;
        let other = lab.other_process()?.open(&cookie).await?;
        add_one(&other)?;
        lab.ends(1, &other, End::Keep, "a write that overtakes").await;
        gate.open();
        lab.ended(2, &renewing.end().await, &session, End::Set, format!("an overtaken {renewal:?}"));
        let newest = cookie_of(&session.cookie())?;
        lab.finds(3, &newest, (Found::Live, Some(2)), format!("after an overtaken {renewal:?}")).await;
        lab.finds(4, &cookie, renewal.found(2), format!("before an overtaken {renewal:?}")).await;
    }
    Ok(())
}

/// What a request wants, and how it ends when it comes after these others in one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    Add,
    Renew(Renewal),
}

/// A login shuts out what comes after it, and a rotation makes it late, although all are saved at once.
pub(super) async fn lists_of_one_round_are_judged_one_by_one(ctx: &Ctx) -> Outcome {
    use Renewal::{Login, Rotation};
    let mut rng = ctx.rng();
    let rounds: [(&[Want], &[End], u64); 5] = [
        (&[Want::Renew(Login), Want::Add], &[End::Set, End::Gone], 0),
        (&[Want::Renew(Login), Want::Renew(Rotation)], &[End::Set, End::Gone], 0),
        (&[Want::Renew(Rotation), Want::Renew(Rotation)], &[End::Set, End::Keep], 0),
        (&[Want::Renew(Rotation), Want::Add, Want::Renew(Login)], &[End::Set, End::Keep, End::Set], 1),
        (&[Want::Add, Want::Renew(Login), Want::Add], &[End::Keep, End::Set, End::Gone], 1),
    ];
    for (wants, ends, added) in rounds {
        let lab = Lab::new(ctx, &mut rng)?;
        let (cookie, gate) = (lab.visitor().await?, Gate::default());
        let (blocker, other) = (lab.open(&cookie).await?, lab.other_process()?.open(&cookie).await?);
        let mut sessions = Vec::new();
        for want in wants {
            let session = lab.open(&cookie).await?;
            match want {
                Want::Add => add_one(&session)?,
                Want::Renew(renewal) => renewal.ask(&session)?,
            }
            sessions.push(session);
        }
        add_one(&blocker)?;
        add_one(&other)?;
        lab.store.script(Verb::Save, [Fault::HoldBefore(gate.clone())]);
        let mut blocking = Commit::of(&blocker);
        blocking.until(&gate).await;
        // While the first save is under way the others get in line, and another process is faster.
        let mut commits: Vec<Commit> = sessions.iter().map(Commit::of).collect();
        for commit in &mut commits {
            commit.once().await;
        }
        lab.ends(1, &other, End::Keep, "another process").await;
        gate.open();
        lab.ended(1, &blocking.end().await, &blocker, End::Keep, "the round before");
        let mut newest = None;
        for ((commit, session), end) in commits.into_iter().zip(&sessions).zip(ends) {
            let what = format!("one of {wants:?} in one round");
            lab.ended(2, &commit.end().await, session, *end, what);
            newest = newest.or(cookie_of(&session.cookie()).ok());
            session.discard();
        }
        let count = (Found::Live, Some(2 + added));
        lab.finds(3, &newest.unwrap_or_default(), count, format!("after {wants:?}")).await;
    }
    Ok(())
}

/// Whoever comes after a crash finds the session as it was before the save or as it is after it, and can go on.
pub(super) async fn a_crash_leaves_the_session_as_before_or_as_after(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for (turn, renewal) in
        [None, Some(Renewal::Rotation), Some(Renewal::Login)].iter().cycle().take(12).enumerate()
    {
        let lab = Lab::new(ctx, &mut rng)?;
        let (cookie, gate, after) = (lab.visitor().await?, Gate::default(), turn % 2 == 0);
        crash(
            &lab,
            &cookie,
            *renewal,
            if after { Fault::HoldAfter(gate.clone()) } else { Fault::HoldBefore(gate.clone()) },
            &gate,
        )
        .await?;
        let lab = lab.other_process()?;
        let found = match (after, renewal) {
            (false, _) => (Found::Live, Some(0)),
            (true, None) => (Found::Live, Some(1)),
            (true, Some(renewal)) => renewal.found(1),
        };
        let number = if after { 1 } else { 2 };
        lab.finds(number, &cookie, found, format!("{renewal:?}, a crash, saved: {after}")).await;
        let session = lab.open(&cookie).await?;
        add_one(&session)?;
        let shut = found.1.is_none();
        lab.ends(3, &session, if shut { End::Gone } else { End::Keep }, "a request after a crash").await;
        lab.finds(4, &cookie, (found.0, found.1.map(|count| count + 1)), "a request after a crash").await;
        lab.advance(lab.grace());
        let later = if shut { (Found::New, None) } else { (found.0, found.1.map(|count| count + 1)) };
        lab.finds(5, &cookie, later, "some time after a crash").await;
    }
    Ok(())
}

/// Lets a process go away while its save is under way.
async fn crash(lab: &Lab<'_>, cookie: &str, renewal: Option<Renewal>, fault: Fault, gate: &Gate) -> Outcome {
    let process = lab.other_process()?;
    let session = process.open(cookie).await?;
    if let Some(renewal) = renewal {
        renewal.ask(&session)?;
    }
    add_one(&session)?;
    lab.store.script(Verb::Save, [fault]);
    Commit::of(&session).until(gate).await;
    session.discard();
    Ok(())
}
