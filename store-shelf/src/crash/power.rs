//! The loss of power at any moment.

use std::{
    cell::RefCell,
    panic::{self, AssertUnwindSafe},
    sync::{
        Mutex, Once,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use session_core::{Expect, Result, Revision, Store};
use tokio::task::JoinHandle;

use crate::{
    crash::{
        at,
        disk::{Bytes, Disk},
        images::{Dice, Flush, Promises, Walk},
        key, record,
        recorder::{Event, Recorder},
    },
    medium::{Medium, Opened},
    options::ShelfOptions,
    shelf::{self, Shelf},
    store::ShelfStore,
};

/// How many crashed files are opened.
const IMAGES: usize = 100_000;

/// How many broken files are enough to know.
const ENOUGH: usize = 100;

/// How many sessions take part.
const SESSION_COUNT: u64 = 24;

/// How much work is done.
const STEPS: usize = 120;

/// How many threads open crashed files.
const WALKERS: usize = 2;

/// The changes that are made, and what is known of the sessions.
struct Work {
    store: ShelfStore,
    recorder: Recorder,
    known: Vec<Option<Revision>>,
    dice: Dice,
}

impl Work {
    /// Makes up to eight changes that wait together.
    async fn step(&mut self, step: usize) {
        let (first, count) = (self.dice.roll(SESSION_COUNT), 1 + self.dice.roll(8));
        let calls: Vec<_> = (first..first + count).map(|n| self.change(n % SESSION_COUNT, step)).collect();
        for call in calls {
            let (n, revision) = call.await.unwrap();
            self.known[n] = revision;
        }
    }

    fn change(&mut self, n: u64, step: usize) -> JoinHandle<(usize, Option<Revision>)> {
        let (place, n) = (usize::try_from(n).unwrap(), u8::try_from(n).unwrap());
        let revision = self.known[place];
        let deletes = revision.is_some() && self.dice.roll(5) == 0;
        let length = usize::try_from(self.dice.roll(3_000)).unwrap();
        let data = (!deletes).then(|| format!("{step} {}", "x".repeat(length)));
        self.recorder.note(Event::Begun(n, data.clone()));
        let (store, recorder) = (self.store.clone(), self.recorder.clone());
        tokio::spawn(async move {
            let expect = revision.map_or(Expect::Absent, Expect::Revision);
            let revision = match &data {
                Some(data) => Some(store.save(&key(n), &record(data), expect, at(0)).await.unwrap()),
                None => store.delete(&key(n)).await.map(|()| None).unwrap(),
            };
            recorder.note(Event::Kept(n, data));
            (place, revision)
        })
    }
}

/// Returns what `STEPS` of work do to a disk, with a clean close and an opening in the middle, and when it begins.
async fn recorded(options: ShelfOptions) -> (Vec<Event>, usize) {
    let recorder = Recorder::default();
    shelf::make(recorder.clone()).unwrap();
    // A new file gets its name only after this.
    recorder.note(Event::Sync);
    let start = recorder.events().len();
    let mut known = vec![None; usize::try_from(SESSION_COUNT).unwrap()];
    for steps in [0..STEPS / 2, STEPS / 2..STEPS] {
        let store = ShelfStore::on("power".into(), recorder.clone(), options).unwrap();
        let dice = Dice(0x5eed + steps.start as u64);
        let mut work = Work { store, recorder: recorder.clone(), known, dice };
        for step in steps {
            work.step(step).await;
        }
        work.store.close().await;
        known = work.known;
    }
    (recorder.events(), start)
}

/// A disk after a crash.
#[derive(Debug)]
struct Crashed(Bytes);

impl Medium for Crashed {
    fn open(&self) -> Result<Opened> {
        Ok(Opened { backend: Box::new(Disk { bytes: Mutex::new(self.0.clone()) }), seal: None })
    }

    fn still_there(&self) -> Result<()> {
        Ok(())
    }
}

thread_local! {
    /// What a panic said while a crashed file was judged: redb panics over some of them.
    static JUDGING: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Opens a crashed file, and says what is wrong with it, if anything.
fn judge(image: Bytes, promises: &Promises) -> std::result::Result<(), String> {
    JUDGING.set(Some(String::new()));
    let judged = panic::catch_unwind(AssertUnwindSafe(|| {
        let opened = Shelf::open(Crashed(image), ShelfOptions::default());
        let shelf = opened.map_err(|error| format!("it does not open: {error:?}"))?;
        let snapshot = shelf.snapshot().unwrap().unwrap();
        let found = |n| {
            let stored = snapshot.load(&key(n), at(0)).unwrap()?;
            Some(String::from_utf8(stored.record.data.to_vec()).unwrap())
        };
        match promises.broken(found) {
            Some(n) => Err(format!("session {n} is not what was promised")),
            None => Ok(()),
        }
    }));
    let said = JUDGING.take().unwrap_or_default();
    judged.unwrap_or_else(|_| Err(format!("whoever reads it {said}")))
}

/// Has panics that are a judgement kept, and not shown.
fn hush() {
    static HUSHED: Once = Once::new();
    HUSHED.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            let is_judging = JUDGING.with_borrow_mut(|judging| {
                judging.as_mut().map(|said| *said = panicked.to_string()).is_some()
            });
            if !is_judging {
                loud(panicked);
            }
        }));
    });
}

