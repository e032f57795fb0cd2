//! Cookies, through the core.

use std::time::Duration;

use session_core::{Found, Session};

use crate::{
    ctx::Ctx,
    faulty::{Fault, Verb},
    fixture::{End, Lab, add_one},
    outcome::Outcome,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! coo_cases {
    ($then:path, $args:tt) => {
        $then! { $args Coo
            coo_001 a_cookie_is_set_only_on_create_rotation_and_login [];
            coo_002 a_cookie_is_removed_only_by_a_kill_of_the_session_it_names [];
            coo_003 a_request_that_is_late_shut_or_gone_leaves_the_cookie_alone [];
        }
    };
}
coo_cases!(crate::macros::case_table, ());

/// How often a case is tried, with another order, other sizes and another configuration each time.
const TURNS: usize = 8;

/// A browser makes one request after the other, of all kinds, and always holds a cookie that opens its session.
async fn a_cookie_is_set_only_on_create_rotation_and_login(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let other = lab.other_process()?;
        let mut cookie = lab.visitor().await?;
        let mut count = 0;
        for _ in 0..30 {
            let session =
                if rng.below(2) == 0 { lab.open(&cookie).await? } else { other.open(&cookie).await? };
            let want = rng.below(8);
            match want {
                0 => session.rotate(),
                1 => session.login("ada")?,
                2 => session.insert("theme", &rng.number())?,
                3 => session.set_label(&format!("label {}", rng.number()))?,
                4 => drop(session.take::<u64>("theme")?),
                5 => lab.advance(Duration::from_secs(rng.below(600))),
                _ => {
                    add_one(&session)?;
                    count += 1;
                }
            }
            if want < 2 {
                cookie = lab.sets(1, &session, "a rotation or a login").await?;
            } else {
                lab.ends(2, &session, End::Keep, "a request that puts no secret in force").await;
            }
            other.finds(3, &cookie, (Found::Live, Some(count)), "what the browser holds").await;
        }
    }
    Ok(())
}

/// What a request does before it kills.
#[derive(Clone, Copy, Debug)]
enum Before {
    Nothing,
    Change,
    Rotation,
    FailedDelete,
}

/// After a kill that deleted the record, and then only; a new visitor has no cookie to remove.
async fn a_cookie_is_removed_only_by_a_kill_of_the_session_it_names(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    let all = [Before::Nothing, Before::Change, Before::Rotation, Before::FailedDelete];
    for before in all.into_iter().cycle().take(TURNS) {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let session = lab.open(&cookie).await?;
        match before {
            Before::Nothing => {}
            Before::Change => {
                add_one(&session)?;
                lab.ends(1, &session, End::Keep, "a change").await;
            }
            Before::Rotation => {
                session.rotate();
                lab.sets(1, &session, "a rotation").await?;
            }
            Before::FailedDelete => {
                session.kill();
                let fault = if rng.below(2) == 0 { Fault::NotApplied } else { Fault::UnknownLost };
                lab.store.script(Verb::Delete, [fault]);
                let failed = session.commit().await;
                ctx.check(1, failed.is_err(), "a kill that deleted nothing was answered Ok");
                let removed = End::of(&Ok(()), &session) == End::Remove;
                ctx.check(1, !removed, "a kill that deleted nothing removes the cookie");
            }
        }
        session.kill();
        lab.ends(2, &session, End::Remove, format!("a kill after {before:?}")).await;
        lab.finds(3, &cookie, (Found::Gone, None), format!("a kill after {before:?}")).await;
        let new = lab.open(&cookie).await?;
        add_one(&new)?;
        lab.sets(4, &new, "a new session of a browser with an old cookie").await?;
        new.kill();
        lab.ends(4, &new, End::Keep, "a kill of a session that this request stored").await;
    }
    Ok(())
}

/// Whatever such a request wants, and whether or not that counts, the browser keeps what it has.
async fn a_request_that_is_late_shut_or_gone_leaves_the_cookie_alone(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for turn in 0..TURNS * 2 {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let mut handles = lab.handles(&cookie, 4).await?;
        let overtaking = lab.open(&cookie).await?;
        let end = match turn % 3 {
            0 => {
                overtaking.rotate();
                lab.sets(1, &overtaking, "a rotation").await?;
                End::Keep
            }
            1 => {
                overtaking.login("ada")?;
                lab.sets(1, &overtaking, "a login").await?;
                End::Gone
            }
            _ => {
                overtaking.kill();
                lab.ends(1, &overtaking, End::Remove, "a kill").await;
                End::Gone
            }
        };
        if turn % 3 == 0 {
            handles.push(lab.open(&cookie).await?);
        }
        for session in &handles {
            want_something(session, rng.below(4))?;
            lab.ends(2, session, end, "a request that is late, shut or gone").await;
        }
        for session in handles.iter().filter(|_| turn % 3 < 2).take(1) {
            session.kill();
            lab.ends(3, session, End::Keep, "a kill that is late or shut").await;
            lab.finds(4, &cookie, (Found::Gone, None), "after a kill that was late or shut").await;
        }
    }
    Ok(())
}

fn want_something(session: &Session, want: u64) -> Outcome {
    match want {
        0 => session.rotate(),
        1 => session.insert("theme", "dark")?,
        2 => session.set_label("Firefox")?,
        _ => add_one(session)?,
    }
    Ok(())
}
