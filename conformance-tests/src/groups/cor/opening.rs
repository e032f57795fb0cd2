//! Opening a store that has a damaged record.

use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Neighbours, subject},
    outcome::Outcome,
};

use super::on_medium;

/// A store with a damaged record opens like any other: that is still refused, and every other session is there.
pub(super) async fn a_damaged_record_keeps_no_store_shut(ctx: &Ctx) -> Outcome {
    let ((namespace, store), now, subject) = (ctx.open_other().await?, ctx.now(), subject(ctx));
    let neighbours = Neighbours::around(&subject.key, &*store, now).await?;
    subject.create(&*store, now).await?;
    on_medium(ctx.medium_of(&namespace)?.write(&subject.key, b"damaged"))?;
    drop(store);
    for _ in 0..2 {
        let opened = ctx.open_namespace(&namespace).await;
        ctx.check(1, opened.is_ok(), "a store with a damaged record cannot be opened");
        let store = opened?;
        let loaded = store.load(&subject.key, now).await;
        ctx.answers(2, &loaded, Answer::Corrupt, "a load of a damaged record after opening again");
        neighbours.unharmed(ctx, 3, &*store, now, "opened again beside a damaged record").await;
    }
    Ok(())
}
