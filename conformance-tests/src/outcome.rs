//! How a case ends, as the case sees it.

use session_core::Error;

/// How a case ends: it went through, whatever its checks found, or it stopped.
pub type Outcome<T = ()> = Result<T, Stop>;

/// Why a case stopped before its end.
#[derive(Debug)]
pub enum Stop {
    /// The store failed a call on which the rest of the case stands; a finding.
    Failed(String),
    /// This machine cannot run the case.
    NotRun(String),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(format!("a call that must succeed was answered {error:?}"))
    }
}
