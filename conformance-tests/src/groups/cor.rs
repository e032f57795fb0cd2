//! Damaged records are refused.

mod flips;
mod large;
mod opening;
mod room;

use session_core::{Key, Owner, Record, Timestamp};

use self::{
    flips::a_flipped_bit_is_seen_by_every_call,
    large::{
        a_large_record_that_was_cut_is_refused, flips_all_over_a_large_record_are_refused,
        what_changed_places_is_refused,
    },
    opening::a_damaged_record_keeps_no_store_shut,
    room::a_number_in_a_damaged_record_takes_no_room,
};
use super::lst::walk;
use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Stage, Subject, owner, pairs, shift, subject, subjects},
    outcome::{Outcome, Stop},
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! cor_cases {
    ($then:path, $args:tt) => {
        $then! { $args Cor
            cor_001 every_flipped_bit_is_refused [medium];
            cor_002 every_other_length_is_refused [medium];
            cor_003 garbage_is_refused [medium];
            cor_004 a_record_copied_to_another_key_is_refused [medium];
            cor_006 a_damaged_record_hides_no_other [medium directory];
            cor_009 only_a_delete_ends_a_damaged_record [medium];
            cor_010 a_damaged_record_keeps_no_store_shut [medium reopen];
            cor_011 a_flipped_bit_is_seen_by_every_call [medium];
            cor_012 a_number_in_a_damaged_record_takes_no_room [medium shared process_crash];
        }
    };
}
cor_cases!(crate::macros::case_table, ());

/// Every single bit flip of a record is refused as damage: never other data, never nothing, never a panic.
async fn every_flipped_bit_is_refused(ctx: &Ctx) -> Outcome {
    let (stage, medium) = (Stage::set(ctx, &small(ctx)).await?, ctx.medium()?);
    let good = on_medium(medium.read(&stage.key))?;
    for place in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= 1 << bit);
            on_medium(medium.write(&stage.key, &bad))?;
            let loaded = stage.store.load(&stage.key, stage.now).await;
            ctx.answers(
                1,
                &loaded,
                Answer::Corrupt,
                format_args!("a load with bit {bit} of byte {place} flipped"),
            );
        }
    }
    on_medium(medium.write(&stage.key, &good))?;
    stage.is_unchanged(2, "with its bytes as they were").await;
    stage.clear(3).await?;
    flips_all_over_a_large_record_are_refused(ctx).await
}

/// A session whose record is short enough to be damaged at every place.
fn small(ctx: &Ctx) -> Subject {
    let subject = subject(ctx).with_data("small");
    Subject { key: subject.key, record: Record { owner: owner("ada"), ..subject.record } }
}

fn on_medium<T>(result: std::io::Result<T>) -> Outcome<T> {
    result.map_err(|error| Stop::Failed(format!("the medium could not be used: {error}")))
}

/// A record that was cut, at whatever byte, is refused; so is one with something behind it.
async fn every_other_length_is_refused(ctx: &Ctx) -> Outcome {
    let (stage, medium) = (Stage::set(ctx, &small(ctx)).await?, ctx.medium()?);
    let good = on_medium(medium.read(&stage.key))?;
    for length in 0..good.len() {
        on_medium(medium.write(&stage.key, good.get(..length).unwrap_or_default()))?;
        let loaded = stage.store.load(&stage.key, stage.now).await;
        ctx.answers(1, &loaded, Answer::Corrupt, format_args!("a load of {length} of {} bytes", good.len()));
    }
    for tail in [&[0][..], &[0xff; 3], &good, b"\n"] {
        on_medium(medium.write(&stage.key, &[&good[..], tail].concat()))?;
        let loaded = stage.store.load(&stage.key, stage.now).await;
        ctx.answers(2, &loaded, Answer::Corrupt, format_args!("a load with {} bytes more", tail.len()));
    }
    stage.clear(3).await?;
    a_large_record_that_was_cut_is_refused(ctx).await
}

/// Zeros, garbage and numbers as large as can be are refused.
async fn garbage_is_refused(ctx: &Ctx) -> Outcome {
    let (stage, medium, mut rng) = (Stage::set(ctx, &small(ctx)).await?, ctx.medium()?, ctx.rng());
    let good = on_medium(medium.read(&stage.key))?;
    let fills = [0x00, 0x20, 0x7f, 0x80, 0xff].map(|byte| vec![byte; good.len()]);
    let random = [1, 7, good.len(), 4_096, 100_000].map(|length| rng.bytes(length));
    for garbage in fills.into_iter().chain(random) {
        on_medium(medium.write(&stage.key, &garbage))?;
        let loaded = stage.store.load(&stage.key, stage.now).await;
        ctx.answers(
            1,
            &loaded,
            Answer::Corrupt,
            format_args!("a load of {} bytes of garbage", garbage.len()),
        );
    }
    for start in 0..good.len() {
        let mut bad = good.clone();
        bad.iter_mut().skip(start).take(8).for_each(|byte| *byte = 0xff);
        if bad == good {
            continue;
        }
        on_medium(medium.write(&stage.key, &bad))?;
        let loaded = stage.store.load(&stage.key, stage.now).await;
        ctx.answers(2, &loaded, Answer::Corrupt, format_args!("a load with large numbers at byte {start}"));
    }
    stage.clear(3).await?;
    what_changed_places_is_refused(ctx).await
}

