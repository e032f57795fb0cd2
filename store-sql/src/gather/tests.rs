//! When calls go together, and when each is answered.

use tokio::{sync::Semaphore, task::JoinSet};

use super::*;
use crate::call::Call;

/// Answers with how many went together, as soon as it may.
struct Count(Arc<Semaphore>);

/// A call of so many bytes.
type Bytes = (Call, usize);

const LATE: usize = usize::MAX;
const NEVER_BEGUN: usize = usize::MAX - 1;

impl Work for Count {
    type Ask = Bytes;
    type Answer = usize;

    fn call((call, _): &Bytes) -> &Call {
        call
    }

    fn bytes((_, bytes): &Bytes) -> usize {
        *bytes
    }

    fn late(_: &Call, was_begun: bool) -> usize {
        if was_begun { LATE } else { NEVER_BEGUN }
    }

    async fn carry_out(&self, batch: Vec<Asked<Self>>) {
        self.0.acquire().await.unwrap().forget();
        let size = batch.len();
        batch.into_iter().for_each(|asked| asked.answer(size));
    }
}

/// A call that has all the time in the world.
fn patient() -> Call {
    Call::new("test", Duration::from_secs(3_600))
}

/// Asks for so many of these bytes, one after the other, and returns how large each one's batch was, in this order.
async fn sizes(manner: Manner, bytes: &[usize]) -> Vec<usize> {
    let may = Arc::new(Semaphore::new(0));
    let gather = Gather::new(Count(Arc::clone(&may)), manner, Executor::here().unwrap());
    let mut asks = JoinSet::new();
    for (place, bytes) in bytes.iter().copied().enumerate() {
        let gather = Arc::clone(&gather);
        asks.spawn(async move { (place, gather.ask((patient(), bytes)).await.unwrap()) });
        yield_now().await;
        yield_now().await;
    }
    may.add_permits(bytes.len());
    let mut sizes = asks.join_all().await;
    sizes.sort_unstable();
    // The last batch still looks whether somebody comes back, and leaves its place then.
    while gather.lock().under_way > 0 {
        yield_now().await;
    }
    sizes.into_iter().map(|(_, size)| size).collect()
}

#[tokio::test]
async fn the_first_goes_at_once_and_those_behind_it_go_together() {
    assert_eq!(sizes(Manner::together(1), &[1; 5]).await, [1, 4, 4, 4, 4]);
    assert_eq!(sizes(Manner::together(2), &[1; 5]).await, [1, 1, 3, 3, 3]);
    assert_eq!(sizes(Manner::ALONE, &[1; 5]).await, [1; 5]);
}

#[tokio::test]
async fn a_batch_has_a_most_of_calls_and_of_bytes() {
    let large = BYTES_MAX - 1;
    assert_eq!(sizes(Manner::together(1), &[1, large, large, 1, BYTES_MAX * 2]).await, [1, 1, 2, 2, 1]);
    let less = Manner::together(1).within(2);
    assert_eq!(sizes(less, &[1; 6]).await, [1, 2, 2, 2, 2, 1]);
    let many = sizes(Manner::together(1), &[1; CALLS_MAX + 3]).await;
    assert_eq!(many.iter().filter(|size| **size == CALLS_MAX).count(), CALLS_MAX);
    assert_eq!(many.iter().filter(|size| **size == 2).count(), 2);
}

#[test]
fn those_that_wait_when_the_runtime_ends_hear_it_and_so_do_those_that_come_later() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (first, second) = (runtime(), runtime());
    let executor = first.block_on(async { Executor::here().unwrap() });
    let gather = Gather::new(Count(Arc::new(Semaphore::new(0))), Manner::together(1), executor);
    let asks: Vec<_> = (0..3)
        .map(|_| {
            let gather = Arc::clone(&gather);
            second.spawn(async move { gather.ask((patient(), 1)).await })
        })
        .collect();
    second.block_on(yield_now());
    first.block_on(async {
        yield_now().await;
        yield_now().await;
    });
    drop(first);
    for ask in asks {
        assert_eq!(second.block_on(ask).unwrap(), None);
    }
    assert_eq!(second.block_on(gather.ask((patient(), 1))), None);
}

#[tokio::test]
async fn each_is_answered_in_its_own_time() {
    let may = Arc::new(Semaphore::new(0));
    let gather = Gather::new(Count(Arc::clone(&may)), Manner::together(1), Executor::here().unwrap());
    let ask = |call| {
        let gather = Arc::clone(&gather);
        tokio::spawn(async move { gather.ask((call, 1)).await.unwrap() })
    };
    let waiting = async |count| {
        while gather.lock().asked.len() != count || gather.lock().under_way != 1 {
            yield_now().await;
        }
    };
    let hurried = || Call::new("test", Duration::from_millis(40));
    let first = ask(hurried());
    waiting(0).await;
    // The first hangs, the second does not come to its turn.
    let second = ask(hurried());
    let answered = async { (first.await.unwrap(), second.await.unwrap()) };
    let answered = timeout(Duration::from_secs(20), answered).await.expect("they wait for ever");
    assert_eq!(answered, (LATE, NEVER_BEGUN));

    // Those that go together with one whose time is over go on.
    let (one, other) = (ask(patient()), ask(patient()));
    waiting(2).await;
    let between = ask(Call { begins_by: patient().deadline, ..hurried() });
    waiting(3).await;
    may.add_permits(1);
    assert_eq!(between.await.unwrap(), LATE);
    may.add_permits(1);
    assert_eq!((one.await.unwrap(), other.await.unwrap()), (3, 3));
}
