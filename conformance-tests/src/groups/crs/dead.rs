//! The dead, of whom a sweep may have deleted some.

use session_core::{Result, Store};

use super::scene::Scene;
use crate::{ctx::Ctx, namespace::Namespace, outcome::Outcome};

impl Scene {
    /// Checks that as many of the dead are gone as a sweep said to have deleted.
    pub(super) async fn are_swept_as_said(
        &self,
        ctx: &Ctx,
        number: u32,
        namespace: &Namespace,
        (answer, when): (&Result<usize>, &str),
    ) -> Outcome {
        let Ok(said) = answer else { return Ok(()) };
        if self.dead.is_empty() {
            return Ok(());
        }
        let store = ctx.answered(1, ctx.open_namespace(namespace)).await??;
        let mut gone = 0;
        for subject in &self.dead {
            let found = ctx.answered(2, store.load(&subject.key, self.now)).await?;
            gone += usize::from(matches!(found, Ok(None)));
        }
        ctx.same(
            number,
            &gone,
            said,
            format_args!("{when}, how many are gone that a sweep said to have deleted"),
        );
        Ok(())
    }

    /// Checks that each of the dead is as it was or gone, and that a sweep finds the rest.
    pub(super) async fn judge_dead(&self, ctx: &Ctx, store: &dyn Store, killed: &str) -> Outcome {
        if self.dead.is_empty() {
            // Nothing must depend on a sweep, so there is none before the next writes.
            return Ok(());
        }
        let mut left = 0;
        for subject in &self.dead {
            match store.load(&subject.key, self.now).await {
                Ok(None) => {}
                Ok(Some(found)) => {
                    left += 1;
                    let whole =
                        ctx.same(2, &found.record.data, &subject.record.data, "data of a dead session");
                    ctx.check(2, whole, format_args!("killed {killed}, a dead session is another one"));
                }
                Err(error) => {
                    ctx.check(
                        2,
                        false,
                        format_args!("killed {killed}, loading a dead session failed: {error:?}"),
                    );
                }
            }
        }
        if !self.has_times {
            // A store may judge by the times of files what is dead.
            return Ok(());
        }
        let swept = store.delete_expired(self.later(), usize::MAX).await;
        let swept = swept.map_err(|error| format!("{error:?}"));
        ctx.same(5, &swept, &Ok(left), format_args!("killed {killed}, how many the next sweep deleted"));
        Ok(())
    }
}
