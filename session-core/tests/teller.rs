//! Who was evicted is told on a thread of its own. In a process of its own, because it listens for all of the process.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where something is missing, and listeners may panic"
)]

use std::{
    fmt::Debug,
    sync::{
        Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use session_core::{Key, Teller};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_mins(1);

/// Whoever listens: he waits before he has heard the first one, and panics then.
struct Ear {
    go: Mutex<Option<Receiver<()>>>,
    heard: Sender<String>,
}

impl Subscriber for Ear {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("session_core")
    }

    fn event(&self, event: &Event<'_>) {
        let go = self.go.lock().unwrap().take();
        if let Some(go) = go {
            go.recv_timeout(LONG).unwrap();
            panic!("whoever listens panics");
        }
        let mut said = Said(String::new());
        event.record(&mut said);
        self.heard.send(said.0).unwrap();
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// The key of an event.
struct Said(String);

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "key" {
            self.0 = format!("{value:?}");
        }
    }
}

#[test]
fn nobody_waits_for_whoever_listens_and_his_panic_keeps_nothing_from_the_next() {
    let ((go, wait), (heard, hears)) = (channel(), channel());
    tracing::subscriber::set_global_default(Ear { go: Mutex::new(Some(wait)), heard }).unwrap();
    let keys = [1, 2, 3].map(|byte| Key::from_bytes([byte; Key::BYTES]));
    let mut teller = Teller::named("tells-in-a-test");
    teller.tell(keys[..2].to_vec());
    teller.tell(keys[2..].to_vec());
    // Only now: whoever had waited for him would not have come here.
    go.send(()).unwrap();
    drop(teller);
    assert_eq!(hears.recv_timeout(LONG).unwrap(), keys[1].to_string());
    assert_eq!(hears.recv_timeout(LONG).unwrap(), keys[2].to_string());
}
