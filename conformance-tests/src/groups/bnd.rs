//! The cap on the number of sessions.

mod many;
mod told;

use session_core::{Error, Expect, Key, Record, Result, Store, Timestamp};

use self::{
    many::{
        a_cap_of_hundreds_holds_hundreds, a_refused_create_takes_up_no_room,
        the_evicted_are_gone_from_the_directory,
    },
    told::{after_a_race_those_that_are_gone_were_told, the_evicted_are_told_and_nobody_else},
};
use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Subject, crowd, owner, pairs, race, shift, subjects},
    outcome::Outcome,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! bnd_cases {
    ($then:path, $args:tt) => {
        $then! { $args Bnd
            bnd_001 the_cap_is_exact_after_a_race [cap];
            bnd_002 the_right_session_is_evicted [cap];
            bnd_003 the_session_being_created_is_never_evicted [cap];
            bnd_004 visitors_do_not_log_anybody_out [cap];
            bnd_005 an_evicted_session_is_gone_for_good [cap];
            bnd_006 only_a_create_evicts [cap];
            bnd_007 a_delete_and_a_sweep_make_room [cap];
            bnd_009 a_touched_session_is_not_the_next_to_go [cap];
            bnd_010 an_owner_keeps_a_session_from_being_next [cap];
            bnd_011 a_cap_of_hundreds_holds_hundreds [cap];
            bnd_012 a_refused_create_takes_up_no_room [cap];
            bnd_013 the_evicted_are_gone_from_the_directory [cap directory];
            bnd_014 the_evicted_are_told_and_nobody_else [cap];
            bnd_015 after_a_race_those_that_are_gone_were_told [cap];
        }
    };
}
bnd_cases!(crate::macros::case_table, ());

/// After eight threads have created many times as many, there are exactly as many sessions as the cap says.
async fn the_cap_is_exact_after_a_race(ctx: &Ctx) -> Outcome {
    let (now, crowd) = (ctx.now(), &crowd(ctx, 160));
    for (_, max) in ctx.rounds(3, 100).zip([1, 2, 5, 16].into_iter().cycle()) {
        let store = &*ctx.open_capped(max).await?;
        let ends = race(8, |number| async move {
            for subject in crowd.iter().skip(number * 20).take(20) {
                subject.create(store, now).await?;
            }
            Ok(())
        });
        ends.await?.into_iter().collect::<Result<()>>()?;
        if let Some(directory) = store.directory() {
            let count = usize::try_from(directory.count(now).await?).unwrap_or(usize::MAX);
            ctx.same(1, &count, &max, format_args!("the count at a cap of {max}"));
        }
        ctx.same(
            2,
            &there(store, crowd, now).await?.len(),
            &max,
            format_args!("how many are there at a cap of {max}"),
        );
    }
    Ok(())
}

/// Returns the numbers of those that are there.
async fn there(store: &dyn Store, crowd: &[Subject], now: Timestamp) -> Result<Vec<usize>> {
    let mut there = Vec::new();
    for (number, subject) in crowd.iter().enumerate() {
        if store.load(&subject.key, now).await?.is_some() {
            there.push(number);
        }
    }
    Ok(there)
}

