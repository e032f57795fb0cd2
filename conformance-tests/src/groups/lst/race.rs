//! Lists that are read while others write.

use std::sync::atomic::{AtomicBool, Ordering};

use session_core::{Error, Expect, Owner, Result, Revision, Store, Timestamp};

use super::{Listed, come_and_go, fill, instant::Over, many::shows, walk};
use crate::{
    ctx::Ctx,
    fixture::{Subject, crowd, race},
    outcome::Outcome,
};

/// Someone who looks through an owner's sessions sees one that is being saved or touched, every time.
pub(super) async fn an_owner_never_misses_a_session_being_written(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let ada = &Owner::new("ada")?;
    let few: Vec<_> = crowd(ctx, 12).into_iter().filter(|subject| subject.record.owner.is_some()).collect();
    for _ in ctx.rounds(2, 10_000) {
        let mut begun = Vec::new();
        for subject in &few {
            begun.push((subject, subject.create(store, now).await?.revision));
        }
        let (begun, expected) = (&begun, few.len());
        let missed = race(3, |number| async move {
            let mut missed = 0;
            for step in 0..30 {
                if number == 0 {
                    write_all(store, begun, step, now).await?;
                } else {
                    let owned = directory.owned_by(ada, now).await?;
                    missed +=
                        usize::from(owned.len() != expected || !owned.is_sorted_by_key(|(key, _)| *key));
                }
            }
            Ok::<_, Error>(missed)
        });
        let missed: usize = missed.await?.into_iter().collect::<Result<Vec<_>>>()?.into_iter().sum();
        ctx.same(1, &missed, &0, "how many looks missed a session that was being written, or saw it twice");
        for subject in &few {
            store.delete(&subject.key).await?;
        }
    }
    Ok(())
}

/// Sessions that are saved and touched without end are on every page and in every count meanwhile.
pub(super) async fn what_is_being_written_is_listed_and_counted(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let (few, mut begun) = (crowd(ctx, 6), Vec::new());
    for subject in &few {
        begun.push((subject, subject.create(store, now).await?.revision));
    }
    for _ in ctx.rounds(2, 10_000) {
        let (now_at, is_over) = (&begun, &AtomicBool::new(false));
        let shown = race(3, |number| async move {
            let mut shown = (true, true);
            if number == 0 {
                let _end = Over(is_over);
                for step in 0..30 {
                    write_all(store, now_at, step, now).await?;
                }
                return Ok(shown);
            }
            for _ in (0..1_000).take_while(|_| !is_over.load(Ordering::SeqCst)) {
                let (listed, counted) = shows(directory, now_at.len(), now).await?;
                shown = (shown.0 && listed, shown.1 && counted);
            }
            Ok(shown)
        });
        let shown: Vec<(bool, bool)> = shown.await?.into_iter().collect::<Outcome<_>>()?;
        ctx.check(
            1,
            shown.iter().all(|(listed, _)| *listed),
            "a page missed a session that was being written",
        );
        ctx.check(
            2,
            shown.iter().all(|(_, counted)| *counted),
            "a count missed a session that was being written",
        );
        for (_, revision) in &mut begun {
            *revision = Revision::from_i64(revision.as_i64() + 30)?;
        }
    }
    Ok(())
}

async fn write_all(
    store: &dyn Store,
    begun: &[(&Subject, Revision)],
    step: i64,
    now: Timestamp,
) -> Result<()> {
    for (subject, first) in begun {
        let revision = Revision::from_i64(first.as_i64() + step)?;
        if step % 2 == 0 {
            store.save(&subject.key, &subject.record, Expect::Revision(revision), now).await?;
        } else {
            store.touch(&subject.key, revision, now, Timestamp::MAX, now).await?;
        }
    }
    Ok(())
}

/// Pages that are read while others create, write and delete show what stays exactly once.
pub(super) async fn pages_are_right_while_others_write(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let stable = &fill(ctx, store, now).await?;
    for round in ctx.rounds(2, 10_000) {
        let seen = race(3, |number| async move {
            if number == 0 {
                let listed = walk(directory, 5, now).await?;
                return Ok(listed.into_iter().filter(|listed| stable.contains(listed)).collect());
            }
            for step in 0..20 {
                let step = u16::try_from(number * 10_000 + round * 20 + step).unwrap_or(u16::MAX / 4);
                // Two threads may meet at one key, and one of them be refused.
                let _ = come_and_go(ctx, store, step % 16_000, now).await;
            }
            Ok(Vec::new())
        });
        let seen: Vec<Listed> = seen.await?.into_iter().collect::<Outcome<Vec<_>>>()?.concat();
        ctx.check(
            1,
            seen == *stable,
            format_args!("{} of {} that stayed were seen", seen.len(), stable.len()),
        );
    }
    Ok(())
}
