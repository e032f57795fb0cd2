//! Flaws that show when the line to a server breaks.

mod client;
mod server;
mod store;
mod words;

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use session_core::{Error, Result, Store};

use self::{server::Server, store::ServedStore};
use crate::{
    backend::Opener, capabilities::Capabilities, case::BoxFuture, namespace::Namespace, saboteurs::Saboteur,
};

/// Returns the store in which nothing is wrong.
pub(super) fn honest() -> Saboteur {
    let open = |name| Served::open(name, Habit::None);
    Saboteur { name: "honest_behind_a_server", flaw: "Nothing is wrong with it.", caught_by: "", open }
}

macro_rules! habits {
    ($($name:ident $habit:ident caught by $case:literal: $words:literal;)*) => {
        /// What a store does wrong when the line breaks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Habit {
            None,
            $(#[doc = $words] $habit,)*
        }

        /// The saboteurs of this folder.
        pub(crate) static SABOTEURS: &[Saboteur] = &[$(
            Saboteur {
                name: stringify!($name),
                flaw: $words,
                caught_by: $case,
                open: |name| Served::open(name, Habit::$habit),
            },
        )*];
    };
}

habits! {
    a_failure_is_no_session FindsNothing caught by "NET-001": "A load that failed found nothing.";
    a_failure_is_missing TakesFailureForMissing caught by "NET-001": "Where the server does not answer there is no session.";
    a_failure_falls_silent FallsSilent caught by "NET-001": "A call whose connection broke never ends.";
    a_failure_leaves_a_mark LeavesAMark caught by "NET-001": "Where a call failed, something else is written.";
    half_a_line_is_a_line TakesHalfALine caught by "NET-002": "A line that breaks off is taken for whole.";
    the_dead_connection_is_kept KeepsTheDead caught by "NET-001": "A connection that broke is used for ever.";
    it_goes_another_way GoesAnotherWay caught by "NET-001": "It knows its server and does not look at the address.";
    what_was_asked_is_not_applied SaysNotApplied caught by "NET-002": "A request without an answer was not applied.";
    it_asks_again AsksAgain caught by "NET-003": "It asks again, and answers what the second request met.";
    a_save_is_two_requests DeletesAndCreates caught by "NET-003": "A save deletes first and creates then.";
    it_touches_again TouchesAgain caught by "NET-004": "A touch without an answer is followed by one at the next revision.";
    a_failure_is_ok SaysOk caught by "NET-005": "A write without an answer is answered Ok.";
    it_sweeps_again SweepsAgain caught by "NET-006": "A sweep without an answer is followed by another, whose count is answered.";
    the_end_of_the_line_is_the_end TakesTheEndOfTheLineForTheEnd caught by "NET-007": "A list ends where the line breaks.";
    it_asks_with_the_greeting GreetsAndAsksAtOnce caught by "NET-008": "It asks without waiting for the greeting, and takes the loss of that for the loss of all.";
    a_reset_is_not_applied SaysNotAppliedWhenReset caught by "NET-009": "A request whose connection was reset was not applied.";
    it_waits_for_ever WaitsForEver caught by "NET-010": "It waits for an answer for ever.";
    the_late_connection_is_kept KeepsTheLate caught by "NET-011": "A connection whose answer is late is used for the next request.";
    it_waits_for_its_return WaitsForItsReturn caught by "NET-012": "It waits for a server that is away for ever.";
    it_does_it_later DoesItLater caught by "NET-012": "What was told not to be applied is made up for later.";
    one_read_is_one_answer ReadsOnce caught by "NET-014": "What arrives first is taken for the whole answer.";
}

/// Opens stores behind a server of their own, which is started when the first one is opened.
struct Served {
    name: &'static str,
    habit: Habit,
    server: OnceLock<Option<Server>>,
}

impl Served {
    fn open(name: &'static str, habit: Habit) -> Arc<dyn Opener> {
        Arc::new(Self { name, habit, server: OnceLock::new() })
    }

    fn address(&self) -> Option<SocketAddr> {
        self.server.get_or_init(|| Server::start().ok()).as_ref().map(Server::address)
    }

    async fn connect(
        &self,
        namespace: &Namespace,
        address: Option<SocketAddr>,
        limit: Duration,
    ) -> Result<Arc<dyn Store>> {
        let address = address.ok_or(Error::Unsupported("serving without a port of the loopback"))?;
        Ok(Arc::new(ServedStore::open(address, namespace.as_str(), limit, self.habit).await?))
    }
}

impl Opener for Served {
    fn name(&self) -> &'static str {
        self.name
    }

    fn caps(&self) -> Capabilities {
        Capabilities::PLAIN.directory().server()
    }

    fn open<'a>(&'a self, namespace: &'a Namespace) -> BoxFuture<'a, Result<Arc<dyn Store>>> {
        Box::pin(self.connect(namespace, self.address(), Duration::from_secs(10)))
    }

    fn open_capped<'a>(&'a self, _: &'a Namespace, _: usize) -> BoxFuture<'a, Result<Arc<dyn Store>>> {
        Box::pin(async { Err(Error::Unsupported("a cap")) })
    }

    fn folder(&self, _: &Namespace) -> Option<std::path::PathBuf> {
        None
    }

    fn medium(&self, _: &Namespace) -> Option<Box<dyn crate::backend::Medium>> {
        None
    }

    fn server(&self) -> Option<SocketAddr> {
        self.address()
    }

    fn open_through<'a>(
        &'a self,
        namespace: &'a Namespace,
        address: SocketAddr,
        limit: Duration,
    ) -> BoxFuture<'a, Result<Arc<dyn Store>>> {
        let goes_there = self.habit != Habit::GoesAnotherWay;
        let address = if goes_there { Some(address) } else { self.address() };
        Box::pin(self.connect(namespace, address, limit))
    }
}