/// A record that was copied over another is not that other session: the key is under the checksum.
async fn a_record_copied_to_another_key_is_refused(ctx: &Ctx) -> Outcome {
    let (store, now, medium) = (ctx.store(), ctx.now(), ctx.medium()?);
    let all = subjects(ctx);
    for subject in &all {
        subject.create(store, now).await?;
    }
    for (one, two) in all.iter().zip(all.iter().skip(1)) {
        let bytes = on_medium(medium.read(&one.key))?;
        on_medium(medium.write(&two.key, &bytes))?;
        let loaded = store.load(&two.key, now).await;
        ctx.answers(1, &loaded, Answer::Corrupt, "a load of a record copied from another key");
        ctx.check(2, store.load(&one.key, now).await.is_ok(), "the record that was copied cannot be loaded");
        store.delete(&two.key).await?;
        two.create(store, now).await?;
    }
    Ok(())
}

/// A damaged record hides no other: lists, counts, sweeps and every other session go on, and none of them ends
/// it. Deleted it leaves nothing behind in any of them.
async fn a_damaged_record_hides_no_other(ctx: &Ctx) -> Outcome {
    let (directory, medium) = (ctx.directory()?, ctx.medium()?);
    let stage = Stage::set(ctx, &small(ctx)).await?;
    let (ada, now) = (Owner::new("ada")?, stage.now);
    // Whatever its key, there is one in front of it and one behind.
    for end in [0x00, 0xff] {
        Subject { key: Key::from_bytes([end; 16]), ..subject(ctx) }.create(stage.store, now).await?;
    }
    let lists = async || -> Outcome<_> {
        let page = directory.page(None, 100, now).await?;
        let owned = directory.owned_by(&ada, now).await?;
        Ok((page.len(), owned.len(), directory.count(now).await?))
    };
    let (page, owned, count) = lists().await?;
    on_medium(medium.write(&stage.key, b"damaged"))?;
    ctx.same(
        1,
        &lists().await?,
        &(page.saturating_sub(1), owned.saturating_sub(1), count.saturating_sub(1)),
        "page, owner's list and count without the damaged",
    );
    let all = directory.page(None, 100, now).await?;
    for size in [1, 2] {
        let walked = walk(directory, size, now).await?;
        ctx.check(7, walked == all, format_args!("pages of {size} do not get past a damaged record"));
    }
    let dying = subject(ctx).expiring(shift(now, 1));
    let dying = Subject { key: Key::from_bytes([5; 16]), ..dying };
    dying.create(stage.store, now).await?;
    let swept = stage.store.delete_expired(shift(now, 1), usize::MAX).await;
    ctx.answers(2, &swept, Answer::Ok, "a sweep beside a damaged record");
    ctx.finds(3, stage.store, &dying.key, now, None, "swept beside a damaged record").await;
    ctx.same(5, &swept.ok(), &Some(1), "how many a sweep beside a damaged record deleted");
    let loaded = stage.store.load(&stage.key, now).await;
    ctx.answers(6, &loaded, Answer::Corrupt, "a load after a sweep");
    stage.store.delete(&stage.key).await?;
    stage.create(&Record { owner: None, ..small(ctx).record }).await?;
    ctx.same(
        8,
        &lists().await?,
        &(page, owned.saturating_sub(1), count),
        "page, owner's list and count with a session of nobody in place of the damaged",
    );
    stage.clear(4).await
}

/// A damaged record keeps its key: no write replaces it, and a delete makes room for a new session.
async fn only_a_delete_ends_a_damaged_record(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let (stage, medium) = (Stage::set(ctx, &subject).await?, ctx.medium()?);
        on_medium(medium.write(&stage.key, b"damaged"))?;
        let saved = stage.save(&other, stage.revision()).await;
        ctx.answers(1, &saved, Answer::Corrupt, "a save of a damaged record");
        let touched = stage.touch(stage.revision(), Timestamp::MAX).await;
        ctx.answers(2, &touched, Answer::Corrupt, "a touch of a damaged record");
        ctx.check(3, stage.create(&other).await.is_err(), "a create replaced a damaged record");
        let loaded = stage.store.load(&stage.key, stage.now).await;
        ctx.answers(4, &loaded, Answer::Corrupt, "a load after refused writes");
        let again = stage.store.load(&stage.key, stage.now).await;
        ctx.answers(9, &again, Answer::Corrupt, "a load after one that found a record damaged");
        ctx.answers(5, &stage.store.delete(&stage.key).await, Answer::Ok, "a delete of a damaged record");
        stage.finds(6, None, "after a damaged record was deleted").await;
        let created = stage.create(&other).await;
        ctx.answers(7, &created, Answer::Ok, "a create after a damaged record was deleted");
        stage.clear(8).await?;
    }
    Ok(())
}
