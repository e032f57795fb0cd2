//! Sessions that others end: their owner from another device, or the cap.

use session_core::{Config, Found, Session};

use super::TURNS;
use crate::{
    ctx::Ctx,
    faulty::{Fault, Verb},
    fixture::{End, Lab, add_one, shuffle},
    outcome::Outcome,
};

/// Every session of the owner ends, however it became the owner's, and no other; requests in flight revive none.
pub(super) async fn revoking_ends_every_session_of_an_owner(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        // A store that never stops listing what was deleted must not keep the case for ever.
        lab.store.script(Verb::Directory, vec![Fault::None; 20]);
        lab.store.script(Verb::Directory, vec![Fault::NotApplied; 20]);
        let owner = format!("ada {}", rng.below(1_000_000));
        let (bobs, visitors) = (lab.user("bob").await?, lab.visitor().await?);
        let mut cookies = Vec::new();
        for _ in 0..4 {
            cookies.push(lab.user(&owner).await?);
        }
        shuffle(&mut cookies, &mut rng);
        let mut in_flight = Vec::new();
        for cookie in &cookies {
            in_flight.push(lab.other_process()?.open(cookie).await?);
        }
        let mut listed: Vec<_> =
            lab.sessions.owned_by(&owner).await?.into_iter().map(|listed| Some(listed.key)).collect();
        let mut keys: Vec<_> = in_flight.iter().map(Session::key).collect();
        listed.sort_unstable();
        keys.sort_unstable();
        ctx.same(1, &listed, &keys, "the sessions of an owner");
        let ([first, .., last], Some(key)) = (&cookies[..], in_flight.first().and_then(Session::key)) else {
            continue;
        };
        ctx.same(
            2,
            &lab.sessions.revoke("bob", &key).await.ok(),
            &Some(false),
            "revoking a session of another owner",
        );
        ctx.same(2, &lab.sessions.revoke(&owner, &key).await.ok(), &Some(true), "revoking one session");
        lab.finds(3, first, (Found::Gone, None), "a revoked session").await;
        let mine = lab.open(last).await?;
        ctx.same(4, &lab.sessions.revoke_others(&mine).await.ok(), &Some(2), "how many others were revoked");
        lab.finds(5, last, (Found::Live, Some(0)), "the session that revoked the others").await;
        ctx.same(4, &lab.sessions.revoke_all(&owner).await.ok(), &Some(1), "how many were revoked");
        for (cookie, session) in cookies.iter().zip(&in_flight) {
            add_one(session)?;
            lab.ends(6, session, End::Gone, "a request of a revoked session").await;
            lab.finds(7, cookie, (Found::Gone, None), "a revoked session").await;
        }
        lab.finds(8, &bobs, (Found::Live, Some(0)), "a session of another owner").await;
        lab.finds(8, &visitors, (Found::Live, Some(0)), "a session without an owner").await;
    }
    Ok(())
}

/// A request that had opened what the cap evicted keeps nothing, and what was not evicted goes on.
pub(super) async fn what_the_cap_evicted_is_not_revived(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in 0..TURNS {
        let store = ctx.open_capped(4).await?;
        let lab = Lab::on(ctx, &mut rng, store, Config::default())?;
        let owned = lab.user("ada").await?;
        let mut early = Vec::new();
        for _ in 0..3 {
            lab.advance(std::time::Duration::from_secs(1));
            let cookie = lab.visitor().await?;
            early.push((lab.handles(&cookie, 3).await?, cookie));
        }
        let mut newest = String::new();
        for _ in 0..3 {
            lab.advance(std::time::Duration::from_secs(1));
            newest = lab.visitor().await?;
        }
        for (handles, cookie) in &early {
            for (number, session) in handles.iter().enumerate() {
                add_one(session)?;
                if number == 0 {
                    session.rotate();
                }
                lab.ends(1, session, End::Gone, "a request of a session that the cap evicted").await;
            }
            lab.finds(2, cookie, (Found::Gone, None), "a session that the cap evicted").await;
        }
        lab.finds(3, &owned, (Found::Live, Some(0)), "a session with an owner beside visitors").await;
        lab.finds(4, &newest, (Found::Live, Some(0)), "the newest session").await;
    }
    Ok(())
}
