//! An application in a process of its own.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use tokio::net::TcpListener;

use crate::app::App;

/// Serves until standard input ends, and says at which address.
pub(crate) fn serve(app: App) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.spawn(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        axum::serve(listener, app.router()).await.unwrap();
    });
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// A server as a process, which ends when it is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(app: App) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["serve", app.name()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, address: line.trim().parse().unwrap() }
    }

    /// Returns the processor time of all its threads so far, in ns.
    pub(crate) fn cpu(&self) -> u64 {
        let threads = fs::read_dir(format!("/proc/{}/task", self.process.id())).unwrap();
        let times =
            threads.map(|thread| fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap());
        times.map(|time| time.split(' ').next().unwrap().parse::<u64>().unwrap()).sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
    }
}
