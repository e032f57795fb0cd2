//! A request over a real connection.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Returns what `server` answers to a browser with `cookie`, head and body.
pub(crate) async fn ask(server: SocketAddr, cookie: &str) -> String {
    let mut stream = TcpStream::connect(server).await.unwrap();
    let request = format!("GET /count HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncookie: {cookie}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}
