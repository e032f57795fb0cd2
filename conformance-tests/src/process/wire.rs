//! What two processes say to each other.

use std::io::{self, ErrorKind, Read, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use session_core::{Error, Expect, Key, Outcome, Owner, Record, Result, Revision, Stored, Timestamp};

/// What an answer begins with, so that it is found in a trace; the number of its request follows.
pub(super) const ANSWERED: &[u8; 8] = b"ANSWERED";

/// What a request begins with.
const ASKED: &[u8; 8] = b"ASKED...";

/// A call, as the second process is told of it; `store` is the number it was opened under.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    Open { store: u64, namespace: String, max_sessions: Option<usize> },
    Close { store: u64 },
    Load { store: u64, key: WireKey, now: i64 },
    Save { store: u64, key: WireKey, record: WireRecord, expect: Option<i64>, now: i64 },
    Touch { store: u64, key: WireKey, expect: i64, times: (i64, i64), now: i64 },
    Delete { store: u64, key: WireKey },
    DeleteExpired { store: u64, now: i64, limit: usize },
    Page { store: u64, after: Option<WireKey>, limit: usize, now: i64 },
    OwnedBy { store: u64, owner: String, now: i64 },
    Count { store: u64, now: i64 },
}

/// What a call answered.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Done,
    Opened { directory: bool },
    Found(Option<WireStored>),
    Wrote(i64),
    Counted(u64),
    Listed(Vec<(WireKey, WireStored)>),
    Failed(Failure),
}

/// An error, as far as a case looks at it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Failure {
    Exists,
    Missing,
    Conflict,
    Corrupt,
    Full,
    Unsupported,
    NotApplied(String),
    Unknown(String),
}

pub(crate) type WireKey = [u8; Key::BYTES];

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WireRecord {
    data: Vec<u8>,
    accessed_at: i64,
    expires_at: i64,
    owner: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WireStored {
    record: WireRecord,
    revision: i64,
}

impl WireRecord {
    pub(crate) fn of(record: &Record) -> Self {
        Self {
            data: record.data.to_vec(),
            accessed_at: record.accessed_at.as_millis(),
            expires_at: record.expires_at.as_millis(),
            owner: record.owner.as_ref().map(|owner| owner.as_str().to_owned()),
        }
    }

    pub(crate) fn record(self) -> Result<Record> {
        Ok(Record {
            data: self.data.into(),
            accessed_at: Timestamp::from_millis(self.accessed_at),
            expires_at: Timestamp::from_millis(self.expires_at),
            owner: self.owner.map(|name| Owner::new(&name)).transpose()?,
        })
    }
}

impl WireStored {
    pub(crate) fn of(stored: &Stored) -> Self {
        Self { record: WireRecord::of(&stored.record), revision: stored.revision.as_i64() }
    }

    pub(crate) fn stored(self) -> Result<Stored> {
        Ok(Stored { record: self.record.record()?, revision: Revision::from_i64(self.revision)? })
    }
}

/// Returns the revision that is expected, or nothing for a creation.
pub(crate) fn of_expect(expect: Expect) -> Option<i64> {
    match expect {
        Expect::Absent => None,
        Expect::Revision(revision) => Some(revision.as_i64()),
    }
}

pub(crate) fn to_expect(expect: Option<i64>) -> Result<Expect> {
    expect.map_or(Ok(Expect::Absent), |revision| Revision::from_i64(revision).map(Expect::Revision))
}

impl Failure {
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Exists => Self::Exists,
            Error::Missing => Self::Missing,
            Error::Conflict => Self::Conflict,
            Error::Corrupt(_) => Self::Corrupt,
            Error::Full => Self::Full,
            Error::Unsupported(_) => Self::Unsupported,
            Error::Backend { outcome: Outcome::Unknown, .. } => Self::Unknown(words(error)),
            _ => Self::NotApplied(words(error)),
        }
    }

    pub(crate) fn error(self) -> Error {
        match self {
            Self::Exists => Error::Exists,
            Self::Missing => Error::Missing,
            Self::Conflict => Error::Conflict,
            Self::Corrupt => Error::Corrupt("says the second process"),
            Self::Full => Error::Full,
            Self::Unsupported => Error::Unsupported("it, says the second process"),
            Self::NotApplied(words) => Error::backend("the second process", "carry out a call", words),
            Self::Unknown(words) => Error::unknown("the second process", "carry out a call", words),
        }
    }
}

/// Returns what an error says, with its causes.
fn words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

/// Makes the bytes of a request.
pub(crate) fn request(number: u64, request: &Request) -> io::Result<Vec<u8>> {
    frame(ASKED, number, request)
}

/// Makes the bytes of an answer, which are sent in one call of the system.
pub(crate) fn answer(number: u64, answer: &Answer) -> io::Result<Vec<u8>> {
    frame(ANSWERED, number, answer)
}

fn frame(mark: &[u8; 8], number: u64, message: &impl Serialize) -> io::Result<Vec<u8>> {
    let body = postcard::to_stdvec(message).map_err(io::Error::other)?;
    let length = body.len() as u64;
    Ok([&mark[..], &number.to_le_bytes(), &length.to_le_bytes(), &body].concat())
}

/// Reads the next message, with its number.
pub(crate) fn read<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<(u64, T)> {
    let (mut mark, mut number, mut length) = ([0; 8], [0; 8], [0; 8]);
    for part in [&mut mark, &mut number, &mut length] {
        from.read_exact(part)?;
    }
    let length = u64::from_le_bytes(length);
    let mut body = Vec::new();
    if from.take(length).read_to_end(&mut body)? as u64 != length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok((u64::from_le_bytes(number), postcard::from_bytes(&body).map_err(io::Error::other)?))
}

/// Writes a message whole.
pub(crate) fn write(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}
