//! One connection of HTTP/1.1 that is kept alive.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Result;

pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer of 200; any other is an error.
pub(super) struct Answer {
    /// The name and value of the first cookie that is set.
    pub(super) set_cookie: Option<String>,
    pub(super) body: String,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(1_024) })
    }

    /// Sends a request, and reads the whole answer.
    pub(super) async fn get(&mut self, path: &str, cookie: &str) -> Result<Answer> {
        let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{cookie}\r\n");
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server hung up".into());
            }
            if let Some(answer) = parse(&self.buffer)? {
                return Ok(answer);
            }
        }
    }
}

/// Returns the answer if it has arrived as a whole.
fn parse(bytes: &[u8]) -> Result<Option<Answer>> {
    let text = str::from_utf8(bytes)?;
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return Ok(None) };
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default();
    if !status.starts_with("HTTP/1.1 200") {
        return Err(format!("the server answered `{status}`").into());
    }
    let fields: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
    let field = |name: &str| {
        fields.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    };
    let length: usize = field("content-length").ok_or("an answer tells its length")?.parse()?;
    let set_cookie = field("set-cookie").and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
    Ok((body.len() >= length).then(|| Answer { set_cookie, body: body.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "HTTP/1.1 200 OK\r\nSet-Cookie: id=abc; Path=/\r\nContent-Length: 2\r\n\r\n42";

    #[test]
    fn an_answer_is_read_when_all_of_it_is_there() {
        for end in 0..WHOLE.len() {
            assert!(parse(&WHOLE.as_bytes()[..end]).unwrap().is_none(), "{end}");
        }
        let answer = parse(WHOLE.as_bytes()).unwrap().unwrap();
        assert_eq!((answer.set_cookie.as_deref(), answer.body.as_str()), (Some("id=abc"), "42"));
    }

    #[test]
    fn an_answer_that_is_no_success_does_not_count() {
        assert!(parse(WHOLE.replace("200", "503").as_bytes()).is_err());
    }
}
