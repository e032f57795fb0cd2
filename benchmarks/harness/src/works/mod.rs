//! The kinds of work, each the same for everyone who is compared.

pub(crate) mod births;
pub(crate) mod repeated;

use std::{ops::Range, str::FromStr, sync::Arc, time::Duration};

use tokio::task::JoinSet;

pub(crate) use self::repeated::{Load, Mix, Save, Touch};
use crate::values::Values;

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

/// What a round works on, and how.
pub(crate) struct Round<S> {
    pub(crate) subject: Arc<S>,
    pub(crate) values: Values,
    /// How many sessions there are.
    pub(crate) sessions: usize,
    pub(crate) tasks: usize,
    pub(crate) time: Duration,
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
