//! A session as an application holds it, from the cookie to what is kept.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{change::change, child, random::Random, values::Values};

/// A library's sessions on one of its stores, used as an application uses them.
pub trait Handle: Send + Sync + 'static {
    /// What a browser keeps.
    type Cookie: Send + Sync + 'static;

    /// Starts a session with `values`, and returns its cookie.
    fn start(&self, values: &Values) -> impl Future<Output = Self::Cookie> + Send;

    /// Opens the session and reads the text called `name`.
    fn read(&self, cookie: &Self::Cookie, name: &str) -> impl Future<Output = ()> + Send;

    /// Opens the session, changes one value to say `change`, which no earlier commit said, and keeps that.
    fn commit(&self, cookie: &Self::Cookie, change: u64) -> impl Future<Output = ()> + Send;
}

/// Starts so many sessions, and then works as it is told, a line for each round: `read` or `commit`, `TASKS`,
/// `MILLISECONDS`.
///
/// # Panics
///
/// On a line that says something else.
pub async fn handle_rounds<H: Handle>(handle: H, bytes: usize, sessions: usize) {
    let (handle, values) = (Arc::new(handle), Values::of(bytes));
    let mut cookies = Vec::with_capacity(sessions);
    for _ in 0..sessions {
        cookies.push(handle.start(&values).await);
    }
    let (cookies, name) = (Arc::new(cookies), values.middle().to_owned());
    child::answer_rounds(async |round| {
        let [work, tasks, millis] = round else { panic!("a round is WORK TASKS MILLISECONDS") };
        let is_commit = match *work {
            "read" => false,
            "commit" => true,
            other => panic!("there is no work called `{other}`"),
        };
        let time = Duration::from_millis(millis.parse().expect("a number of milliseconds"));
        let tasks: usize = tasks.parse().expect("a number of tasks");
        let start = Instant::now();
        let tasks = (0..tasks).map(|task| {
            let (handle, cookies, name) = (Arc::clone(&handle), Arc::clone(&cookies), name.clone());
            async move {
                let (mut random, mut done) = (Random::new(task as u64 + 1), 0);
                while start.elapsed() < time {
                    // A session of its own, so that no commit is in the way of another.
                    let place = random.below(cookies.len() / tasks) * tasks + task;
                    if is_commit {
                        handle.commit(&cookies[place], change()).await;
                    } else {
                        handle.read(&cookies[place], &name).await;
                    }
                    done += 1;
                }
                done
            }
        });
        let done = tasks.collect::<JoinSet<_>>().join_all().await.into_iter().sum();
        (done, start.elapsed())
    })
    .await;
}
