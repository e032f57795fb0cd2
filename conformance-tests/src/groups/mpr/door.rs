//! A second process at the door.

use session_core::{Error, Expect, Outcome as Known};

use crate::{checks::Answer, ctx::Ctx, fixture::subject, outcome::Outcome};

/// A second process that opens the same store finds the same sessions where the store is shared, and is refused with an error that
/// says why where it is not, also when the first one has tried the door again. Either way the first process goes on, and when it has
/// closed the store, the second one opens it.
pub(super) async fn a_second_process_is_let_in_or_refused(ctx: &Ctx) -> Outcome {
    let (namespace, here) = ctx.open_other().await?;
    let (now, subject, is_shared) = (ctx.now(), subject(ctx), ctx.caps().shared);
    let created = subject.create(&*here, now).await?;
    if !is_shared {
        // That this process comes in twice is for the store to say; it keeps others out as before.
        drop(ctx.answered(1, ctx.open_namespace(&namespace)).await?);
    }
    let second = ctx.second_process().await?;
    match ctx.answered(1, second.open(&namespace)).await? {
        Ok(there) => {
            ctx.check(2, is_shared, "a second process was let in, and the store does not claim to be shared");
            ctx.finds(3, &*there, &subject.key, now, Some(&created), "for the second process").await;
            let _ = there.close().await;
        }
        Err(error) => {
            ctx.check(2, !is_shared, format_args!("a second process was refused: {error:?}"));
            ctx.check(4, is_refusal(&error), format_args!("the refusal does not say why: {error:?}"));
        }
    }
    let new = subject.with_data("saved while another process knocked");
    let saved = here.save(&subject.key, &new.record, Expect::Revision(created.revision), now).await;
    ctx.answers(5, &saved, Answer::Ok, "a save of the first process");
    let saved = new.at(saved.unwrap_or(created.revision));
    ctx.finds(5, &*here, &subject.key, now, Some(&saved), "for the first process").await;
    drop(here);
    let opened = ctx.open_in(&second, &namespace).await;
    if ctx.check(6, opened.is_ok(), format_args!("when the first process had closed it: {opened:?}")) {
        ctx.finds(7, &*opened?, &subject.key, now, Some(&saved), "when the first process had closed it")
            .await;
    }
    Ok(())
}

/// Returns whether an error says that nothing was done, because of another process.
fn is_refusal(error: &Error) -> bool {
    let Error::Backend { outcome: Known::NotApplied, source, .. } = error else { return false };
    let words = source.to_string().to_lowercase();
    ["process", "elsewhere", "in use", "locked"].iter().any(|word| words.contains(word))
}
