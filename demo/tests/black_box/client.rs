//! A small HTTP/1.1 client that sends any bytes, and keeps its connection.

use std::{
    io::{Error, ErrorKind, Result},
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// No answer takes that long, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection that is kept from request to request.
#[derive(Debug)]
pub(crate) struct Connection(BufReader<TcpStream>);

/// What the server answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Connection {
    pub(crate) async fn open(server: SocketAddr) -> Result<Self> {
        Self::open_from([127, 0, 0, 1].into(), server).await
    }

    /// Connects as the client with this address.
    pub(crate) async fn open_from(client: IpAddr, server: SocketAddr) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((client, 0).into())?;
        let stream = socket.connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request without a body, with each of `cookies` in a header of its own.
    pub(crate) async fn send(&mut self, method: &str, path: &str, cookies: &[&[u8]]) -> Result<Answer> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n").into_bytes();
        for cookie in cookies {
            head.extend_from_slice(b"Cookie: ");
            head.extend_from_slice(cookie);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        self.exchange(&head, method != "HEAD").await
    }

    pub(crate) async fn get(&mut self, path: &str, cookie: &str) -> Result<Answer> {
        self.send("GET", path, &[cookie.as_bytes()]).await
    }

    pub(crate) async fn post_form(&mut self, path: &str, cookie: &str, form: &str) -> Result<Answer> {
        let length = form.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Length: {length}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}"
        );
        self.exchange(request.as_bytes(), true).await
    }

    /// Sends bytes, and waits for nothing.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes).await
    }

    async fn exchange(&mut self, request: &[u8], with_body: bool) -> Result<Answer> {
        let answer = async {
            self.write(request).await?;
            self.receive(with_body).await
        };
        timeout(PATIENCE, answer).await.expect("the server answers in the end")
    }

    async fn receive(&mut self, with_body: bool) -> Result<Answer> {
        let status = self.line().await?;
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut answer = Answer {
            status: status.ok_or_else(|| Error::from(ErrorKind::InvalidData))?,
            ..Answer::default()
        };
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(": ") else { break };
            answer.headers.push((name.to_ascii_lowercase(), value.into()));
        }
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; if with_body { length } else { 0 }];
        self.0.read_exact(&mut body).await?;
        answer.body = String::from_utf8(body).expect("everything served is UTF-8");
        Ok(answer)
    }

    async fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        match self.0.read_line(&mut line).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end().into()),
        }
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(present, _)| present == name).map(|(_, value)| value.as_str())
    }

    /// Returns the name and value that the answer sets as a cookie, as a browser sends them back; empty where it
    /// removes it.
    pub(crate) fn cookie(&self) -> Option<&str> {
        let header = self.header("set-cookie")?;
        let pair = header.split(';').next().unwrap_or_default();
        Some(if header.contains("Max-Age=0") { "" } else { pair })
    }
}
