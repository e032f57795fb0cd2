//! One connection through the proxy.

use std::{io, mem, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy, sink},
    net::TcpStream,
    sync::watch,
    task::yield_now,
    time::timeout,
};

use crate::proxy::line::{Break, Line, Way, Weather};

/// For how long a server may take to notice that its client is gone; one that takes longer has hung.
const NOTICES_WITHIN: Duration = Duration::from_secs(10);

/// Passes on what both sides say until one of them ends, the line breaks, or the era is over.
pub(crate) async fn pipe(client: TcpStream, server: TcpStream, line: &Line, era: watch::Receiver<bool>) {
    // Every byte goes on at once, as it would without a proxy.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let mut pipe = Pipe { client, server, line, weather: line.weather(), era, held: Vec::new() };
    let end = pipe.run().await;
    pipe.end(end).await;
}

struct Pipe<'a> {
    client: TcpStream,
    server: TcpStream,
    line: &'a Line,
    weather: watch::Receiver<Weather>,
    era: watch::Receiver<bool>,
    /// What a stall keeps from the server or from the client.
    held: Vec<(Way, Vec<u8>)>,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// One of the two left, or the line broke.
    Closed,
    Reset,
    /// All connections are cut: what the client had said by then still counts.
    Cut,
}

impl Pipe<'_> {
    async fn run(&mut self) -> End {
        let (mut from_client, mut from_server) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
        loop {
            let is_passing = *self.weather.borrow_and_update() != Weather::Stalled;
            if is_passing && self.release().await.is_err() {
                return End::Closed;
            }
            let (way, read) = tokio::select! {
                biased;
                _ = self.era.changed() => return End::Cut,
                _ = self.weather.changed() => continue,
                read = self.client.read(&mut from_client), if is_passing => (Way::ToServer, read),
                read = self.server.read(&mut from_server), if is_passing => (Way::ToClient, read),
            };
            let from = if way == Way::ToServer { &from_client } else { &from_server };
            let Some(arrived @ [_, ..]) = read.ok().and_then(|read| from.get(..read)) else {
                return End::Closed;
            };
            if let Some(end) = self.forward(way, arrived).await {
                return end;
            }
        }
    }

    /// Passes bytes on as far as they may pass, and returns how the connection ends if it does.
    async fn forward(&mut self, way: Way, arrived: &[u8]) -> Option<End> {
        let (passing, then) = self.line.pass(way, arrived.len());
        let (now, later) = arrived.split_at_checked(passing).unwrap_or((arrived, &[]));
        let is_sent = self.send(way, now).await.is_ok();
        match then {
            None if is_sent => None,
            Some(Break::Reset) => Some(End::Reset),
            Some(Break::Stall) => {
                self.held.push((way, later.to_vec()));
                None
            }
            None | Some(Break::Close) => Some(End::Closed),
        }
    }

    async fn release(&mut self) -> io::Result<()> {
        for (way, bytes) in mem::take(&mut self.held) {
            self.send(way, &bytes).await?;
        }
        Ok(())
    }

    async fn send(&mut self, way: Way, bytes: &[u8]) -> io::Result<()> {
        let is_trickling = *self.weather.borrow() == Weather::Trickling;
        let to = if way == Way::ToServer { &mut self.server } else { &mut self.client };
        if !is_trickling {
            return to.write_all(bytes).await;
        }
        for byte in bytes {
            to.write_u8(*byte).await?;
            yield_now().await;
        }
        Ok(())
    }

    /// Breaks with the client, and waits until the server has noticed that it is gone.
    async fn end(mut self, end: End) {
        let _ending = self.line.ending();
        if end == End::Cut {
            self.last_words().await;
        }
        if end == End::Reset {
            // Without it the connection is closed in order, which is as good a break.
            let _ = self.client.set_zero_linger();
        }
        let Self { client, mut server, .. } = self;
        drop(client);
        // A server that is gone has noticed.
        let _ = server.shutdown().await;
        let _ = timeout(NOTICES_WITHIN, copy(&mut server, &mut sink())).await;
    }

    /// Passes on to the server what the client has sent already.
    async fn last_words(&mut self) {
        self.held.retain(|(way, _)| *way == Way::ToServer);
        let mut said = vec![0; 16 * 1024];
        let mut is_open = self.release().await.is_ok();
        while let (true, Ok(read @ 1..)) = (is_open, self.client.try_read(&mut said)) {
            is_open = self.server.write_all(said.get(..read).unwrap_or_default()).await.is_ok();
        }
    }
}
