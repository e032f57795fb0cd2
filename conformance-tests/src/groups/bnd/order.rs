//! Who makes room for a session that is created.

use session_core::{Error, Expect, Record};

use super::there;
use crate::{
    ctx::Ctx,
    fixture::{Subject, crowd, owner, shift},
    outcome::Outcome,
};

/// Who makes room: the dead in the order in which they died, then sessions without an owner, then owned ones, each by the
/// oldest access, whatever the order in which they were created.
pub(super) async fn the_right_session_is_evicted(ctx: &Ctx) -> Outcome {
    let now = ctx.now();
    for turn in 0..6 {
        let store = &*ctx.open_capped(12).await?;
        let mut ranked = ranked(ctx);
        // Created in another order each time; what is created is evicted in the order of `ranked`.
        let mut order: Vec<usize> = (0..12).collect();
        order.rotate_left(turn * 2);
        if turn % 2 == 1 {
            order.reverse();
        }
        for number in order {
            let subject = ranked.get(number).ok_or(Error::Missing)?;
            subject.create(store, shift(now, -50_000)).await?;
        }
        for (evicted, newcomer) in crowd(ctx, 24).into_iter().skip(12).enumerate() {
            // An owner and the newest access: a newcomer is the last to go.
            let record = Record { owner: owner("new"), accessed_at: shift(now, 1_000), ..newcomer.record };
            ranked.push(Subject { key: newcomer.key, record });
            ranked.last().ok_or(Error::Missing)?.create(store, now).await?;
            let left = there(store, &ranked, shift(now, -50_000)).await?;
            let expected: Vec<usize> = (evicted + 1..ranked.len()).collect();
            ctx.same(1, &left, &expected, "who is left, by rank");
        }
    }
    Ok(())
}

/// Twelve sessions in the order in which they must go.
fn ranked(ctx: &Ctx) -> Vec<Subject> {
    let (now, ada) = (ctx.now(), owner("ada"));
    // Age of the last access, when it ends, and whether it has an owner. The greatest age is the epoch's.
    let dead = [(5, -40_000, true), (90_000, -30_000, false), (1, -20_000, false), (70, 0, true)];
    let unowned = [(i64::MAX, 90_000, false), (80_000, 1, false), (70_000, 500, false), (0, 1, false)];
    let owned = [(i64::MAX, 1, true), (60_000, 90_000, true), (50, 2, true), (1, 1, true)];
    let ranks = dead.into_iter().chain(unowned).chain(owned);
    let made = ranks.zip(crowd(ctx, 12)).map(|((age, life, owned), subject)| {
        let record = Record {
            accessed_at: shift(now, -age),
            expires_at: shift(now, life),
            owner: ada.clone().filter(|_| owned),
            ..subject.record
        };
        Subject { key: subject.key, record }
    });
    made.collect()
}

/// A touch and a save change who is next: the access in the record counts, not the order of writing.
pub(super) async fn a_touched_session_is_not_the_next_to_go(ctx: &Ctx) -> Outcome {
    let (now, crowd) = (ctx.now(), crowd(ctx, 4));
    for by_save in [false, true] {
        let store = &*ctx.open_capped(3).await?;
        for (number, subject) in (0..3).zip(&crowd) {
            let accessed_at = shift(now, -1_000 + number * 100);
            let record = Record { accessed_at, owner: None, ..subject.record.clone() };
            let mine = Subject { key: subject.key, record };
            let first = mine.create(store, now).await?;
            if number > 0 {
                continue;
            }
            let record = Record { accessed_at: shift(now, -5), ..mine.record.clone() };
            if by_save {
                store.save(&mine.key, &record, Expect::Revision(first.revision), now).await?;
            } else {
                store.touch(&mine.key, first.revision, shift(now, -5), record.expires_at, now).await?;
            }
        }
        for newcomer in crowd.iter().skip(3) {
            newcomer.create(store, now).await?;
        }
        let left = there(store, &crowd, now).await?;
        ctx.same(1, &left, &vec![0, 2, 3], "who is left after the first was used again");
    }
    Ok(())
}

/// Giving a session an owner keeps it from being the next to go, and taking the owner away puts it back.
pub(super) async fn an_owner_keeps_a_session_from_being_next(ctx: &Ctx) -> Outcome {
    let (now, crowd) = (ctx.now(), crowd(ctx, 4));
    for (before, later, expected) in
        [(None, owner("ada"), vec![0, 2, 3]), (owner("ada"), None, vec![1, 2, 3])]
    {
        let store = &*ctx.open_capped(3).await?;
        for (number, subject) in (0..3).zip(&crowd) {
            let accessed_at = shift(now, -1_000 + number * 100);
            let own = if number == 0 { before.clone() } else { None };
            let record = Record { accessed_at, owner: own, ..subject.record.clone() };
            let first = Subject { key: subject.key, record: record.clone() }.create(store, now).await?;
            if number == 0 {
                let record = Record { owner: later.clone(), ..record };
                store.save(&subject.key, &record, Expect::Revision(first.revision), now).await?;
            }
        }
        for newcomer in crowd.iter().skip(3) {
            newcomer.create(store, now).await?;
        }
        ctx.same(1, &there(store, &crowd, now).await?, &expected, "who is left after an owner changed");
    }
    Ok(())
}
