//! A process that is killed in the middle of a write.

use super::slow::{SlowCall, What, beside, watch, write};
use crate::{ctx::Ctx, outcome::Outcome};

/// A process is killed before each step of a save: the other one, which has the store open, goes on with the same session.
pub(super) async fn a_killed_process_holds_up_nobody(ctx: &Ctx) -> Outcome {
    let steps = watch(ctx, What::Save, 3).await?;
    for (step, _) in steps.iter().zip(ctx.rounds(40, usize::MAX)) {
        let (namespace, here) = ctx.open_other().await?;
        let mut save = SlowCall::start(ctx, What::Save, &namespace, &here, Some((step, "SIGKILL"))).await?;
        let _ = ctx.answered(3, &mut save.calling).await?;
        save.second.kill();
        let written = ctx.answered(1, write(&save.recorder, ctx)).await?;
        ctx.check(
            1,
            written.is_ok(),
            format_args!("killed before {step}, the other process is answered {written:?}"),
        );
        let found = here.load(&save.key, ctx.now()).await;
        let is_mine = matches!(&found, Ok(Some(found)) if found.record == beside(ctx));
        ctx.check(
            2,
            is_mine,
            format_args!("killed before {step}, the other process does not find what it wrote"),
        );
        drop((save, here));
        ctx.discard(&namespace).await;
    }
    Ok(())
}
