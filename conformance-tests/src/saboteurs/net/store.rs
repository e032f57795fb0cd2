//! A store that asks a server.

use std::{fmt, io, net::SocketAddr, time::Duration};

use async_trait::async_trait;
use session_core::{
    Directory, Error, Expect, Key, Owner, Record, Result, Revision, Store, Stored, Timestamp,
};
use tokio::{sync::Mutex, time::timeout};

use crate::saboteurs::net::{
    Habit,
    client::{Answer, Client},
    words::{bytes, record},
};

/// A store with one connection, which is made when it is needed and thrown away when anything went wrong on it.
pub(super) struct ServedStore {
    address: SocketAddr,
    namespace: String,
    limit: Duration,
    habit: Habit,
    client: Mutex<Option<Client>>,
    /// What could not be asked because nobody was there.
    missed: Mutex<Vec<String>>,
}

impl ServedStore {
    pub(super) async fn open(
        address: SocketAddr,
        namespace: &str,
        limit: Duration,
        habit: Habit,
    ) -> Result<Self> {
        let namespace = namespace.to_owned();
        let store =
            Self { address, namespace, limit, habit, client: Mutex::default(), missed: Mutex::default() };
        *store.client.lock().await = Some(store.connect().await?);
        Ok(store)
    }

    async fn connect(&self) -> Result<Client> {
        loop {
            let client = Client::connect(self.address, &self.namespace, self.habit);
            match self.in_time(client).await {
                Ok(client) => return Ok(client),
                Err(_) if self.habit == Habit::WaitsForItsReturn => tokio::task::yield_now().await,
                Err(_) if self.habit == Habit::TakesFailureForMissing => return Err(Error::Missing),
                Err(error) => return Err(Error::backend("server", "connect", error)),
            }
        }
    }

    /// Asks, once.
    async fn ask(&self, request: &str) -> Answer {
        let mut place = self.client.lock().await;
        let mut client = match place.take() {
            Some(client) => client,
            None => self.connect_and_catch_up(request).await?,
        };
        let heard = async {
            client.say(request).await?;
            if self.habit == Habit::GreetsAndAsksAtOnce {
                return self.hear_greeting_and_answer(&mut client).await;
            }
            client.listen().await
        };
        let error = match self.in_time(heard).await {
            Ok(answer) => {
                *place = Some(client);
                return answer;
            }
            Err(error) => error,
        };
        let is_late = error.kind() == io::ErrorKind::TimedOut;
        if self.habit == Habit::KeepsTheDead || self.habit == Habit::KeepsTheLate && is_late {
            *place = Some(client);
        }
        let is_told_as_lost = match self.habit {
            Habit::TakesFailureForMissing => return Err(Error::Missing),
            Habit::FallsSilent => std::future::pending().await,
            Habit::LeavesAMark => {
                self.leave_a_mark(request).await;
                false
            }
            Habit::SaysNotApplied => true,
            Habit::SaysNotAppliedWhenReset => error.kind() == io::ErrorKind::ConnectionReset,
            _ => false,
        };
        let tell = if is_told_as_lost { Error::backend } else { Error::unknown };
        Err(tell("server", "ask", error))
    }

    /// The greeting is answered first, and whoever did not wait for it takes its loss for the loss of everything.
    async fn hear_greeting_and_answer(&self, client: &mut Client) -> io::Result<Answer> {
        if client.is_greeted {
            return client.listen().await;
        }
        client.is_greeted = true;
        match client.listen().await {
            Ok(_) => client.listen().await,
            Err(error) => Ok(Err(Error::backend("server", "connect", error))),
        }
    }

    async fn connect_and_catch_up(&self, request: &str) -> Result<Client> {
        let mut missed = self.missed.lock().await;
        let mut client = match self.connect().await {
            Ok(client) => client,
            Err(error) => {
                if self.habit == Habit::DoesItLater {
                    missed.push(request.to_owned());
                }
                return Err(error);
            }
        };
        for request in missed.drain(..) {
            let late = async {
                client.say(&request).await?;
                client.listen().await
            };
            // Nobody waits for it.
            let _ = self.in_time(late).await;
        }
        Ok(client)
    }

