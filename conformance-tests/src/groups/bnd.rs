//! The cap on the number of sessions.

use crate::{ctx::Ctx, fixture::subjects, outcome::Outcome};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! bnd_cases {
    ($then:path, $args:tt) => {
        $then! { $args Bnd
            bnd_003 the_session_being_created_is_never_evicted [cap];
        }
    };
}
bnd_cases!(crate::macros::case_table, ());

/// Whoever was just created is there, with a cap of one as well.
async fn the_session_being_created_is_never_evicted(ctx: &Ctx) -> Outcome {
    let now = ctx.now();
    for max in [1, 2, 3, 7] {
        let store = ctx.open_capped(max).await?;
        for subject in subjects(ctx) {
            let stored = subject.create(&*store, now).await?;
            ctx.finds(1, &*store, &subject.key, now, Some(&stored), "right after it was created").await;
        }
    }
    Ok(())
}
