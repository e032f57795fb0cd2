//! Who makes room when a store with a cap was opened again.

use session_core::{Record, Store, Timestamp};

use crate::{
    ctx::Ctx,
    fixture::{Subject, crowd, owner, shift},
    outcome::Outcome,
};

/// Checks that owners, and accesses of touches, decide who makes room after opening again, and not the order in which
/// sessions were created.
pub(super) async fn who_is_next_is_known_after_reopening(ctx: &Ctx) -> Outcome {
    let (namespace, now, few) = (ctx.new_namespace()?, ctx.now(), crowd(ctx, 7));
    // The first goes last of all, and the others in the order of their last access.
    let begun = [(-100, owner("ada")), (-90, None), (-20, None), (-50, None)];
    let newcomers = [(1, owner("new")), (2, owner("new")), (3, owner("new"))];
    let used = few.iter().zip(begun.into_iter().chain(newcomers)).map(|(subject, (age, owner))| Subject {
        key: subject.key,
        record: Record { accessed_at: shift(now, age), owner, ..subject.record.clone() },
    });
    let (begun, newcomers): (Vec<_>, Vec<_>) = used.enumerate().partition(|(number, _)| *number < 4);
    let store = ctx.open_with(&namespace, Some(4)).await?;
    for (number, subject) in &begun {
        let revision = subject.create(&*store, now).await?.revision;
        if *number == 1 {
            store.touch(&subject.key, revision, shift(now, -1), Timestamp::MAX, now).await?;
        }
    }
    drop(store);
    let store = ctx.open_with(&namespace, Some(4)).await?;
    let left = [vec![0, 1, 2, 4], vec![0, 1, 4, 5], vec![0, 4, 5, 6]];
    for ((_, newcomer), left) in newcomers.iter().zip(left) {
        newcomer.create(&*store, now).await?;
        ctx.same(
            4,
            &there(&*store, &few, now).await?,
            &left,
            "who is there when room was made, opened again",
        );
    }
    Ok(())
}

/// Returns the numbers of those that are there.
async fn there(store: &dyn Store, few: &[Subject], now: Timestamp) -> Outcome<Vec<usize>> {
    let mut there = Vec::new();
    for (number, subject) in few.iter().enumerate() {
        there.extend(store.load(&subject.key, now).await?.map(|_| number));
    }
    Ok(there)
}
