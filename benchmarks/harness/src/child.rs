//! How a process is told what to do: a line for each round on its standard input, and the answer on its standard output.

use std::{
    hint::black_box,
    io::{BufRead, Write, stdin, stdout},
    time::{Duration, Instant},
};

/// What was done in how long.
pub(crate) type Done = (u64, Duration);

/// Says that it is ready, and then answers each line with `OPERATIONS NANOSECONDS`, until there are no more lines.
///
/// # Panics
///
/// When the driver has gone away.
pub async fn answer_rounds(mut round: impl AsyncFnMut(&[&str]) -> (u64, Duration)) {
    say("ready");
    // The runtime's other threads work; this one only waits for the driver between two rounds.
    for line in stdin().lock().lines() {
        let line = line.expect("a line of the driver");
        let (operations, time) = round(&line.split(' ').collect::<Vec<_>>()).await;
        say(&format!("{operations} {}", time.as_nanos()));
    }
}

/// Answers each line `MILLISECONDS` by doing `work` for so long, in this thread.
///
/// # Panics
///
/// When the driver has gone away, or asks for something else.
pub async fn repeat<T>(mut work: impl AsyncFnMut() -> T) {
    answer_rounds(async |round| {
        let [millis] = round else { panic!("a round is MILLISECONDS") };
        let (start, mut done) = (Instant::now(), 0);
        let time = Duration::from_millis(millis.parse().expect("a number of milliseconds"));
        while start.elapsed() < time {
            for _ in 0..BATCH {
                black_box(work().await);
            }
            done += BATCH;
        }
        (done, start.elapsed())
    })
    .await;
}

/// Answers each line by doing `work` once.
///
/// # Panics
///
/// When the driver has gone away.
pub async fn once(mut work: impl AsyncFnMut()) {
    answer_rounds(async |_| {
        let start = Instant::now();
        work().await;
        (1, start.elapsed())
    })
    .await;
}

/// Reading the clock takes some 30 ns, which must not count.
const BATCH: u64 = 64;

/// Prints a line for the driver.
pub(crate) fn say(line: &str) {
    let mut out = stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("the driver reads");
}
