//! A store in the second process, as this one sees it.

use std::{
    collections::HashMap,
    fmt,
    net::{Shutdown, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use async_trait::async_trait;
use session_core::{
    Directory, Error, Expect, Key, Owner, Record, Result, Revision, Store, Stored, Timestamp,
};
use tokio::sync::oneshot;

use crate::process::wire::{self, Answer, Request, WireRecord, WireStored};

/// A store in the second process: every call is made there.
///
/// A call that was under way when the process ended is answered `Unknown`, one that came later `NotApplied`.
#[derive(Clone)]
pub(crate) struct Remote {
    link: Arc<Link>,
    store: u64,
    directory: bool,
    tag: u32,
}

impl Remote {
    pub(crate) async fn open(link: &Arc<Link>, namespace: &str, max_sessions: Option<usize>) -> Result<Self> {
        let store = link.next_number();
        let request = Request::Open { store, namespace: namespace.to_owned(), max_sessions };
        match link.ask(0, &request).await? {
            Answer::Opened { directory } => Ok(Self { link: Arc::clone(link), store, directory, tag: 0 }),
            _ => Err(nonsense()),
        }
    }

    /// Drops the store in the second process, and waits until that is done.
    pub(crate) async fn close(&self) -> Result<()> {
        self.link.ask(self.tag, &Request::Close { store: self.store }).await.map(drop)
    }

    /// Returns a handle whose calls are found in a trace by `tag`: their answers carry it.
    pub(crate) fn tagged(&self, tag: u32) -> Self {
        Self { tag, ..self.clone() }
    }

    async fn wrote(&self, request: Request) -> Result<Revision> {
        match self.link.ask(self.tag, &request).await? {
            Answer::Wrote(revision) => Revision::from_i64(revision),
            _ => Err(nonsense()),
        }
    }

    async fn listed(&self, request: Request) -> Result<Vec<(Key, Stored)>> {
        let Answer::Listed(sessions) = self.link.ask(self.tag, &request).await? else {
            return Err(nonsense());
        };
        sessions.into_iter().map(|(key, stored)| Ok((Key::from_bytes(key), stored.stored()?))).collect()
    }

    async fn counted(&self, request: Request) -> Result<u64> {
        match self.link.ask(self.tag, &request).await? {
            Answer::Counted(count) => Ok(count),
            _ => Err(nonsense()),
        }
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("store", &self.store).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for Remote {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let request = Request::Load { store: self.store, key: *key.as_bytes(), now: now.as_millis() };
        match self.link.ask(self.tag, &request).await? {
            Answer::Found(found) => found.map(WireStored::stored).transpose(),
            _ => Err(nonsense()),
        }
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        let (key, record) = (*key.as_bytes(), WireRecord::of(record));
        let (expect, now) = (wire::of_expect(expect), now.as_millis());
        self.wrote(Request::Save { store: self.store, key, record, expect, now }).await
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        let (key, times) = (*key.as_bytes(), (accessed_at.as_millis(), expires_at.as_millis()));
        let (expect, now) = (expect.as_i64(), now.as_millis());
        self.wrote(Request::Touch { store: self.store, key, expect, times, now }).await
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.link.ask(self.tag, &Request::Delete { store: self.store, key: *key.as_bytes() }).await.map(drop)
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        let request = Request::DeleteExpired { store: self.store, now: now.as_millis(), limit };
        self.counted(request).await.map(|count| usize::try_from(count).unwrap_or(usize::MAX))
    }

    fn directory(&self) -> Option<&dyn Directory> {
        self.directory.then_some(self)
    }
}

#[async_trait]
impl Directory for Remote {
    async fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let after = after.map(|key| *key.as_bytes());
        self.listed(Request::Page { store: self.store, after, limit, now: now.as_millis() }).await
    }

    async fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let owner = owner.as_str().to_owned();
        self.listed(Request::OwnedBy { store: self.store, owner, now: now.as_millis() }).await
    }

    async fn count(&self, now: Timestamp) -> Result<u64> {
        self.counted(Request::Count { store: self.store, now: now.as_millis() }).await
    }
}

/// Where in the number of a request its tag is.
const TAG_SHIFT: u32 = 32;

/// Returns the tag of the call that `bytes` answer.
pub(crate) fn answered_tag(bytes: &[u8]) -> Option<u32> {
    let number = bytes.strip_prefix(wire::ANSWERED)?.first_chunk()?;
    u32::try_from(u64::from_le_bytes(*number) >> TAG_SHIFT).ok()
}

/// The connection to a second process.
pub(crate) struct Link {
    numbers: AtomicU64,
    requests: Mutex<TcpStream>,
    /// Who waits for which answer, `None` once the process has ended.
    waiting: Mutex<Option<HashMap<u64, oneshot::Sender<Answer>>>>,
}

impl Link {
    pub(crate) fn new(stream: TcpStream) -> std::io::Result<Arc<Self>> {
        let mut answers = stream.try_clone()?;
        let waiting = Mutex::new(Some(HashMap::new()));
        let link = Arc::new(Self { numbers: AtomicU64::new(1), requests: Mutex::new(stream), waiting });
        let reader = Arc::clone(&link);
        thread::Builder::new().spawn(move || {
            while let Ok((number, answer)) = wire::read(&mut answers) {
                let waits = reader.waiting().as_mut().and_then(|waiting| waiting.remove(&number));
                // Whoever asked may have been dropped since.
                let _ = waits.map(|waits| waits.send(answer));
            }
            *reader.waiting() = None;
        })?;
        Ok(link)
    }

    /// Ends the connection, and with it the second process.
    pub(crate) fn end(&self) {
        let _ = self.requests.lock().unwrap_or_else(PoisonError::into_inner).shutdown(Shutdown::Both);
    }

    fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::SeqCst)
    }

    async fn ask(&self, tag: u32, request: &Request) -> Result<Answer> {
        let (answer, number) = (oneshot::channel(), self.next_number() | u64::from(tag) << TAG_SHIFT);
        let ended = "it has ended";
        let bytes = wire::request(number, request)
            .map_err(|cause| Error::backend("the second process", "be asked", cause))?;
        match self.waiting().as_mut() {
            Some(waiting) => drop(waiting.insert(number, answer.0)),
            None => return Err(Error::backend("the second process", "be reached", ended)),
        }
        // A connection that is broken ends the wait below.
        let _ = wire::write(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner), &bytes);
        match answer.1.await {
            Ok(Answer::Failed(failure)) => Err(failure.error()),
            Ok(answer) => Ok(answer),
            Err(_) => Err(Error::unknown("the second process", "answer", ended)),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Option<HashMap<u64, oneshot::Sender<Answer>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nonsense() -> Error {
    Error::unknown("the second process", "answer", "it answered something else")
}
