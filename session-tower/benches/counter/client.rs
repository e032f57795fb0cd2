//! A client that costs little, so that the server is what is measured.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection of one visitor.
pub(crate) struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let mut connection = Self { stream, request: Vec::new(), answer: Vec::new() };
        // A value of the length of a ticket, so that both servers parse as much.
        connection.show(&format!("id={}", "x".repeat(48)));
        connection.ask().await;
        let answer = String::from_utf8(connection.answer.clone()).unwrap();
        if let Some((_, rest)) = answer.split_once("set-cookie: ") {
            connection.show(rest.split(';').next().unwrap());
        }
        connection
    }

    fn show(&mut self, cookie: &str) {
        let head = format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: counter\r\nAccept: */*\r\nCookie: {cookie}\r\n\r\n"
        );
        self.request = head.into_bytes();
    }

    /// Sends the request, and waits for the whole answer, which comes in one piece.
    pub(crate) async fn ask(&mut self) {
        self.stream.write_all(&self.request).await.unwrap();
        self.answer.clear();
        loop {
            assert_ne!(self.stream.read_buf(&mut self.answer).await.unwrap(), 0, "the server hung up");
            if let Some(end) = self.answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                assert!(self.answer.starts_with(b"HTTP/1.1 200") && self.answer.len() > end + 4);
                return;
            }
        }
    }
}
