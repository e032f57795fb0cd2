//! The second process: it makes the calls that it is asked for.

use std::{
    collections::HashMap,
    io,
    net::TcpStream,
    process,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use session_core::{Directory, Error, Key, Owner, Result, Revision, Store, Stored, Timestamp};
use tokio::runtime::{Builder, Runtime};

use crate::{
    backend::Opener,
    either_way,
    namespace::Namespace,
    process::{
        Invitation,
        wire::{self, Answer, Failure, Request, WireKey, WireStored},
    },
};

/// The thread of a second process that serves. Others that come to the suite there wait for the end of the process.
static SERVING: Mutex<()> = Mutex::new(());

/// Serves the stores of `opener` where this is a second process which was started for them; then it does not return.
///
/// Returns whether this is a second process at all: nothing else is to be done in one.
pub(crate) fn serve(opener: &Arc<dyn Opener>) -> bool {
    let invitation = Invitation::received();
    if let Some(invitation) = invitation.as_ref().filter(|invitation| invitation.name == opener.name()) {
        let _serving = SERVING.lock().unwrap_or_else(PoisonError::into_inner);
        // Whatever went wrong, the first process sees the connection end.
        let _ = work(opener, invitation);
        process::exit(0);
    }
    invitation.is_some()
}

/// Serves the store of the name that this second process was told; returns when it is none, or knows no such name.
pub(crate) fn serve_by_name(opener: impl FnOnce(&str) -> Option<Arc<dyn Opener>>) -> bool {
    let opener = Invitation::received().and_then(|invitation| opener(&invitation.name));
    opener.is_some_and(|opener| serve(&opener))
}

/// What the threads of the second process share.
struct Desk {
    opener: Arc<dyn Opener>,
    stores: Mutex<HashMap<u64, Arc<dyn Store>>>,
    answers: Mutex<TcpStream>,
    runtime: Runtime,
}

fn work(opener: &Arc<dyn Opener>, invitation: &Invitation) -> io::Result<()> {
    let mut requests = invitation.connect()?;
    allow_tracing();
    let hello = [invitation.token.to_le_bytes(), u64::from(process::id()).to_le_bytes()].concat();
    wire::write(&mut requests, &hello)?;
    let desk = Arc::new(Desk {
        opener: Arc::clone(opener),
        stores: Mutex::default(),
        answers: Mutex::new(requests.try_clone()?),
        runtime: Builder::new_multi_thread().worker_threads(2).enable_all().build()?,
    });
    loop {
        let (number, request) = wire::read(&mut requests)?;
        let desk = Arc::clone(&desk);
        // A thread for each call, so that the steps of a call have the same numbers in every run.
        thread::Builder::new().spawn(move || desk.carry_out(number, request))?;
    }
}

/// Lets any process of this user trace this one, where the system allows that to parents only.
fn allow_tracing() {
    #[cfg(target_os = "linux")]
    // A system without the rule does not know the call either.
    let _ = rustix::process::set_ptracer(rustix::process::PTracer::Any);
}

impl Desk {
    fn carry_out(&self, number: u64, request: Request) {
        let answer = self.runtime.block_on(self.answer(request));
        let answer = answer.unwrap_or_else(|error| Answer::Failed(Failure::of(&error)));
        let Ok(bytes) = wire::answer(number, &answer) else { return };
        // When nobody listens any more, the end of the connection ends this process.
        let _ = wire::write(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner), &bytes);
    }

    async fn answer(&self, request: Request) -> Result<Answer> {
        let at = Timestamp::from_millis;
        Ok(match request {
            Request::Open { store, namespace, max_sessions } => {
                self.open(store, &Namespace::named(&namespace), max_sessions).await?
            }
            Request::Close { store } => {
                self.stores().remove(&store);
                Answer::Done
            }
            Request::Load { store, key, now } => {
                let found = self.store(store)?.load(&Key::from_bytes(key), at(now)).await?;
                Answer::Found(found.as_ref().map(WireStored::of))
            }
            Request::Save { store, key, record, expect, now } => {
                let (record, expect) = (record.record()?, wire::to_expect(expect)?);
                let revision =
                    self.store(store)?.save(&Key::from_bytes(key), &record, expect, at(now)).await?;
                Answer::Wrote(revision.as_i64())
            }
            Request::Touch { store, key, expect, times: (accessed_at, expires_at), now } => {
                let (store, expect) = (self.store(store)?, Revision::from_i64(expect)?);
                let times = (at(accessed_at), at(expires_at));
                let revision = store.touch(&Key::from_bytes(key), expect, times.0, times.1, at(now)).await?;
                Answer::Wrote(revision.as_i64())
            }
            Request::Delete { store, key } => {
                self.store(store)?.delete(&Key::from_bytes(key)).await?;
                Answer::Done
            }
            Request::DeleteExpired { store, now, limit } => {
                Answer::Counted(self.store(store)?.delete_expired(at(now), limit).await? as u64)
            }
            Request::Page { store, after, limit, now } => {
                let (store, after) = (self.store(store)?, after.map(Key::from_bytes));
                listed(&directory(&*store)?.page(after.as_ref(), limit, at(now)).await?)
            }
            Request::OwnedBy { store, owner, now } => {
                let (store, owner) = (self.store(store)?, Owner::new(&owner)?);
                listed(&directory(&*store)?.owned_by(&owner, at(now)).await?)
            }
            Request::Count { store, now } => {
                Answer::Counted(directory(&*self.store(store)?)?.count(at(now)).await?)
            }
        })
    }

    async fn open(&self, number: u64, namespace: &Namespace, max_sessions: Option<usize>) -> Result<Answer> {
        let store = either_way::open(&*self.opener, namespace, max_sessions).await?;
        let directory = store.directory().is_some();
        self.stores().insert(number, store);
        Ok(Answer::Opened { directory })
    }

    fn store(&self, number: u64) -> Result<Arc<dyn Store>> {
        let store = self.stores().get(&number).map(Arc::clone);
        store.ok_or_else(|| Error::backend("the second process", "find a store", "it is not open"))
    }

    fn stores(&self) -> MutexGuard<'_, HashMap<u64, Arc<dyn Store>>> {
        self.stores.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn directory(store: &dyn Store) -> Result<&dyn Directory> {
    store.directory().ok_or(Error::Unsupported("listing"))
}

fn listed(sessions: &[(Key, Stored)]) -> Answer {
    let wire = |(key, stored): &(Key, Stored)| -> (WireKey, WireStored) {
        (*key.as_bytes(), WireStored::of(stored))
    };
    Answer::Listed(sessions.iter().map(wire).collect())
}
