//! The names of our files, and of no others.
//!
//! ```text
//! sessions/                           0700, one folder for each first byte of a key
//!   0c/                               0700
//!     lock                            the lock of this folder: empty, never replaced, never deleted
//!     turn                            who waits for it next: empty, never replaced, never deleted
//!     <30 hex>.session                the record of the key 0c<30 hex>, its mtime the time it expires
//!     <30 hex>.<16 hex>.staged        a record that is being written
//!     <30 hex>.corrupt                a damaged record that was set aside
//! ```

use session_core::Key;

/// The file that whoever writes to a folder holds locked.
pub(crate) const LOCK: &str = "lock";
/// The file that whoever is next to lock the folder holds locked.
pub(crate) const TURN: &str = "turn";

/// One of the 256 folders: the first byte of the keys in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shard(pub(crate) u8);

impl Shard {
    pub(crate) fn of(key: &Key) -> Self {
        let [first, ..] = *key.as_bytes();
        Self(first)
    }

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map(Self)
    }

    /// Returns the first and the last key of the folder.
    pub(crate) fn keys(self) -> [Key; 2] {
        [0, u8::MAX].map(|fill| {
            let mut bytes = [fill; Key::BYTES];
            bytes.iter_mut().take(1).for_each(|first| *first = self.0);
            Key::from_bytes(bytes)
        })
    }

    /// Returns the name of the folder.
    pub(crate) fn folder(self) -> String {
        format!("{:02x}", self.0)
    }

    /// Returns what the file called `name` in this folder is, `None` for a foreign one.
    pub(crate) fn parse(self, name: &str) -> Option<Entry> {
        let (stem, suffix) = name.split_once('.')?;
        let key = format!("{}{stem}", self.folder()).parse().ok()?;
        match suffix {
            "session" => Some(Entry::Record(key)),
            "corrupt" => Some(Entry::Corrupt),
            _ => suffix.strip_suffix(".staged").filter(|nonce| is_nonce(nonce)).map(|_| Entry::Staged),
        }
    }
}

/// What a file of ours is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Record(Key),
    Staged,
    Corrupt,
}

impl Entry {
    /// Returns the key of a record.
    pub(crate) const fn key(self) -> Option<Key> {
        match self {
            Self::Record(key) => Some(key),
            Self::Staged | Self::Corrupt => None,
        }
    }
}

/// Returns the name of the record of `key` in its folder.
pub(crate) fn record(key: &Key) -> String {
    format!("{}.session", stem(key))
}

/// Returns where the record of `key` is below the root.
pub(crate) fn path(key: &Key) -> String {
    let [first, rest @ ..] = key.as_bytes();
    let mut path = String::with_capacity("0c/.session".len() + 2 * rest.len());
    push_hex(&mut path, &[*first]);
    path.push('/');
    push_hex(&mut path, rest);
    path.push_str(".session");
    path
}

/// Returns the name of a record of `key` that is being written.
pub(crate) fn staged(key: &Key, nonce: u64) -> String {
    format!("{}.{nonce:016x}.staged", stem(key))
}

/// Returns the name of a damaged record of `key` that was set aside.
pub(crate) fn corrupt(key: &Key) -> String {
    format!("{}.corrupt", stem(key))
}

fn stem(key: &Key) -> String {
    let [_, rest @ ..] = key.as_bytes();
    let mut stem = String::with_capacity(2 * rest.len());
    push_hex(&mut stem, rest);
    stem
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).expect("half of a byte is one digit");
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]));
}

fn is_nonce(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_names_are_understood() {
        let key: Key = "0c112233445566778899aabbccddeeff".parse().unwrap();
        let shard = Shard::of(&key);
        assert_eq!(shard.folder(), "0c");
        assert_eq!(record(&key), "112233445566778899aabbccddeeff.session");
        assert_eq!(path(&key), "0c/112233445566778899aabbccddeeff.session");
        assert_eq!(shard.parse(&record(&key)), Some(Entry::Record(key)));
        assert_eq!(shard.parse(&staged(&key, 7)), Some(Entry::Staged));
        assert_eq!(shard.parse(&corrupt(&key)), Some(Entry::Corrupt));
    }

    #[test]
    fn foreign_names_are_not_ours() {
        let stem = "112233445566778899aabbccddeeff";
        for name in [LOCK, TURN, "", ".", "..", "README.md", "x.session", stem, &format!("{stem}.session~")] {
            assert_eq!(Shard(0).parse(name), None, "{name}");
        }
        for name in [
            format!("{stem}0.session"),
            format!("{}.session", stem.to_uppercase()),
            format!("{stem}.1.staged"),
        ] {
            assert_eq!(Shard(0).parse(&name), None, "{name}");
        }
    }
}