/// Opens `count` crashed files, spread over all moments from `start` on, and returns how many broke a promise, and why
/// the first one did. Ends when they are `ENOUGH`.
fn broken(events: &[Event], start: usize, count: usize, flush: Flush) -> (usize, Option<String>) {
    let lossy = count.div_ceil(events.len() - start).saturating_sub(2);
    let (broken, why, opened) = (AtomicUsize::new(0), Mutex::new(None), AtomicUsize::new(0));
    let walk = |turn: usize| {
        let (mut walk, mut dice) = (Walk::new(events, flush), Dice(0xd1ce + turn as u64));
        for moment in 0..events.len() {
            walk.step();
            if moment < start || moment % WALKERS != turn {
                continue;
            }
            if broken.load(Ordering::Relaxed) >= ENOUGH {
                return;
            }
            let images = [walk.prefix(), walk.synced()].into_iter();
            let images: Vec<_> = images.chain((0..lossy).map(|_| walk.lossy(&mut dice))).collect();
            opened.fetch_add(images.len(), Ordering::Relaxed);
            for image in images {
                if let Err(error) = judge(image, &walk.promises) {
                    broken.fetch_add(1, Ordering::Relaxed);
                    why.lock().unwrap().get_or_insert(format!("at event {moment}: {error}"));
                }
            }
        }
    };
    hush();
    thread::scope(|scope| (0..WALKERS).for_each(|turn| drop(scope.spawn(move || walk(turn)))));
    let broken = broken.into_inner();
    assert!(opened.into_inner() >= count || broken >= ENOUGH);
    (broken, why.into_inner().unwrap())
}

#[tokio::test]
async fn no_acknowledged_write_is_lost_in_a_hundred_thousand_losses_of_power() {
    let (events, start) = recorded(ShelfOptions::default()).await;
    assert_eq!(broken(&events, start, IMAGES, Flush::Honoured), (0, None));
}

#[tokio::test]
async fn nor_is_one_lost_with_quick_repair() {
    let (events, start) = recorded(ShelfOptions::default().quick_repair(true)).await;
    assert_eq!(broken(&events, start, IMAGES / 10, Flush::Honoured), (0, None));
}

#[tokio::test]
async fn a_disk_that_ignores_syncs_is_caught() {
    let (events, start) = recorded(ShelfOptions::default()).await;
    let (broken, _) = broken(&events, start, IMAGES / 10, Flush::Ignored);
    assert!(broken >= ENOUGH, "only {broken}");
}
