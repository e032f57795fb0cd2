//! What a rotation keeps, and what the old ticket is worth afterwards.

use std::time::Duration;

use session_core::{Config, Found, SecretKey, Shut};

use super::TURNS;
use crate::{
    ctx::Ctx,
    fixture::{End, Lab, add_one, commit_all, cookie_of, shuffle},
    outcome::Outcome,
};

const TICK: Duration = Duration::from_millis(1);

/// Requests that were on their way when the ticket was renewed lose nothing, whichever process serves them.
pub(super) async fn changes_in_flight_across_a_rotation_are_kept(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let mut handles = lab.handles(&cookie, 2 + rng.index(4)).await?;
        let rotating = lab.open(&cookie).await?;
        rotating.rotate();
        add_one(&rotating)?;
        let renewed = lab.sets(1, &rotating, "a rotation").await?;
        handles.push(lab.open(&cookie).await?);
        shuffle(&mut handles, &mut rng);
        for handle in &handles {
            add_one(handle)?;
            lab.ends(2, handle, End::Keep, "a request that a rotation overtook").await;
        }
        let all = 1 + handles.len() as u64;
        lab.finds(3, &renewed, (Found::Live, Some(all)), "after a rotation").await;
    }
    Ok(())
}

/// Rotations that begin at one instant, in two processes: one new ticket, and the changes of all.
pub(super) async fn of_rotations_that_meet_one_gets_the_cookie(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in ctx.rounds(5, 60) {
        let lab = Lab::new(ctx, &mut rng)?;
        let handles = lab.handles(&lab.visitor().await?, 2 + rng.index(7)).await?;
        for handle in &handles {
            handle.rotate();
            add_one(handle)?;
        }
        let committed = commit_all(&handles).await?;
        let ends = || committed.iter().zip(&handles).map(|(committed, handle)| End::of(committed, handle));
        let right = ends().all(|end| matches!(end, End::Keep | End::Set));
        ctx.check(1, right, format_args!("rotations that met were answered {committed:?}"));
        let set = ends().filter(|end| *end == End::Set).count();
        ctx.same(2, &set, &1, "how many of the rotations that met set a cookie");
        for handle in handles.iter().filter(|handle| cookie_of(&handle.cookie()).is_ok()) {
            let all = Some(handles.len() as u64);
            lab.finds(3, &cookie_of(&handle.cookie())?, (Found::Live, all), "the new ticket").await;
        }
    }
    Ok(())
}

/// A request that comes late reads and adds; its own rotation is dropped, and it gets no cookie.
pub(super) async fn a_late_rotation_is_dropped(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let mut late = lab.handles(&cookie, 3).await?;
        let rotating = lab.open(&cookie).await?;
        rotating.rotate();
        let renewed = lab.sets(1, &rotating, "a rotation").await?;
        let arriving = lab.open(&cookie).await?;
        ctx.same(2, &arriving.found(), &Found::Late, "a request with the ticket that was rotated away");
        late.push(arriving);
        shuffle(&mut late, &mut rng);
        for handle in &late {
            handle.rotate();
            add_one(handle)?;
            lab.ends(3, handle, End::Keep, "a late rotation").await;
        }
        let all = Some(late.len() as u64);
        lab.finds(4, &renewed, (Found::Live, all), "after late rotations").await;
    }
    Ok(())
}

/// The old ticket is good until the new one was seen and the grace is over, to the millisecond; then it opens nothing.
pub(super) async fn the_old_ticket_reads_and_adds_until_the_grace_is_over(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for turn in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let other = lab.other_process()?;
        let cookie = lab.visitor().await?;
        let rotating = lab.open(&cookie).await?;
        rotating.rotate();
        let renewed = lab.sets(1, &rotating, "a rotation").await?;
        if turn % 2 == 1 {
            lab.advance(lab.grace() * 3);
        }
        other.finds(2, &cookie, (Found::Late, Some(0)), "before the new ticket is seen").await;
        let seen = other.open(&renewed).await?;
        lab.ends(3, &seen, End::Keep, "the first request with the new ticket").await;
        lab.advance(lab.grace() - TICK);
        let late = lab.open(&cookie).await?;
        add_one(&late)?;
        lab.ends(3, &late, End::Keep, "a request in the last millisecond of the grace").await;
        lab.finds(2, &cookie, (Found::Late, Some(1)), "in the last millisecond of the grace").await;
        lab.advance(TICK);
        other.finds(4, &cookie, (Found::New, None), "after the grace").await;
        other.finds(5, &renewed, (Found::Live, Some(1)), "after the grace").await;
    }
    Ok(())
}

/// A secret that is neither this one nor the one before sees nothing, changes nothing and kills nothing.
pub(super) async fn a_wrong_secret_is_shut_out_and_later_a_stranger(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let (mut newest, another) = (cookie.clone(), lab.visitor().await?);
        for _ in 0..2 {
            let rotating = lab.other_process()?.open(&newest).await?;
            rotating.rotate();
            newest = lab.sets(1, &rotating, "a rotation").await?;
        }
        let ambiguous = format!("{newest}; {another}");
        for (shown, shut) in [(&cookie, Shut::Secret), (&ambiguous, Shut::Ambiguous)] {
            lab.finds(2, shown, (Found::Shut(shut), None), "a request that is shut out").await;
            let (adding, killing) = (lab.open(shown).await?, lab.open(shown).await?);
            add_one(&adding)?;
            killing.kill();
            lab.ends(2, &adding, End::Gone, "a change that is shut out").await;
            lab.ends(2, &killing, End::Keep, "a kill that is shut out").await;
            lab.finds(3, &newest, (Found::Live, Some(0)), "after a request that was shut out").await;
            lab.finds(3, &another, (Found::Live, Some(0)), "after a request that was shut out").await;
        }
        lab.advance(lab.grace());
        lab.finds(4, &cookie, (Found::New, None), "a ticket of two rotations ago").await;
    }
    Ok(())
}

/// Every configured key opens sessions; a rotation or a login moves them to the newest one, and nothing else does.
pub(super) async fn tickets_of_an_older_secret_key_open_and_move_with_the_next_rotation(
    ctx: &Ctx,
) -> Outcome {
    let mut rng = ctx.rng();
    let key = |letter: &str| SecretKey::new(letter.repeat(32));
    let with = |secret_keys| Config { secret_keys, ..Config::default() };
    let old = Lab::on(ctx, &mut rng, ctx.shared_store(), with(vec![key("a")?]))?;
    let both = old.reconfigured(with(vec![key("b")?, key("a")?]))?;
    let new = old.reconfigured(with(vec![key("b")?]))?;
    for _ in 0..TURNS {
        let (staying, rotated, login) = (old.visitor().await?, old.visitor().await?, old.visitor().await?);
        both.finds(1, &staying, (Found::Live, Some(0)), "a ticket of the older key").await;
        let (rotating, logging_in) = (both.open(&rotated).await?, both.open(&login).await?);
        rotating.rotate();
        logging_in.login("ada")?;
        let rotated = both.sets(2, &rotating, "a rotation to the newer key").await?;
        let logged_in = both.sets(2, &logging_in, "a login with the newer key").await?;
        new.finds(3, &rotated, (Found::Live, Some(0)), "rotated, without the older key").await;
        new.finds(3, &logged_in, (Found::Live, Some(0)), "logged in, without the older key").await;
        new.finds(3, &staying, (Found::New, None), "a ticket of a key that was taken away").await;
    }
    Ok(())
}
