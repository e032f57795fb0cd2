//! What became of a search, and what a case makes of it.

use std::fmt::{self, Write};

use crate::{
    ctx::Ctx,
    linearize::{Operation, linearize, model::State},
    outcome::{Outcome, Stop},
};

/// What became of the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// There is an order that explains every answer.
    Linearizable,
    /// There is none; the words say how far the best attempt came.
    Violated(String),
    /// There are too many orders to try them all.
    Undecided,
}

impl Ctx {
    /// Checks that there is an order of these calls for one key.
    ///
    /// # Errors
    ///
    /// [`Stop::NotRun`] when that could not be decided: such a case has not passed.
    pub(crate) fn has_an_order(&self, number: u32, history: &[Operation]) -> Outcome {
        self.accepts(number, &linearize(history), history.len())
    }

    fn accepts(&self, number: u32, verdict: &Verdict, calls: usize) -> Outcome {
        if *verdict == Verdict::Undecided {
            return Err(Stop::NotRun(format!("there are too many orders of {calls} calls to try them all")));
        }
        self.check(number, *verdict == Verdict::Linearizable, verdict);
        Ok(())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linearizable => f.write_str("there is an order"),
            Self::Violated(words) => f.write_str(words),
            Self::Undecided => f.write_str("there are too many orders to try"),
        }
    }
}

/// Says how far the best attempt came, and what could not come next.
pub(crate) fn words<'a>(
    calls: usize,
    done: u32,
    state: &State,
    open: impl Iterator<Item = &'a Operation>,
) -> String {
    let mut words = format!(
        "no order of the {calls} calls explains the answers; after {done} of them there is {state:?}, and none of these \
        fits:"
    );
    for Operation { action, reply, called, ended } in open {
        let _ = write!(words, "\n    [{called}..{ended}] {action:?} was answered {reply:?}");
    }
    words
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use session_core::{Result, Store};
    use store_memory::MemoryStore;

    use super::*;
    use crate::{
        backend::{Backend, Opener},
        capabilities::Capabilities,
        case::{Case, Group},
        namespace::Namespace,
        options::Options,
        report,
        run::run,
    };

    struct Memory;

    impl Backend for Memory {
        const NAME: &'static str = "store-memory";
        const CAPS: Capabilities = Capabilities::PLAIN;

        async fn open(&self, _: &Namespace) -> Result<Arc<dyn Store>> {
            Ok(Arc::new(MemoryStore::new()))
        }
    }

    static CASE: Case = Case {
        id: "LIN-999",
        name: "a_history_of_too_many_orders",
        group: Group::Lin,
        needs: &[],
        run: |ctx| Box::pin(async { ctx.accepts(1, &Verdict::Undecided, 5) }),
    };

    #[test]
    fn a_case_with_a_history_that_was_not_judged_has_not_passed() {
        let opener: Arc<dyn Opener> = Arc::new(Memory);
        let report = run(&CASE, &opener, &Options::default());
        let reason = "there are too many orders of 5 calls to try them all".to_owned();
        assert_eq!(report.verdict, report::Verdict::NotRun(reason));
        assert_eq!(report.checks.get(&1), None);
    }
}
