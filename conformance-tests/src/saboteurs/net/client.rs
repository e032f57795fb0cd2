//! One connection of a client to the server.

use std::{io, net::SocketAddr};

use session_core::{Error, Key, Result, Stored};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::saboteurs::net::{
    Habit,
    words::{Words, garbled},
};

/// What a server answered, or said no to.
pub(super) type Answer = Result<(Vec<(Key, Stored)>, i64)>;

/// A connection that was introduced to the server.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
    habit: Habit,
    /// Whether the answer to the introduction was read.
    pub(super) is_greeted: bool,
}

impl Client {
    pub(super) async fn connect(address: SocketAddr, namespace: &str, habit: Habit) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let is_greeted = habit != Habit::GreetsAndAsksAtOnce;
        let mut client = Self { stream: BufReader::new(stream), habit, is_greeted };
        client.say(namespace).await?;
        if is_greeted {
            // It is `ok`, and there is nothing else that a server says here.
            let _ = client.listen().await?;
        }
        Ok(client)
    }

    pub(super) async fn say(&mut self, line: &str) -> io::Result<()> {
        self.stream.write_all(format!("{line}\n").as_bytes()).await
    }

    /// Reads an answer to its end.
    pub(super) async fn listen(&mut self) -> io::Result<Answer> {
        if self.habit == Habit::ReadsOnce {
            return self.read_once().await;
        }
        let mut items = Vec::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).await?;
            let is_whole = line.ends_with('\n');
            match self.habit {
                Habit::TakesTheEndOfTheLineForTheEnd if !is_whole => return Ok(Ok((items, 0))),
                Habit::TakesHalfALine if !line.is_empty() => {}
                _ if is_whole => {}
                _ => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
            match read(line.trim_end()) {
                Line::Item(item) => items.push(item),
                Line::Last(number) if is_whole || self.habit == Habit::TakesHalfALine => {
                    return Ok(number.map(|number| (items, number)));
                }
                Line::Last(_) | Line::Nonsense => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
    }

    /// Takes what arrives first for all there is.
    async fn read_once(&mut self) -> io::Result<Answer> {
        let mut bytes = vec![0; 100_000];
        let read_bytes = self.stream.read(&mut bytes).await?;
        let text = String::from_utf8_lossy(bytes.get(..read_bytes).unwrap_or_default()).into_owned();
        let mut items = Vec::new();
        for line in text.lines() {
            match read(line) {
                Line::Item(item) => items.push(item),
                Line::Last(number) => return Ok(number.map(|number| (items, number))),
                Line::Nonsense => {}
            }
        }
        Ok(Ok((items, 0)))
    }
}

enum Line {
    Item((Key, Stored)),
    Last(Result<i64>),
    Nonsense,
}

fn read(line: &str) -> Line {
    let mut words = Words::of(line);
    match (words.word(), words.word()) {
        (Ok("ok"), Ok(number)) => number.parse().map_or(Line::Nonsense, |number| Line::Last(Ok(number))),
        (Ok("no"), Ok("exists")) => Line::Last(Err(Error::Exists)),
        (Ok("no"), Ok("missing")) => Line::Last(Err(Error::Missing)),
        (Ok("no"), Ok("conflict")) => Line::Last(Err(Error::Conflict)),
        (Ok("no"), _) => Line::Last(Err(garbled())),
        _ => Words::of(line).item().map_or(Line::Nonsense, Line::Item),
    }
}
