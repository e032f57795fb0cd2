//! The frame against known bytes, damage, and hostile lengths.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::{SessionId, Timestamp, ticket::Digest};

const KEY: Key = Key::from_bytes(*b"0123456789abcdef");

fn facts() -> Facts {
    let ticket = "B".repeat(SessionId::CHARS).parse::<SessionId>().unwrap();
    let mut facts = Facts::new(Digest::new(&ticket, &[]), None, Timestamp::from_millis(1));
    facts.label = Some("Firefox".into());
    facts.timeout = Some(Duration::from_secs(60));
    facts
}

fn values() -> Values {
    encoded_values(&[("count", &[42]), ("user", b"\xa3Ada")])
}

fn encoded_values(pairs: &[(&str, &[u8])]) -> Values {
    let mut view = View::default();
    for (name, bytes) in pairs {
        view.insert((*name).into(), Bytes::copy_from_slice(bytes));
    }
    view.encode()
}

/// What version 1 looks like, byte for byte: a change here is a new format version.
#[test]
fn version_1_is_these_bytes() {
    let data = encode(&KEY, &facts(), &values());
    let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, include_str!("version_1.hex").trim());
    assert_eq!(decode(&KEY, &data).unwrap(), (facts(), values()));
}

#[test]
fn every_truncation_is_refused() {
    let data = encode(&KEY, &facts(), &values());
    for len in 0..data.len() {
        assert!(matches!(decode(&KEY, &data.slice(..len)), Err(Error::Corrupt(_))), "{len} bytes");
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    let data = encode(&KEY, &facts(), &values());
    for bit in 0..8 * data.len() {
        let mut spoilt = data.to_vec();
        spoilt[bit / 8] ^= 1 << (bit % 8);
        assert!(matches!(decode(&KEY, &spoilt.into()), Err(Error::Corrupt(_))), "bit {bit}");
    }
}

#[test]
fn data_of_another_session_is_refused() {
    let data = encode(&KEY, &facts(), &values());
    let other = Key::from_bytes(*b"0123456789abcdeF");
    assert!(matches!(decode(&other, &data), Err(Error::Corrupt("its checksum does not match"))));
}

#[test]
fn values_are_the_same_in_one_place_of_memory_alone() {
    let values = values();
    let copy = Values::open(values.as_bytes().to_vec().into()).unwrap();
    assert_eq!(copy, values);
    assert!(values.is_same(&values.clone()) && !values.is_same(&copy));
    assert!(View::new(values.clone()).is_of(&values) && !View::new(values).is_of(&copy));
}

#[test]
fn debug_shows_the_size_of_the_values_alone() {
    assert_eq!(format!("{:?}", values()), "Values(19 bytes)");
}

/// Puts a right checksum on `payload`, as an attacker who writes to the store can.
fn forge(payload: &[u8]) -> Bytes {
    let checksum = checksum_of(&KEY, VERSION, payload);
    [&[VERSION], &checksum[..], payload].concat().into()
}

fn forge_values(values: &[u8]) -> Result<(Facts, Values)> {
    let facts = postcard::to_stdvec(&facts()).unwrap();
    decode(&KEY, &forge(&[&facts, values].concat()))
}

#[test]
fn forged_values_are_refused() {
    assert!(forge_values(&[1, 1, b'a', 0]).is_ok());
    for (forged, why) in [
        (&[1, 1, b'a', 0, 0][..], "bytes follow its values"),
        (&[2, 1, b'b', 0, 1, b'a', 0], "its values are out of order"),
        (&[2, 1, b'a', 0, 1, b'a', 0], "its values are out of order"),
        (&[1, 1, 0xff, 0], "its values do not parse"),
        (&[0xff, 0xff, 0xff, 0xff, 0x0f, 1, b'a', 0], "its values do not parse"),
        (&[1, 0xff, 0xff, 0xff, 0xff, 0x0f, b'a'], "its values do not parse"),
        (&[], "its values do not parse"),
    ] {
        assert!(matches!(forge_values(forged), Err(Error::Corrupt(found)) if found == why), "{forged:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_read_without_a_panic(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&KEY, &payload.clone().into());
        let _ = decode(&KEY, &forge(&payload));
    }

    #[test]
    fn what_was_written_is_read(
        pairs in prop::collection::btree_map(".{0,8}", prop::collection::vec(any::<u8>(), 0..40), 0..8),
        label in prop::option::of(".{0,8}"),
    ) {
        let pairs: Vec<_> = pairs.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        let values = encoded_values(&pairs);
        let facts = Facts { label, ..facts() };
        let (read_facts, read_values) = decode(&KEY, &encode(&KEY, &facts, &values)).unwrap();
        prop_assert_eq!(&read_facts, &facts);
        for (name, bytes) in &pairs {
            prop_assert_eq!(read_values.find(name).unwrap(), *bytes);
        }
        prop_assert_eq!(read_values.find("not there"), None);
    }
}
