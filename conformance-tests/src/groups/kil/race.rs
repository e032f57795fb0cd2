//! A kill among everything else that can happen to a session.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use session_core::{Clock, Error, Found, Result, Session};

use crate::{
    ctx::Ctx,
    fixture::{End, Lab, add_one, race, shuffle},
    outcome::Outcome,
    rng::Rng,
};

/// What one of the many requests wants.
#[derive(Clone, Copy, Debug)]
enum Want {
    Add,
    Rotate,
    LogIn,
    /// Reads a session that was not used for a while, which touches it.
    Read,
    Sweep,
}

/// Sixty-four committers, rotations, logins, touches and sweeps: once the kill was answered there is nothing.
pub(super) async fn nothing_revives_a_killed_session(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in ctx.rounds(3, 20) {
        let lab = Lab::new(ctx, &mut rng)?;
        let (cookie, wants) = (lab.visitor().await?, wants(&mut rng));
        let handles = lab.handles(&cookie, wants.len()).await?;
        let killing = lab.other_process()?.open(&cookie).await?;
        lab.advance(Duration::from_secs(61));
        let (lab, killed, looks, over) = (&lab, killing.key(), rng.index(8), &AtomicBool::new(false));
        let ended = race(wants.len() + 1, |number| {
            let (pair, killing) = (wants.get(number).copied().zip(handles.get(number)), &killing);
            async move {
                match pair {
                    Some((Want::Sweep, _)) => sweep(lab, over).await,
                    Some((want, session)) => go(want, session).await,
                    None => {
                        let killed = kill(lab, killing, looks).await;
                        over.store(true, Ordering::SeqCst);
                        killed
                    }
                }
            }
        });
        for ended in ended.await? {
            let right = matches!(ended, Ok(()) | Err(Error::Gone));
            ctx.check(2, right, format_args!("a request beside a kill was answered {ended:?}"));
        }
        lab.finds(3, &cookie, (Found::Gone, None), "after a kill and everything else").await;
        // A login that the kill overtook has a session of its own.
        for session in handles.iter().filter(|session| session.key().is_none_or(|key| Some(key) == killed)) {
            add_one(session)?;
            lab.ends(4, session, End::Gone, "another request of a killed session").await;
        }
        lab.finds(3, &cookie, (Found::Gone, None), "after other requests of a killed session").await;
    }
    Ok(())
}

fn wants(rng: &mut Rng) -> Vec<Want> {
    let mut wants = vec![Want::Add; 64];
    wants.extend([Want::Rotate; 2]);
    wants.extend([Want::LogIn; 2]);
    wants.extend([Want::Read; 4]);
    wants.extend([Want::Sweep; 2]);
    shuffle(&mut wants, rng);
    wants
}

/// Wants the same again and again until the session has ended, but not for ever.
async fn go(want: Want, session: &Session) -> Result<()> {
    for _ in 0..40 {
        match want {
            Want::Add => add_one(session)?,
            Want::Rotate => session.rotate(),
            Want::LogIn => session.login("ada")?,
            Want::Read | Want::Sweep => {}
        }
        session.commit().await?;
    }
    Ok(())
}

/// Sweeps until the kill is over, but not for ever.
async fn sweep(lab: &Lab<'_>, over: &AtomicBool) -> Result<()> {
    for _ in 0..1_000 {
        lab.sessions.sweep().await?;
        if over.load(Ordering::SeqCst) {
            break;
        }
    }
    Ok(())
}

/// Kills after some look-ups, and looks whether anything is there from then on.
async fn kill(lab: &Lab<'_>, session: &Session, looks: usize) -> Result<()> {
    let (store, now, key) = (lab.ctx.store(), lab.clock.now(), session.key().ok_or(Error::Missing)?);
    for _ in 0..looks {
        store.load(&key, now).await?;
    }
    session.kill();
    session.commit().await?;
    for _ in 0..20 {
        lab.ctx.finds(1, store, &key, now, None, "after a kill was answered").await;
    }
    Ok(())
}
