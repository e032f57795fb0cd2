//! How one value is written: MessagePack with named fields.
//!
//! Names make a value survive a struct that gained, lost or moved a field between two deploys. Human-readable
//! forms (an IP address as text) are chosen on both sides, because `flatten` and `untagged` need one answer.

use std::io::{self, ErrorKind, Write};

use bytes::Bytes;
use rmp_serde::{Deserializer, Serializer, decode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Error, Result};

/// Returns the bytes of `value`, which is called `name`.
pub(crate) fn encode<T: Serialize + ?Sized>(name: &str, value: &T) -> Result<Bytes> {
    let mut draft = Draft { room: [0; ROOM_BYTES], len: 0, more: Vec::new() };
    let mut serializer = Serializer::new(&mut draft).with_struct_map().with_human_readable();
    match value.serialize(&mut serializer) {
        Ok(()) => Ok(draft.into()),
        // The cause stays out: a `Serialize` may quote the value in it.
        Err(_) => Err(Error::Unserialisable { name: name.into(), given: std::any::type_name::<T>() }),
    }
}

/// What most values take.
const ROOM_BYTES: usize = 64;

/// The bytes of a value while they are written: on the stack, as long as they find room there.
struct Draft {
    room: [u8; ROOM_BYTES],
    len: usize,
    /// All of them, once there are too many.
    more: Vec<u8>,
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.len + bytes.len();
        match self.room.get_mut(self.len..end) {
            Some(room) => room.copy_from_slice(bytes),
            None => {
                if self.more.is_empty() {
                    self.more.extend(self.room.iter().take(self.len));
                }
                self.more.extend_from_slice(bytes);
            }
        }
        self.len = end;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl From<Draft> for Bytes {
    fn from(draft: Draft) -> Self {
        match draft.room.get(..draft.len) {
            Some(bytes) => Self::copy_from_slice(bytes),
            None => draft.more.into(),
        }
    }
}

/// Returns the value called `name` of its bytes, which must not go on after it.
pub(crate) fn decode<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T> {
    let mut deserializer = Deserializer::from_read_ref(bytes).with_human_readable();
    let value = T::deserialize(&mut deserializer);
    match value {
        Ok(value) if is_at_end(bool::deserialize(&mut deserializer)) => Ok(value),
        // The cause stays out: serde quotes the value in it.
        _ => Err(Error::Type { name: name.into(), found: shape(bytes), wanted: std::any::type_name::<T>() }),
    }
}

/// Returns whether reading one scalar more found no byte at all.
///
/// A human-readable reader of a slice does not tell where it stands, and one of a stream copies every text twice.
fn is_at_end(next: Result<bool, decode::Error>) -> bool {
    matches!(next, Err(decode::Error::InvalidMarkerRead(error)) if error.kind() == ErrorKind::UnexpectedEof)
}

/// Says what `bytes` hold by their shape alone.
fn shape(bytes: &[u8]) -> String {
    let Some(marker) = bytes.first() else { return "nothing".into() };
    match rmp::Marker::from_u8(*marker) {
        rmp::Marker::Null => "a null".into(),
        rmp::Marker::True | rmp::Marker::False => "a bool".into(),
        rmp::Marker::F32 | rmp::Marker::F64 => "a float".into(),
        rmp::Marker::FixPos(_) | rmp::Marker::U8 | rmp::Marker::U16 | rmp::Marker::U32 | rmp::Marker::U64 => {
            "an unsigned integer".into()
        }
        rmp::Marker::FixNeg(_) | rmp::Marker::I8 | rmp::Marker::I16 | rmp::Marker::I32 | rmp::Marker::I64 => {
            "a signed integer".into()
        }
        rmp::Marker::FixStr(_) | rmp::Marker::Str8 | rmp::Marker::Str16 | rmp::Marker::Str32 => {
            "a string".into()
        }
        rmp::Marker::Bin8 | rmp::Marker::Bin16 | rmp::Marker::Bin32 => "a byte string".into(),
        rmp::Marker::FixArray(len) => format!("an array of {len}"),
        rmp::Marker::Array16 | rmp::Marker::Array32 => "an array".into(),
        rmp::Marker::FixMap(len) => format!("a map of {len}"),
        rmp::Marker::Map16 | rmp::Marker::Map32 => "a map".into(),
        _ => "an extension".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashMap,
        net::{IpAddr, Ipv4Addr},
    };

    use super::*;

    fn round<T: Serialize + DeserializeOwned>(value: &T) -> T {
        decode("value", &encode("value", value).unwrap()).unwrap()
    }

    #[test]
    fn a_struct_that_gained_and_moved_a_field_still_reads() {
        #[derive(Serialize)]
        struct Old {
            name: String,
            visits: u32,
        }
        #[derive(Debug, PartialEq, Deserialize)]
        struct New {
            visits: u64,
            #[serde(default)]
            address: Option<IpAddr>,
            name: String,
        }
        let old = encode("user", &Old { name: "Ada".into(), visits: 3 }).unwrap();
        let new: New = decode("user", &old).unwrap();
        assert_eq!(new, New { visits: 3, address: None, name: "Ada".into() });
    }

    #[test]
    fn a_value_of_any_length_is_written_whole() {
        for len in 0..=4 * ROOM_BYTES {
            let text: String = ('a'..='z').cycle().take(len).collect();
            // Many short writes, and one long one after a short one.
            assert_eq!(round(&text.chars().collect::<Vec<_>>()), text.chars().collect::<Vec<_>>());
            assert_eq!(round(&(1, text.clone(), 2)), (1, text, 2));
        }
    }

    #[test]
    fn what_other_formats_lose_is_kept() {
        assert!(round(&f64::NAN).is_nan());
        assert_eq!(round(&u128::MAX), u128::MAX);
        assert_eq!(round(&HashMap::from([(7_u8, 'x')])), HashMap::from([(7_u8, 'x')]));
        assert_eq!(round(&IpAddr::V4(Ipv4Addr::LOCALHOST)), IpAddr::V4(Ipv4Addr::LOCALHOST));
        assert_eq!(round(&String::new()), "");
        assert_eq!(round(&Some(vec![Some(1), None])), Some(vec![Some(1), None]));
    }

    #[test]
    fn a_value_of_another_type_names_both_types_and_not_the_value() {
        let text = encode("user", "planted-marker").unwrap();
        let error = decode::<u64>("user", &text).unwrap_err();
        assert_eq!(error.to_string(), "session value `user` is a string, not a u64");
        assert!(!format!("{error:?}").contains("planted-marker"));
    }

    #[test]
    fn bytes_after_a_value_are_refused() {
        for last in 0..=u8::MAX {
            let bytes = [1, last];
            assert!(matches!(decode::<u8>("n", &bytes), Err(Error::Type { .. })), "{last:#x}");
            assert!(matches!(decode::<Option<u8>>("n", &bytes), Err(Error::Type { .. })), "{last:#x}");
        }
    }

    #[test]
    fn a_length_that_is_not_there_allocates_nothing_and_is_refused() {
        let bomb = [0xc6, 0xff, 0xff, 0xff, 0xff, 0];
        assert!(matches!(decode::<Vec<u8>>("n", &bomb), Err(Error::Type { .. })));
        let bomb = [0xdf, 0xff, 0xff, 0xff, 0xff];
        assert!(matches!(decode::<HashMap<String, String>>("n", &bomb), Err(Error::Type { .. })));
    }

    #[test]
    fn what_does_not_serialise_is_an_error_that_names_it() {
        struct Never;
        impl Serialize for Never {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom("planted-marker"))
            }
        }
        let error = encode("job", &Never).unwrap_err();
        assert!(error.to_string().starts_with("session value `job` cannot be kept: its type "));
        assert!(!format!("{error:?}").contains("planted-marker"));
    }
}
