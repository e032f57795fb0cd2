//! Who is woken.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError},
    task::{Poll, Waker},
    thread,
    time::Duration,
};

use async_trait::async_trait;
use session_core::{Result, Revision};

use crate::saboteurs::{Flaw, Save, World, saboteurs};

saboteurs! {
    the_first_to_poll_is_woken TheFirstToPollIsWoken caught by "CAN-013": "A save keeps the waker of its first poll, and wakes nobody else.";
}

/// Whether something is over, and who wants to know.
#[derive(Default)]
struct Alarm {
    is_over: bool,
    waker: Option<Waker>,
}

/// Waits for a thread, and is woken where it was polled first.
async fn wait_for_a_thread() {
    let alarm = Arc::new(Mutex::new(Alarm::default()));
    poll_fn(|context| {
        let mut it = alarm.lock().unwrap_or_else(PoisonError::into_inner);
        if it.is_over {
            return Poll::Ready(());
        }
        if it.waker.is_none() {
            it.waker = Some(context.waker().clone());
            let alarm = Arc::clone(&alarm);
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(1));
                let mut it = alarm.lock().unwrap_or_else(PoisonError::into_inner);
                it.is_over = true;
                it.waker.iter().for_each(Waker::wake_by_ref);
            });
        }
        Poll::Pending
    })
    .await;
}

#[async_trait]
impl Flaw for TheFirstToPollIsWoken {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        wait_for_a_thread().await;
        world.with(|sessions| call.on(sessions))
    }
}
