//! What a login shuts out, and that it is never lost.

use session_core::{Error, Found, Session, Shut};

use super::TURNS;
use crate::{
    ctx::Ctx,
    fixture::{End, Lab, add_one, cookie_of, owner, race},
    outcome::Outcome,
    rng::Rng,
};

/// Whoever was there before the login reads nothing and keeps nothing, but may end the session.
pub(super) async fn across_a_login_a_request_sees_and_changes_nothing_but_may_kill(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for turn in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let before = lab.handles(&cookie, 4).await?;
        let killing = lab.other_process()?.open(&cookie).await?;
        let login = lab.open(&cookie).await?;
        login.login("ada")?;
        login.insert("secret", "of ada")?;
        let mut newest = lab.sets(1, &login, "a login").await?;
        if turn % 2 == 1 {
            let rotating = lab.open(&newest).await?;
            rotating.rotate();
            newest = lab.sets(1, &rotating, "a rotation after a login").await?;
        }
        for session in &before {
            want_something(session, &mut rng)?;
            lab.ends(2, session, End::Gone, "a request that a login overtook").await;
            let read = session.names();
            ctx.check(3, read.is_empty(), format_args!("a request that a login overtook reads {read:?}"));
        }
        if turn % 2 == 0 {
            lab.finds(4, &cookie, (Found::Shut(Shut::Login), None), "the ticket from before a login").await;
        }
        lab.finds(5, &newest, (Found::Live, Some(0)), "after a login").await;
        let names = lab.open(&newest).await?.names();
        ctx.same(6, &names, &["ballast", "count", "secret"].map(str::to_owned).into(), "after a login");
        // Who has not heard of the login ends the session that its cookie names.
        let aware = before.first().filter(|_| rng.below(2) == 0);
        let (killing, end) = aware.map_or((&killing, End::Remove), |aware| (aware, End::Keep));
        killing.kill();
        lab.ends(7, killing, end, "a kill that a login overtook").await;
        lab.finds(8, &newest, (Found::Gone, None), "after a kill that a login overtook").await;
    }
    Ok(())
}

/// Makes a change of some kind.
fn want_something(session: &Session, rng: &mut Rng) -> Outcome {
    match rng.below(5) {
        0 => add_one(session)?,
        1 => session.insert("theme", "dark")?,
        2 => session.rotate(),
        3 => session.set_label("Firefox")?,
        _ => session.clear(),
    }
    Ok(())
}

/// What comes in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overtaking {
    Rotation,
    Login(&'static str),
    Kill,
}

impl Overtaking {
    const ALL: [Self; 4] = [Self::Rotation, Self::Login("ada"), Self::Login("bob"), Self::Kill];

    /// Overtakes, and returns the newest cookie of the session.
    async fn run(self, lab: &Lab<'_>, cookie: &str) -> Outcome<String> {
        let session = lab.open(cookie).await?;
        match self {
            Self::Rotation => session.rotate(),
            Self::Login(owner) => session.login(owner)?,
            Self::Kill => {
                session.kill();
                lab.ends(1, &session, End::Remove, "a kill").await;
                return Ok(cookie.to_owned());
            }
        }
        lab.sets(1, &session, format!("{self:?}")).await
    }

    /// Returns how the newest cookie is found afterwards.
    fn found(self) -> (Found, Option<u64>) {
        if self == Self::Kill { (Found::Gone, None) } else { (Found::Live, Some(0)) }
    }
}

/// A login is never dropped: overtaken, it makes a session of its own of what the request had read and changed.
pub(super) async fn a_login_that_comes_late_begins_a_session_of_its_own(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for overtaking in Overtaking::ALL.into_iter().cycle().take(TURNS) {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let late = lab.other_process()?.open(&cookie).await?;
        let old_key = late.key();
        let newest = overtaking.run(&lab, &cookie).await?;
        late.insert("theme", &7)?;
        late.login("ada")?;
        let own = lab.sets(2, &late, format!("a login after {overtaking:?}")).await?;
        let count = Some(0).filter(|_| overtaking != Overtaking::Kill);
        lab.finds(3, &own, (Found::Live, count), format!("logged in after {overtaking:?}")).await;
        let session = lab.open(&own).await?;
        ctx.same(4, &session.get::<u64>("theme")?, &Some(7), "a change of the login's request");
        ctx.same(5, &session.owner(), &owner("ada"), "the owner of the session that a late login began");
        ctx.check(6, session.key() != old_key, "a late login went into the session that it had lost");
        let what = format!("the session that a login lost to {overtaking:?}");
        lab.finds(7, &newest, overtaking.found(), what).await;
        ctx.check(7, !lab.open(&newest).await?.contains("theme"), "a lost login changed the session");
    }
    Ok(())
}

