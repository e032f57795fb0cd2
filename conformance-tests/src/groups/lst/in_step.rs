//! Sessions of an owner that are written in step.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use session_core::{Error, Expect, Key, Owner, Record, Stored};

use crate::{
    ctx::Ctx,
    fixture::{race, subject},
    outcome::Outcome,
};

/// How often both sessions are written before the writer pauses: a store may give up where nobody ever does.
const BURST: u64 = 3;

/// How long the writer pauses.
const PAUSE: Duration = Duration::from_millis(1);

/// An owner's list shows each session as it was at the same instant: of two that are written in turn, the second is as the first,
/// or a step behind.
pub(super) async fn a_list_shows_no_session_older_than_another(ctx: &Ctx) -> Outcome {
    let (store, directory, now, ada) = (ctx.store(), ctx.directory()?, ctx.now(), &Owner::new("ada")?);
    let pair = &[0x00, 0xff].map(|byte| Key::from_bytes([byte; Key::BYTES]));
    let at_step = |step: u64| Record {
        owner: Some(ada.clone()),
        data: step.to_le_bytes().to_vec().into(),
        ..subject(ctx).record
    };
    for _ in ctx.rounds(2, 10_000) {
        let (looking, at_step) = (&AtomicUsize::new(2), &at_step);
        let seen = race(3, |number| async move {
            let mut wrong = None;
            if number > 0 {
                for _ in 0..100 {
                    let owned = directory.owned_by(ada, now).await?;
                    wrong = wrong.or_else(|| out_of_step(&owned));
                }
                looking.fetch_sub(1, Ordering::SeqCst);
                return Ok(wrong);
            }
            let mut revisions = Vec::new();
            for key in pair {
                revisions.push((key, store.save(key, &at_step(0), Expect::Absent, now).await?));
            }
            for step in 1..100_000 {
                if looking.load(Ordering::SeqCst) == 0 {
                    break;
                }
                for (key, revision) in &mut revisions {
                    *revision = store.save(key, &at_step(step), Expect::Revision(*revision), now).await?;
                }
                if step.is_multiple_of(BURST) {
                    tokio::time::sleep(PAUSE).await;
                }
            }
            Ok::<_, Error>(None)
        });
        for wrong in seen.await? {
            let wrong = wrong?;
            ctx.check(
                1,
                wrong.is_none(),
                format_args!("sessions that are written in turn are listed at steps {wrong:?}"),
            );
        }
        for key in pair {
            store.delete(key).await?;
        }
    }
    Ok(())
}

/// Returns the steps of two listed sessions that were never those of both at once.
fn out_of_step(owned: &[(Key, Stored)]) -> Option<(u64, u64)> {
    let step = |stored: &Stored| Some(u64::from_le_bytes(stored.record.data.as_ref().try_into().ok()?));
    let [(_, first), (_, second)] = owned else { return None };
    let (first, second) = (step(first)?, step(second)?);
    (first != second && first != second + 1).then_some((first, second))
}
