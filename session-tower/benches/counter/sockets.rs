//! The whole way, on the loopback device.

use std::time::Instant;

use tokio::task::JoinSet;

use crate::{Pairs, app::App, client::Connection, server::Server};

/// How many requests one round makes.
const REQUESTS: usize = 40_000;

/// Returns the server's processor time per request in ns, and the requests per second, of each round.
pub(crate) fn measure(rounds: usize, connections: usize) -> (Pairs, Pairs) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut plain = Load::new(App::Plain, connections).await;
        let mut sessions = Load::new(App::Sessions, connections).await;
        let (mut cpu, mut rate) = (Vec::new(), Vec::new());
        for round in 0..=rounds {
            let (one, other) = (plain.round().await, sessions.round().await);
            // The first round warms up.
            if round > 0 {
                cpu.push((one.0, other.0));
                rate.push((one.1, other.1));
            }
        }
        (cpu, rate)
    })
}

struct Load {
    server: Server,
    connections: Vec<Connection>,
}

impl Load {
    async fn new(app: App, connections: usize) -> Self {
        let server = Server::start(app);
        let mut opened = Vec::new();
        for _ in 0..connections {
            opened.push(Connection::open(server.address).await);
        }
        Self { server, connections: opened }
    }

    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    async fn round(&mut self) -> (f64, f64) {
        let (cpu, begun) = (self.server.cpu(), Instant::now());
        let each = REQUESTS / self.connections.len();
        let requests = (each * self.connections.len()) as f64;
        let mut visitors = JoinSet::new();
        for mut connection in self.connections.drain(..) {
            visitors.spawn(async move {
                for _ in 0..each {
                    connection.ask().await;
                }
                connection
            });
        }
        self.connections = visitors.join_all().await;
        let elapsed = begun.elapsed().as_secs_f64();
        ((self.server.cpu() - cpu) as f64 / requests, requests / elapsed)
    }
}
