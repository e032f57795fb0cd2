//! Work that leaves as many sessions as there were: load, save, touch and the mix.

use std::{ops::Range, sync::Arc, time::Instant};

use super::{Round, join, share};
use crate::{
    change::change,
    child::Done,
    random::Random,
    subject::{Loads, Saves, Subject},
};

/// Has each task work on its places, in no order, until the time is up.
pub(crate) async fn round<S: Saves, W: Step<S>>(round: &Round<S>, step: W) -> Done {
    let (start, time) = (Instant::now(), round.time);
    let tasks = (0..round.tasks).map(|task| {
        let (subject, mut hand) = (Arc::clone(&round.subject), round.subject.hand(&round.values));
        let places = share(&(0..round.sessions), task, round.tasks);
        let mut random = Random::new(task as u64 + 1);
        async move {
            let mut done = 0;
            while start.elapsed() < time {
                for _ in 0..S::BATCH {
                    step.step(&subject, &mut hand, place_of(&places, &mut random), done).await;
                    done += 1;
                }
            }
            done
        }
    });
    let done = join(tasks).await.into_iter().sum();
    (done, start.elapsed())
}

fn place_of(places: &Range<usize>, random: &mut Random) -> usize {
    places.start + random.below(places.len())
}

/// What is done to one place, after so many that are done.
pub(crate) trait Step<S: Saves>: Copy + Send + Sync + 'static {
    fn step(
        self,
        subject: &S,
        hand: &mut S::Hand,
        place: usize,
        done: u64,
    ) -> impl Future<Output = ()> + Send;
}

#[derive(Clone, Copy)]
pub(crate) struct Load;

impl<S: Loads> Step<S> for Load {
    async fn step(self, subject: &S, _: &mut S::Hand, place: usize, _: u64) {
        subject.load(place).await;
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Save;

impl<S: Saves> Step<S> for Save {
    async fn step(self, subject: &S, hand: &mut S::Hand, place: usize, _: u64) {
        subject.save(hand, place, change()).await;
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Touch;

impl<S: Subject> Step<S> for Touch {
    async fn step(self, subject: &S, hand: &mut S::Hand, place: usize, _: u64) {
        subject.touch(hand, place, change()).await;
    }
}

/// Nine loads and a save.
#[derive(Clone, Copy)]
pub(crate) struct Mix;

impl<S: Loads> Step<S> for Mix {
    async fn step(self, subject: &S, hand: &mut S::Hand, place: usize, done: u64) {
        if done.is_multiple_of(10) {
            subject.save(hand, place, change()).await;
        } else {
            subject.load(place).await;
        }
    }
}
