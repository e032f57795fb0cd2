//! What the server and its clients say: one line each, of words between single spaces.

use std::str::FromStr;

use session_core::{Error, Expect, Key, Owner, Record, Result, Revision, Stored, Timestamp};

/// Reads a line word by word.
pub(super) struct Words<'a>(std::str::Split<'a, char>);

impl<'a> Words<'a> {
    pub(super) fn of(line: &'a str) -> Self {
        Self(line.split(' '))
    }

    pub(super) fn word(&mut self) -> Result<&'a str> {
        self.0.next().ok_or_else(garbled)
    }

    pub(super) fn parse<T: FromStr>(&mut self) -> Result<T> {
        self.word()?.parse().map_err(|_| garbled())
    }

    pub(super) fn time(&mut self) -> Result<Timestamp> {
        self.parse().map(Timestamp::from_millis)
    }

    pub(super) fn revision(&mut self) -> Result<Revision> {
        Revision::from_i64(self.parse()?)
    }

    pub(super) fn expect(&mut self) -> Result<Expect> {
        match self.word()? {
            "absent" => Ok(Expect::Absent),
            number => Revision::from_i64(number.parse().map_err(|_| garbled())?).map(Expect::Revision),
        }
    }

    pub(super) fn owner(&mut self) -> Result<Option<Owner>> {
        let name = self.bytes()?;
        let name = std::str::from_utf8(&name).map_err(|_| garbled())?;
        if name.is_empty() { Ok(None) } else { Owner::new(name).map(Some) }
    }

    pub(super) fn record(&mut self) -> Result<Record> {
        let (accessed_at, expires_at) = (self.time()?, self.time()?);
        Ok(Record { accessed_at, expires_at, owner: self.owner()?, data: self.bytes()?.into() })
    }

    pub(super) fn item(&mut self) -> Result<(Key, Stored)> {
        Ok((self.parse()?, Stored { revision: self.revision()?, record: self.record()? }))
    }

    fn bytes(&mut self) -> Result<Vec<u8>> {
        let digits = self.word()?.strip_prefix('x').ok_or_else(garbled)?.as_bytes();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap_or_default(), 16);
        digits.chunks(2).map(|pair| byte(pair).map_err(|_| garbled())).collect()
    }
}

/// Says a record.
pub(super) fn record(record: &Record) -> String {
    let Record { data, accessed_at, expires_at, owner } = record;
    let owner = owner.as_ref().map_or("", Owner::as_str);
    let (accessed_at, expires_at) = (accessed_at.as_millis(), expires_at.as_millis());
    format!("{accessed_at} {expires_at} {} {}", bytes(owner.as_bytes()), bytes(data))
}

/// Says a session.
pub(super) fn item(key: &Key, stored: &Stored) -> String {
    format!("{key} {} {}", stored.revision.as_i64(), record(&stored.record))
}

pub(super) fn bytes(bytes: &[u8]) -> String {
    bytes.iter().fold("x".to_owned(), |said, byte| format!("{said}{byte:02x}"))
}

pub(super) fn garbled() -> Error {
    Error::Corrupt("it is not what a server says")
}
