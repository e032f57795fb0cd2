//! Handing calls to the thread and answers back, a hundred thousand times.

use std::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Waker},
    time::Duration,
};

use redb::backends::InMemoryBackend;
use tokio::{runtime::Builder, task::yield_now};

use super::*;
use crate::{
    crash::Dice,
    medium::{Medium, Opened},
    options::ShelfOptions,
};

/// How many calls are made on each kind of runtime.
const CALLS: usize = 100_000;

/// How many tasks make them, which are few now and then.
const TASKS: [usize; 4] = [1, 2, 16, 64];

/// After so long somebody was not woken. All of it takes some seconds.
const STUCK: Duration = Duration::from_secs(300);

#[derive(Debug)]
struct InMemory;

impl Medium for InMemory {
    fn open(&self) -> Result<Opened> {
        Ok(Opened { backend: Box::new(InMemoryBackend::new()), seal: None })
    }

    fn still_there(&self) -> Result<()> {
        Ok(())
    }
}

fn writer() -> Arc<Writer> {
    let shelf = Shelf::open(InMemory, ShelfOptions::default()).unwrap();
    Arc::new(Writer::start(Arc::new(shelf)).unwrap())
}

/// Runs a test that may get stuck in a thread of its own, and fails when it does.
fn ends(test: impl FnOnce() + Send + 'static) {
    let (end, ended) = mpsc::channel();
    let test = thread::spawn(move || {
        test();
        end.send(()).unwrap();
    });
    assert_ne!(ended.recv_timeout(STUCK), Err(mpsc::RecvTimeoutError::Timeout), "somebody was never woken");
    test.join().unwrap();
}

/// Makes calls one after the other; drops one in four at some moment, and expects its own answer from the others.
async fn hand_over(writer: Arc<Writer>, seed: u64, calls: usize, begun: Arc<AtomicUsize>) {
    let mut dice = Dice(seed + 1);
    for n in 0..calls {
        let begun = Arc::clone(&begun);
        let call = writer.ask(move |_| {
            begun.fetch_add(1, Ordering::Relaxed);
            Ok((seed, n))
        });
        if dice.roll(4) == 0 {
            let mut call = pin!(call);
            for _ in 0..dice.roll(3) {
                if call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                    break;
                }
                yield_now().await;
            }
        } else {
            assert_eq!(call.await.unwrap(), (seed, n));
        }
    }
}

/// Has tasks of every number make calls, with a writer of their own for each number.
async fn tasks_hand_over() {
    for count in TASKS {
        let (writer, begun) = (writer(), Arc::new(AtomicUsize::new(0)));
        let calls = CALLS / TASKS.len() / count;
        let tasks: Vec<_> = (0..count)
            .map(|task| tokio::spawn(hand_over(Arc::clone(&writer), task as u64, calls, Arc::clone(&begun))))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        writer.close().await;
        assert!((calls * count / 2..=calls * count).contains(&begun.load(Ordering::Relaxed)));
    }
}

#[test]
fn everybody_is_answered_on_one_thread() {
    ends(|| Builder::new_current_thread().build().unwrap().block_on(tasks_hand_over()));
}

#[test]
fn everybody_is_answered_on_two_threads() {
    ends(|| Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(tasks_hand_over()));
}