/// Where the session had an owner already, a lost login is an error, and changes nothing.
pub(super) async fn a_lost_login_of_a_session_with_an_owner_is_an_error(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    let all = [Overtaking::Rotation, Overtaking::Login("ada"), Overtaking::Kill];
    for overtaking in all.into_iter().cycle().take(TURNS) {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.user("ada").await?;
        let again = lab.other_process()?.open(&cookie).await?;
        let newest = overtaking.run(&lab, &cookie).await?;
        again.login("ada")?;
        again.insert("theme", &7)?;
        let finished = again.finish().await.map(drop);
        lab.ended(2, &finished, &again, End::Gone, format!("a login after {overtaking:?}"));
        lab.finds(3, &newest, overtaking.found(), format!("after {overtaking:?}")).await;
        ctx.check(3, !lab.open(&newest).await?.contains("theme"), "a lost login changed the session");
        again.discard();
    }
    Ok(())
}

/// Nothing of one owner is there for the next, and the ticket of the former is good for nothing.
pub(super) async fn a_login_as_another_owner_carries_nothing_over(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.user("ada").await?;
        let session = lab.open(&cookie).await?;
        let former = session.key();
        session.insert("secret", "of ada")?;
        session.set_label("Firefox")?;
        if rng.below(2) == 0 {
            lab.ends(1, &session, End::Keep, "a change").await;
        }
        session.login("bob")?;
        session.insert("fresh", &1)?;
        let bobs = lab.sets(2, &session, "a login as another owner").await?;
        let bobs = lab.other_process()?.open(&bobs).await?;
        ctx.same(3, &bobs.names(), &vec!["fresh".to_owned()], "what another owner finds");
        ctx.same(4, &(bobs.owner(), bobs.label()), &(owner("bob"), None), "owner and label");
        lab.finds(5, &cookie, (Found::Gone, None), "the ticket of the former owner").await;
        if let Some(former) = former {
            ctx.finds(6, ctx.store(), &former, ctx.now(), None, "the session of the former owner").await;
        }
    }
    Ok(())
}

/// Many requests add while one of them logs in: each is kept before the login or told that it came after.
pub(super) async fn what_was_kept_before_a_login_is_there_and_nothing_from_after_it(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in ctx.rounds(3, 30) {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let (handles, login) = (lab.handles(&cookie, 8).await?, lab.open(&cookie).await?);
        let (looks, lab, cookie, login_too) = (rng.index(6), &lab, &cookie, &login);
        let counted = race(handles.len() + 1, |number| {
            let handle = handles.get(number);
            async move {
                match handle {
                    Some(handle) => add_until_gone(handle).await,
                    None => log_in(lab, cookie, login_too, looks).await.map(|()| 0),
                }
            }
        });
        let counted: Result<Vec<u64>, Error> = counted.await?.into_iter().collect();
        ctx.check(1, counted.is_ok(), format_args!("increments beside a login: {counted:?}"));
        let kept: u64 = counted.unwrap_or_default().iter().sum();
        lab.ended(2, &login.commit().await, &login, End::Set, "a login among increments");
        let logged_in = cookie_of(&login.cookie())?;
        lab.finds(3, &logged_in, (Found::Live, Some(kept)), "after increments that were kept").await;
    }
    Ok(())
}

/// Logs in after some look-ups, so that it comes at different times.
async fn log_in(lab: &Lab<'_>, cookie: &str, session: &Session, looks: usize) -> Result<(), Error> {
    for _ in 0..looks {
        lab.open(cookie).await?;
    }
    session.login("ada")?;
    session.commit().await
}

/// Adds one again and again, and returns how often that was kept.
async fn add_until_gone(session: &Session) -> Result<u64, Error> {
    for kept in 0..20 {
        add_one(session)?;
        match session.commit().await {
            Ok(()) => {}
            Err(Error::Gone) => return Ok(kept),
            Err(error) => return Err(error),
        }
    }
    Ok(20)
}
