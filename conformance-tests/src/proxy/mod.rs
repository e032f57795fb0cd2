//! A line to a server that breaks where it is told to.

mod line;
mod pipe;

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinHandle,
};

pub(crate) use self::line::{Break, Trap, Way, Weather};
use self::{line::Line, pipe::pipe};
use crate::rng::Rng;

/// Stands between a store and its server, passes on what either says, and breaks the line where it is told to.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    server: SocketAddr,
    line: Arc<Line>,
    door: Door,
}

/// Whether anybody is let in.
#[derive(Debug)]
enum Door {
    Open(JoinHandle<()>),
    /// The address is kept, so that nobody else takes it, and connections are refused.
    Closed(TcpSocket),
    Broken,
}

impl Proxy {
    /// Begins to stand before `server`, on a port of its own of the loopback.
    pub(crate) async fn before(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (address, line) = (listener.local_addr()?, Arc::new(Line::default()));
        let door = Door::Open(tokio::spawn(welcome(listener, server, Arc::clone(&line))));
        Ok(Self { address, server, line, door })
    }

    /// Returns the address that stands for the server's own.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins to count from nothing, and sets a trap.
    pub(crate) fn arm(&self, trap: Trap) {
        self.line.arm(Some(trap), None);
    }

    /// Sets one trap after the other, as `rng` decides.
    pub(crate) fn arm_for_ever(&self, rng: Rng) {
        let first = Trap { way: Way::ToServer, after: 0, then: Break::Close };
        self.line.arm(Some(first), Some(rng));
    }

    /// Begins to count from nothing, without a trap.
    pub(crate) fn disarm(&self) {
        self.line.arm(None, None);
    }

    /// Returns how many bytes went to the server and to the client since they are counted.
    pub(crate) fn passed(&self) -> (usize, usize) {
        self.line.passed()
    }

    /// Returns whether the trap broke the line.
    pub(crate) fn is_sprung(&self) -> bool {
        self.line.is_sprung()
    }

    /// Lets bytes go on, as they come or one by one.
    pub(crate) fn change(&self, weather: Weather) {
        self.line.change(weather);
    }

    /// Waits until the server has closed every connection that broke, so that nothing of it can happen any more.
    pub(crate) async fn settled(&self) {
        self.line.settled().await;
    }

    /// Breaks all connections, after passing on what clients have said by now, and waits until the server has closed them.
    pub(crate) async fn cut_all(&self) {
        let over = self.line.cut();
        over.closed().await;
        self.line.change(Weather::Fair);
    }

    /// Refuses connections from now on, and breaks the ones there are.
    pub(crate) async fn shut(&mut self) -> io::Result<()> {
        if let Door::Open(welcome) = std::mem::replace(&mut self.door, Door::Broken) {
            welcome.abort();
            // It ends by being aborted.
            let _ = welcome.await;
            let socket = TcpSocket::new_v4()?;
            socket.set_reuseaddr(true)?;
            socket.bind(self.address)?;
            self.door = Door::Closed(socket);
        }
        self.cut_all().await;
        Ok(())
    }

    /// Lets connections in again.
    pub(crate) fn open(&mut self) -> io::Result<()> {
        if let Door::Closed(socket) = std::mem::replace(&mut self.door, Door::Broken) {
            let listener = socket.listen(64)?;
            self.door = Door::Open(tokio::spawn(welcome(listener, self.server, Arc::clone(&self.line))));
        }
        Ok(())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Door::Open(welcome) = &self.door {
            welcome.abort();
        }
        self.line.cut();
    }
}

/// Connects everybody who comes with the server.
async fn welcome(listener: TcpListener, server: SocketAddr, line: Arc<Line>) {
    while let Ok((client, _)) = listener.accept().await {
        let (line, era) = (Arc::clone(&line), line.era());
        tokio::spawn(async move {
            if let Ok(server) = TcpStream::connect(server).await {
                pipe(client, server, &line, era).await;
            }
        });
    }
}
