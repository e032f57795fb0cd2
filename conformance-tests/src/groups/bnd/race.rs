//! Who meets while room is made.

use session_core::{Error, Expect, Record, Result};

use super::there;
use crate::{
    ctx::Ctx,
    fixture::{crowd, meet, owner, race, used_in_turn},
    outcome::Outcome,
};

/// A session that is used just as it would have to go stays, or is missing for whoever uses it: with one creation there
/// is no order in which it is used, and gone in the end.
pub(super) async fn whoever_is_used_as_room_is_made_stays_or_is_missing(ctx: &Ctx) -> Outcome {
    let (now, [oldest, newer, newcomer]) = (ctx.now(), &used_in_turn(ctx));
    let store = &*ctx.open_capped(2).await?;
    for round in ctx.rounds(40, 2_000) {
        let first = oldest.create(store, now).await?.revision;
        newer.create(store, now).await?;
        let ends = race(2, |thread| async move {
            if thread == 0 {
                return newcomer.create(store, now).await.map(|_| true);
            }
            // Somebody else gets in between two steps of a creation sooner or later.
            for _ in 0..round / 2 % 4 {
                store.load(&newer.key, now).await?;
            }
            let used = if round % 2 == 0 {
                store.touch(&oldest.key, first, now, oldest.record.expires_at, now).await
            } else {
                let record = Record { owner: owner("ada"), ..oldest.record.clone() };
                store.save(&oldest.key, &record, Expect::Revision(first), now).await
            };
            match used {
                Ok(_) => Ok(true),
                Err(Error::Missing) => Ok(false),
                Err(error) => Err(error),
            }
        });
        let ends = ends.await?.into_iter().collect::<Result<Vec<bool>>>()?;
        let is_there = store.load(&oldest.key, now).await?.is_some();
        let words = if is_there {
            "a session was answered to be missing, and is there"
        } else {
            "a session was used while another one was created, and is gone"
        };
        ctx.check(1, ends.last() == Some(&is_there), words);
        for subject in [oldest, newer, newcomer] {
            store.delete(&subject.key).await?;
        }
    }
    Ok(())
}

/// Eight creations that meet where there is room for one leave as many as the cap says, and not one more until the next.
pub(super) async fn the_last_place_is_taken_once(ctx: &Ctx) -> Outcome {
    let (now, crowd, max) = (ctx.now(), &crowd(ctx, 11), 4);
    let store = &*ctx.open_capped(max).await?;
    for round in ctx.rounds(40, 2_000) {
        for subject in crowd.iter().skip(8) {
            subject.create(store, now).await?;
        }
        let ends = meet(round, 8, |number| async move {
            match crowd.get(number) {
                Some(subject) => subject.create(store, now).await.map(drop),
                None => Err(Error::Missing),
            }
        });
        ends.await?.into_iter().collect::<Result<()>>()?;
        ctx.same(1, &there(store, crowd, now).await?.len(), &max, "how many are there when eight met");
        for subject in crowd {
            store.delete(&subject.key).await?;
        }
    }
    Ok(())
}
