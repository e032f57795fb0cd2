//! The kinds of work, each the same for everyone who is compared.

mod births;
mod repeated;

use std::{ops::Range, str::FromStr, sync::Arc, time::Duration};

use tokio::task::JoinSet;

use crate::{child::Done, subject::Subject, values::Values};

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Create,
    Load,
    Save,
    Touch,
    Delete,
    /// Nine loads and a save.
    Mix,
}

/// How many tasks fill a store: enough for every store to share what it can share.
const FILLERS: usize = 64;

impl Work {
    /// Creates the sessions at the places from 0 on.
    pub(crate) async fn fill<S: Subject>(subject: &Arc<S>, values: &Values, sessions: usize) {
        births::create(subject, values, &(0..sessions), FILLERS, Duration::MAX).await;
    }

    /// Has `tasks` work for so long, and returns how much was done.
    pub(crate) async fn round<S: Subject>(
        self,
        subject: &Arc<S>,
        values: &Values,
        sessions: usize,
        tasks: usize,
        time: Duration,
    ) -> Done {
        match self {
            Self::Create | Self::Delete => {
                births::round(self, subject, values, &(sessions..2 * sessions), tasks, time).await
            }
            Self::Load | Self::Save | Self::Touch | Self::Mix => {
                repeated::round(self, subject, values, sessions, tasks, time).await
            }
        }
    }
}

impl FromStr for Work {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Ok(match name {
            "create" => Self::Create,
            "load" => Self::Load,
            "save" => Self::Save,
            "touch" => Self::Touch,
            "delete" => Self::Delete,
            "mix" => Self::Mix,
            other => return Err(format!("there is no work called `{other}`")),
        })
    }
}

/// Returns the places of one of the tasks.
fn share(places: &Range<usize>, task: usize, tasks: usize) -> Range<usize> {
    let at = |task| places.start + places.len() * task / tasks;
    at(task)..at(task + 1)
}

/// Runs the tasks to their end, and returns what each did.
async fn join<T: Send + 'static>(
    tasks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    tasks.collect::<JoinSet<_>>().join_all().await
}
