//! How the facts are written: as postcard writes them, by hand, because every request reads them and serde takes a step
//! for each byte of a hash.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use super::{
    facts::{Facts, Previous, SecretChange},
    varint,
};
use crate::{Timestamp, ticket::Digest};

/// Hands the bytes of `facts` to `put`, piece by piece.
pub(super) fn write(facts: &Facts, put: &mut impl FnMut(&[u8])) {
    let Facts { created_at, secret, previous, logins, login_at, timeout, address, label } = facts;
    write_time(*created_at, put);
    put(secret.as_bytes());
    write_option(previous.as_ref(), put, |previous, put| {
        put(previous.secret.as_bytes());
        put(&[previous.change as u8]);
        write_time(previous.changed_at, put);
        write_option(previous.successor_seen_at, put, |time, put| write_time(time, put));
    });
    varint::write((*logins).into(), put);
    write_option(*login_at, put, |time, put| write_time(time, put));
    write_option(*timeout, put, |timeout, put| {
        varint::write(timeout.as_secs(), put);
        varint::write(timeout.subsec_nanos().into(), put);
    });
    write_option(*address, put, |address, put| match address {
        IpAddr::V4(address) => {
            put(&[0]);
            put(&address.octets());
        }
        IpAddr::V6(address) => {
            put(&[1]);
            put(&address.octets());
        }
    });
    write_option(label.as_deref(), put, |label, put| {
        varint::write(label.len() as u64, put);
        put(label.as_bytes());
    });
}

/// Reads facts from the start of `bytes`, and leaves what follows them; `None` for what are none.
pub(super) fn read(bytes: &mut &[u8]) -> Option<Facts> {
    Some(Facts {
        created_at: read_time(bytes)?,
        secret: read_digest(bytes)?,
        previous: read_option(bytes, read_previous)?,
        logins: read_u32(bytes)?,
        login_at: read_option(bytes, read_time)?,
        timeout: read_option(bytes, read_duration)?,
        address: read_option(bytes, read_address)?,
        label: read_option(bytes, read_text)?,
    })
}

fn write_option<T, P: FnMut(&[u8])>(value: Option<T>, put: &mut P, write: impl FnOnce(T, &mut P)) {
    put(&[value.is_some().into()]);
    if let Some(value) = value {
        write(value, put);
    }
}

/// Writes a time, which is signed: the lowest bit is the sign.
fn write_time(time: Timestamp, put: &mut impl FnMut(&[u8])) {
    varint::write(time.as_millis().unsigned_abs() << 1, put);
}

fn read_option<T>(bytes: &mut &[u8], read: impl FnOnce(&mut &[u8]) -> Option<T>) -> Option<Option<T>> {
    match take::<1>(bytes)? {
        [0] => Some(None),
        [1] => read(bytes).map(Some),
        _ => None,
    }
}

fn read_previous(bytes: &mut &[u8]) -> Option<Previous> {
    Some(Previous {
        secret: read_digest(bytes)?,
        change: match read_u32(bytes)? {
            0 => SecretChange::Rotation,
            1 => SecretChange::Login,
            _ => return None,
        },
        changed_at: read_time(bytes)?,
        successor_seen_at: read_option(bytes, read_time)?,
    })
}

/// Reads a time; one before 1970 is the epoch.
fn read_time(bytes: &mut &[u8]) -> Option<Timestamp> {
    let number = varint::read(bytes, u64::BITS)?;
    let is_negative = number & 1 == 1;
    let millis = i64::try_from(number >> 1).ok()?;
    Some(if is_negative { Timestamp::EPOCH } else { Timestamp::from_millis(millis) })
}

fn read_digest(bytes: &mut &[u8]) -> Option<Digest> {
    take(bytes).map(Digest::from_bytes)
}

fn read_duration(bytes: &mut &[u8]) -> Option<Duration> {
    let (seconds, nanos) = (varint::read(bytes, u64::BITS)?, read_u32(bytes)?);
    Duration::from_secs(seconds).checked_add(Duration::from_nanos(nanos.into()))
}

fn read_address(bytes: &mut &[u8]) -> Option<IpAddr> {
    match read_u32(bytes)? {
        0 => take(bytes).map(|octets: [u8; 4]| Ipv4Addr::from(octets).into()),
        1 => take(bytes).map(|octets: [u8; 16]| Ipv6Addr::from(octets).into()),
        _ => None,
    }
}

fn read_text(bytes: &mut &[u8]) -> Option<String> {
    let len = varint::length(bytes)?;
    let (text, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    str::from_utf8(text).ok().map(Into::into)
}

fn read_u32(bytes: &mut &[u8]) -> Option<u32> {
    varint::read(bytes, u32::BITS)?.try_into().ok()
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn time() -> impl Strategy<Value = Timestamp> {
        any::<i64>().prop_map(Timestamp::from_millis)
    }

    fn digest() -> impl Strategy<Value = Digest> {
        any::<[u8; 32]>().prop_map(Digest::from_bytes)
    }

    fn previous() -> impl Strategy<Value = Previous> {
        let change = prop_oneof![Just(SecretChange::Rotation), Just(SecretChange::Login)];
        (digest(), change, time(), prop::option::of(time())).prop_map(
            |(secret, change, changed_at, successor_seen_at)| Previous {
                secret,
                change,
                changed_at,
                successor_seen_at,
            },
        )
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let timeout =
            (any::<u64>(), 0..1_000_000_000_u32).prop_map(|(secs, nanos)| Duration::new(secs, nanos));
        let own = (prop::option::of(timeout), any::<Option<IpAddr>>(), any::<Option<String>>());
        (time(), digest(), prop::option::of(previous()), any::<u32>(), prop::option::of(time()), own)
            .prop_map(|(created_at, secret, previous, logins, login_at, (timeout, address, label))| Facts {
                created_at,
                secret,
                previous,
                logins,
                login_at,
                timeout,
                address,
                label,
            })
    }

    proptest! {
        #[test]
        fn facts_are_written_as_postcard_writes_them_and_read_again(facts in facts(), more in any::<Vec<u8>>()) {
            let mut written = Vec::new();
            write(&facts, &mut |bytes| written.extend_from_slice(bytes));
            prop_assert_eq!(&written, &postcard::to_stdvec(&facts).unwrap());
            written.extend_from_slice(&more);
            let mut rest = written.as_slice();
            prop_assert_eq!(read(&mut rest), Some(facts));
            prop_assert_eq!(rest, more.as_slice());
        }

        #[test]
        fn what_is_spoilt_is_read_as_postcard_reads_it(
            facts in facts(),
            spoilt in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            end in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        ) {
            let mut bytes = postcard::to_stdvec(&facts).unwrap();
            for (place, byte) in spoilt {
                *place.get_mut(&mut bytes) = byte;
            }
            bytes.truncate(end.map_or(bytes.len(), |end| end.index(bytes.len())));
            let mut rest = bytes.as_slice();
            let expected = postcard::take_from_bytes::<Facts>(&bytes).ok();
            prop_assert_eq!(read(&mut rest).map(|facts| (facts, rest)), expected);
        }
    }

    #[test]
    fn a_time_before_1970_is_the_epoch() {
        let minus_four = [0b111];
        assert_eq!(read_time(&mut minus_four.as_slice()), Some(Timestamp::EPOCH));
        assert_eq!(postcard::from_bytes(&minus_four), Ok(Timestamp::EPOCH));
    }
}