    /// Spoils the session that the request was about, or all where it was about many.
    async fn leave_a_mark(&self, request: &str) {
        let requests = match request.split(' ').nth(1).filter(|word| word.len() == 2 * Key::BYTES) {
            Some(key) => vec![format!("delete {key}"), format!("save {key} absent 0 0 {} x x", i64::MAX)],
            None => vec![format!("sweep {} {}", i64::MAX, usize::MAX)],
        };
        let Ok(mut client) = self.connect().await else { return };
        for request in requests {
            // Whether it worked shows in the sessions.
            let _ = client.say(&request).await;
            let _ = client.listen().await;
        }
    }

    async fn in_time<T>(&self, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
        if self.habit == Habit::WaitsForEver {
            return work.await;
        }
        timeout(self.limit, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Asks for a write, and does with a failure what the habit is.
    async fn write(&self, request: &str, in_its_place: i64) -> Result<i64> {
        let answer = self.ask(request).await;
        let is_failure = matches!(answer, Err(Error::Backend { .. }));
        let is_sweep = request.starts_with("sweep");
        let answer = match self.habit {
            Habit::AsksAgain if is_failure => self.ask(request).await,
            Habit::SweepsAgain if is_failure && is_sweep => self.ask(request).await,
            Habit::SaysOk if is_failure => Ok((Vec::new(), in_its_place)),
            _ => answer,
        };
        answer.map(|(_, number)| number)
    }

    /// Asks for sessions.
    async fn read(&self, request: &str) -> Result<Vec<(Key, Stored)>> {
        match self.ask(request).await {
            Err(Error::Backend { .. }) if self.habit == Habit::FindsNothing => Ok(Vec::new()),
            answer => answer.map(|(items, _)| items),
        }
    }
}

#[async_trait]
impl Store for ServedStore {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let found = self.read(&format!("load {key} {}", now.as_millis())).await?;
        Ok(found.into_iter().next().map(|(_, stored)| stored))
    }

    async fn save(&self, key: &Key, saved: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        let (now, saved) = (now.as_millis(), record(saved));
        let (expect, next) = match expect {
            Expect::Absent => ("absent".to_owned(), 0),
            Expect::Revision(revision) => {
                (revision.as_i64().to_string(), revision.as_i64().saturating_add(1))
            }
        };
        if self.habit == Habit::DeletesAndCreates && expect != "absent" {
            self.ask(&format!("delete {key}")).await?;
            return Revision::from_i64(self.write(&format!("save {key} absent {now} {saved}"), 0).await?);
        }
        Revision::from_i64(self.write(&format!("save {key} {expect} {now} {saved}"), next).await?)
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        let next = expect.next()?.as_i64();
        let times = [accessed_at, expires_at, now].map(|time| time.as_millis().to_string()).join(" ");
        let answer = self.write(&format!("touch {key} {} {times}", expect.as_i64()), next).await;
        if self.habit == Habit::TouchesAgain && matches!(answer, Err(Error::Backend { .. })) {
            return Revision::from_i64(self.write(&format!("touch {key} {next} {times}"), 0).await?);
        }
        Revision::from_i64(answer?)
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.write(&format!("delete {key}"), 0).await.map(drop)
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        let swept = self.write(&format!("sweep {} {limit}", now.as_millis()), 0).await?;
        Ok(usize::try_from(swept).unwrap_or(0))
    }

    fn directory(&self) -> Option<&dyn Directory> {
        Some(self)
    }
}

#[async_trait]
impl Directory for ServedStore {
    async fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let after = after.map_or("-".to_owned(), Key::to_string);
        self.read(&format!("page {after} {limit} {}", now.as_millis())).await
    }

    async fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        self.read(&format!("owned {} {}", bytes(owner.as_str().as_bytes()), now.as_millis())).await
    }

    async fn count(&self, now: Timestamp) -> Result<u64> {
        let (_, count) = self.ask(&format!("count {}", now.as_millis())).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

impl fmt::Debug for ServedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServedStore({})", self.address)
    }
}
