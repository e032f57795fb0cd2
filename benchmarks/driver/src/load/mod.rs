//! A load generator: connections that send a request as soon as the last one is answered.

mod connection;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use harness::Counted;
use tokio::task::JoinSet;

use self::connection::{Answer, Connection};
use crate::{Result, process::Process};

/// Who comes: so many connections, which share so many cookies, to a handler that awaits or does not.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) cookies: usize,
    pub(crate) awaits: bool,
}

/// What came of it.
pub(crate) struct Loaded {
    pub(crate) requests: usize,
    pub(crate) time: Duration,
    /// What the server's process took of the processors.
    pub(crate) cpu_time: Duration,
    /// In ascending order.
    latencies: Vec<Duration>,
}

impl Loaded {
    /// Returns the latency that so many of the requests, in parts of all, do not exceed.
    pub(crate) fn latency(&self, part: f64) -> Duration {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get((last as f64 * part).round() as usize).copied().unwrap_or_default()
    }
}

/// When the connections end.
#[derive(Clone)]
enum End {
    At(Instant),
    /// When so many more requests have been sent.
    After(Arc<AtomicUsize>),
}

impl Load {
    /// Puts the load on a server for so long.
    pub(crate) async fn put_on(&self, server: &Process, time: Duration) -> Result<Loaded> {
        let address = address(server)?;
        let cookies = cookies(address, self.cookies).await?;
        let (start, cpu_before) = (Instant::now(), server.cpu_time()?);
        let mut latencies = self.connect(address, &cookies, &End::At(start + time)).await?;
        let (time, cpu_time) = (start.elapsed(), server.cpu_time()? - cpu_before);
        latencies.sort_unstable();
        Ok(Loaded { requests: latencies.len(), time, cpu_time, latencies })
    }

    /// Has so many increments done, all of which are answered, and returns how many of them are not there.
    pub(crate) async fn lost(&self, server: &Process, increments: usize) -> Result<usize> {
        let address = address(server)?;
        let cookies = cookies(address, self.cookies).await?;
        let before = sum(address, &cookies).await?;
        let end = End::After(Arc::new(AtomicUsize::new(increments)));
        let answered = self.connect(address, &cookies, &end).await?.len();
        let kept = sum(address, &cookies).await? - before;
        if answered != increments || kept > increments {
            return Err(
                format!("{answered} answers and {kept} increments came of {increments} requests").into()
            );
        }
        Ok(increments - kept)
    }

    /// Has all connections send requests until the end, and returns how long each was answered after.
    async fn connect(
        &self,
        address: SocketAddr,
        cookies: &Arc<[String]>,
        end: &End,
    ) -> Result<Vec<Duration>> {
        let path = if self.awaits { Counted::SLOWLY } else { Counted::COUNT };
        let mut connections = JoinSet::new();
        for number in 0..self.connections {
            let (cookies, end) = (Arc::clone(cookies), end.clone());
            let connection = Connection::open(address).await?;
            connections.spawn(async move {
                send(connection, path, &cookies, number, &end).await.map_err(|error| error.to_string())
            });
        }
        let mut latencies = Vec::new();
        while let Some(sent) = connections.join_next().await {
            latencies.extend(sent??);
        }
        Ok(latencies)
    }
}

async fn send(
    mut connection: Connection,
    path: &str,
    cookies: &[String],
    number: usize,
    end: &End,
) -> Result<Vec<Duration>> {
    let (mut latencies, mut at) = (Vec::new(), number);
    while !end.has_come() {
        // A stride that is prime to their number visits all cookies.
        at = (at + 389) % cookies.len();
        let start = Instant::now();
        let answer = connection.get(path, &cookies[at]).await?;
        latencies.push(start.elapsed());
        // tower-sessions sets the same cookie with every answer.
        if answer.set_cookie.is_some_and(|set| set != cookies[at]) {
            return Err("a session that was there was not found".into());
        }
    }
    Ok(latencies)
}

impl End {
    fn has_come(&self) -> bool {
        match self {
            Self::At(end) => Instant::now() >= *end,
            Self::After(left) => {
                left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err()
            }
        }
    }
}

fn address(server: &Process) -> Result<SocketAddr> {
    Ok((Ipv4Addr::LOCALHOST, server.greeting.parse()?).into())
}

/// Has so many visitors come for the first time, and returns their cookies.
///
/// A server without sessions sets none, and is sent one all the same, so that all get requests of the same length.
async fn cookies(address: SocketAddr, count: usize) -> Result<Arc<[String]>> {
    let (mut connection, mut cookies) = (Connection::open(address).await?, Vec::with_capacity(count));
    for number in 0..count {
        let Answer { set_cookie, .. } = connection.get(Counted::COUNT, "").await?;
        cookies.push(set_cookie.unwrap_or_else(|| format!("id={number:048}")));
    }
    Ok(cookies.into())
}

/// Returns what all counters of these cookies show in sum.
async fn sum(address: SocketAddr, cookies: &[String]) -> Result<usize> {
    let (mut connection, mut sum) = (Connection::open(address).await?, 0);
    for cookie in cookies {
        sum += connection.get(Counted::READ, cookie).await?.body.parse::<usize>()?;
    }
    Ok(sum)
}