/// Who makes room: the dead in the order in which they died, then sessions without an owner, then owned ones, each by the
/// oldest access, whatever the order in which they were created.
async fn the_right_session_is_evicted(ctx: &Ctx) -> Outcome {
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

/// Whoever was just created is there, with a cap of one as well, and even where it is the first that would have to go.
async fn the_session_being_created_is_never_evicted(ctx: &Ctx) -> Outcome {
    let now = ctx.now();
    for max in [1, 2, 3, 7] {
        let store = &*ctx.open_capped(max).await?;
        for subject in subjects(ctx) {
            let oldest = Record { accessed_at: Timestamp::EPOCH, owner: None, ..subject.record.clone() };
            for record in [subject.record.clone(), oldest] {
                let mine = Subject { key: subject.key, record };
                let stored = mine.create(store, now).await?;
                ctx.finds(1, store, &mine.key, now, Some(&stored), "right after it was created").await;
                store.delete(&mine.key).await?;
                ctx.finds(2, store, &mine.key, now, None, "after it was deleted").await;
            }
            subject.create(store, now).await?;
        }
    }
    Ok(())
}

/// A thousand visitors without an owner log nobody out.
async fn visitors_do_not_log_anybody_out(ctx: &Ctx) -> Outcome {
    let (now, crowd) = (ctx.now(), crowd(ctx, 300));
    let store = &*ctx.open_capped(20).await?;
    let mut users = Vec::new();
    for (number, subject) in crowd.iter().take(15).enumerate() {
        let accessed_at = shift(now, -86_400_000 + i64::try_from(number).unwrap_or(0));
        let record = Record { owner: owner("ada"), accessed_at, ..subject.record.clone() };
        let user = Subject { key: subject.key, record };
        users.push((user.key, user.create(store, now).await?));
    }
    for subject in crowd.iter().skip(15) {
        let record = Record { owner: None, ..subject.record.clone() };
        Subject { key: subject.key, record }.create(store, now).await?;
    }
    for (key, stored) in &users {
        ctx.finds(1, store, key, now, Some(stored), "a user after a rush of visitors").await;
    }
    Ok(())
}

/// What was evicted is gone: for its old revision too, and its key can be created again.
async fn an_evicted_session_is_gone_for_good(ctx: &Ctx) -> Outcome {
    let now = ctx.now();
    for (subject, other) in pairs(ctx) {
        let store = &*ctx.open_capped(1).await?;
        let old = subject.create(store, now).await?;
        let next = crowd(ctx, 1).swap_remove(0);
        next.create(store, now).await?;
        ctx.finds(1, store, &subject.key, now, None, "evicted").await;
        let saved = store.save(&subject.key, &other, Expect::Revision(old.revision), now).await;
        ctx.answers(2, &saved, Answer::Missing, "a save of an evicted session");
        let touched = store.touch(&subject.key, old.revision, now, Timestamp::MAX, now).await;
        ctx.answers(3, &touched, Answer::Missing, "a touch of an evicted session");
        let again = subject.create(store, now).await?;
        ctx.check(4, again.revision != old.revision, "a revision was used a second time");
        ctx.finds(5, store, &subject.key, now, Some(&again), "created again").await;
        ctx.finds(6, store, &next.key, now, None, "evicted in turn").await;
    }
    Ok(())
}

/// Only a create evicts: a save, a touch, a refused create and a create of a taken key do not.
async fn only_a_create_evicts(ctx: &Ctx) -> Outcome {
    let (now, crowd) = (ctx.now(), crowd(ctx, 5));
    let store = &*ctx.open_capped(5).await?;
    let mut revisions = Vec::new();
    for subject in &crowd {
        revisions.push(subject.create(store, now).await?.revision);
    }
    for (subject, revision) in crowd.iter().zip(revisions) {
        let taken = subject.create(store, now).await;
        ctx.answers(1, &taken, Answer::Exists, "a create of a taken key at the cap");
        let saved = store.save(&subject.key, &subject.record, Expect::Revision(revision), now).await;
        ctx.answers(2, &saved, Answer::Ok, "a save at the cap");
        let touched = store.touch(&subject.key, saved?, now, subject.record.expires_at, now).await;
        ctx.answers(3, &touched, Answer::Ok, "a touch at the cap");
        ctx.answers(
            4,
            &subject.create(store, now).await,
            Answer::Exists,
            "a create of a taken key at the cap",
        );
        let absent = Key::from_bytes([7; 16]);
        let missed = store.save(&absent, &subject.record, Expect::Revision(revision), now).await;
        ctx.answers(6, &missed, Answer::Missing, "a save of nothing at the cap");
        let missed = store.touch(&absent, revision, now, Timestamp::MAX, now).await;
        ctx.answers(7, &missed, Answer::Missing, "a touch of nothing at the cap");
        let stale = store.save(&subject.key, &subject.record, Expect::Revision(revision), now).await;
        ctx.answers(8, &stale, Answer::Conflict, "a stale save at the cap");
        store.delete(&absent).await?;
        ctx.same(5, &there(store, &crowd, now).await?.len(), &5, "how many are there");
    }
    Ok(())
}

/// A delete and a sweep make room: the next create evicts nobody.
async fn a_delete_and_a_sweep_make_room(ctx: &Ctx) -> Outcome {
    let (now, crowd) = (ctx.now(), crowd(ctx, 9));
    for turn in 0..4 {
        let store = &*ctx.open_capped(6).await?;
        for (number, subject) in crowd.iter().take(6).enumerate() {
            let life = if number < 3 { 10 } else { 1_000 };
            subject.expiring(shift(now, life)).create(store, now).await?;
        }
        let (free, at) = (if turn % 2 == 0 { 3 } else { 2 }, shift(now, 10));
        if turn % 2 == 0 {
            ctx.same(1, &store.delete_expired(at, usize::MAX).await?, &3, "how many a sweep deleted");
        } else {
            for subject in crowd.iter().take(2) {
                store.delete(&subject.key).await?;
            }
            store.delete(&Key::from_bytes([9; 16])).await?;
        }
        for subject in crowd.iter().skip(6).take(free) {
            subject.create(store, now).await?;
        }
        let expected: Vec<usize> = (if turn % 2 == 0 { 3 } else { 2 }..6 + free).collect();
        ctx.same(2, &there(store, &crowd, now).await?, &expected, "who is there after room was made");
    }
    Ok(())
}

/// A touch and a save change who is next: the access in the record counts, not the order of writing.
async fn a_touched_session_is_not_the_next_to_go(ctx: &Ctx) -> Outcome {
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
async fn an_owner_keeps_a_session_from_being_next(ctx: &Ctx) -> Outcome {
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
