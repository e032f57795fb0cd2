//! The cap on the number of sessions.

mod ends;
mod handles;
mod large;
mod many;
mod order;
mod race;
mod told;

use session_core::{Expect, Key, Record, Result, Store, Timestamp};

use self::{
    handles::two_handles_make_room_for_each_other,
    many::{
        a_cap_of_hundreds_holds_hundreds, a_refused_create_takes_up_no_room,
        the_evicted_are_gone_from_the_directory,
    },
    order::{
        a_touched_session_is_not_the_next_to_go, an_owner_keeps_a_session_from_being_next,
        the_right_session_is_evicted,
    },
    race::{the_last_place_is_taken_once, whoever_is_used_as_room_is_made_stays_or_is_missing},
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
            bnd_016 whoever_is_used_as_room_is_made_stays_or_is_missing [cap];
            bnd_017 two_handles_make_room_for_each_other [cap shared];
            bnd_018 the_last_place_is_taken_once [cap];
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
