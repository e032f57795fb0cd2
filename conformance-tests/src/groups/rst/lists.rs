//! Lists that are opened again.

use session_core::{Owner, Timestamp};

use crate::{
    ctx::{Ctx, directory_of},
    fixture::{crowd, subjects},
    outcome::Outcome,
};

/// Lists, owners and counts are as they were.
pub(super) async fn the_directory_is_there_after_reopening(ctx: &Ctx) -> Outcome {
    let (namespace, store) = ctx.open_other().await?;
    let (now, ada) = (ctx.now(), Owner::new("ada")?);
    for subject in subjects(ctx).into_iter().chain(crowd(ctx, 30)) {
        subject.create(&*store, now).await?;
    }
    let directory = directory_of(&*store)?;
    let before = (directory.page(None, 100, now).await?, directory.owned_by(&ada, now).await?);
    drop(store);
    let store = ctx.open_namespace(&namespace).await?;
    let directory = directory_of(&*store)?;
    ctx.check(
        1,
        directory.page(None, 100, now).await? == before.0,
        "the page is another one after opening again",
    );
    ctx.check(2, directory.owned_by(&ada, now).await? == before.1, "an owner's list is another one");
    ctx.same(3, &directory.count(now).await?, &40, "the count after opening again");
    let lists =
        (directory.page(None, 100, Timestamp::MAX).await?, directory.owned_by(&ada, Timestamp::MAX).await?);
    let listed = (lists.0.len(), lists.1.len(), directory.count(Timestamp::MAX).await?);
    ctx.same(4, &listed, &(0, 0, 0), "how many of the dead are listed, are an owner's and count");
    Ok(())
}
