use bytes::Bytes;

use super::*;

fn key() -> Key {
    Key::from_bytes(*b"0123456789abcdef")
}

fn record() -> Record {
    Record {
        data: Bytes::from_static(b"data"),
        accessed_at: Timestamp::from_millis(1_000),
        expires_at: Timestamp::from_millis(2_000),
        owner: Some(Owner::new("ann").unwrap()),
    }
}

fn file() -> Vec<u8> {
    encode(&key(), &record(), Revision::from_i64(7).unwrap()).unwrap()
}

fn read(key: &Key, file: &[u8]) -> Result<(Head, Vec<u8>)> {
    let start = &file[..file.len().min(HEAD_BYTES_MAX)];
    let head = Head::decode(key, start, file.len() as u64)?;
    let data = file[head.data_offset()..].to_vec();
    head.verify(key, &data)?;
    Ok((head, data))
}

/// Puts right the checksums of a file that was changed on purpose.
fn resealed(mut file: Vec<u8>) -> Vec<u8> {
    let owner_bytes = usize::from(file[6]).min(file.len() - FIXED_BYTES);
    let (owner, data) = file[FIXED_BYTES..].split_at(owner_bytes);
    let head_sum = checksum(&key(), &file[..40], owner);
    let data_sum = checksum(&key(), &head_sum, data);
    file.splice(40..48, head_sum.into_iter().chain(data_sum));
    file
}

#[test]
fn a_record_is_these_bytes() {
    // The checksums were computed by another implementation.
    let expected = [
        &b"WSES\x01\x00\x03\x00"[..],
        b"\x07\0\0\0\0\0\0\0",
        b"\xe8\x03\0\0\0\0\0\0",
        b"\xd0\x07\0\0\0\0\0\0",
        b"\x04\0\0\0\0\0\0\0",
        b"\x70\xb7\xf6\xba",
        b"\xa6\xfb\x34\xd5",
        b"anndata",
    ]
    .concat();
    assert_eq!(file(), expected);
}

#[test]
fn what_was_written_is_read() {
    let (head, data) = read(&key(), &file()).unwrap();
    assert_eq!((head.revision.as_i64(), head.owner, data), (7, record().owner, b"data".to_vec()));
    assert_eq!((head.accessed_at, head.expires_at), (record().accessed_at, record().expires_at));
}

#[test]
fn every_truncation_is_refused() {
    let file = file();
    for bytes in 0..file.len() {
        assert!(matches!(read(&key(), &file[..bytes]), Err(Error::Corrupt(_))), "{bytes}");
    }
}

#[test]
fn every_single_bit_flip_is_refused() {
    for bit in 0..file().len() * 8 {
        let mut file = file();
        file[bit / 8] ^= 1 << (bit % 8);
        assert!(matches!(read(&key(), &file), Err(Error::Corrupt(_))), "bit {bit}");
    }
}

#[test]
fn trailing_bytes_are_refused() {
    let mut file = file();
    file.push(0);
    assert!(matches!(read(&key(), &file), Err(Error::Corrupt(_))));
}

#[test]
fn the_record_of_another_key_is_refused() {
    let other = Key::from_bytes(*b"0123456789abcdeg");
    assert!(matches!(read(&other, &file()), Err(Error::Corrupt(_))));
}

#[test]
fn data_of_another_write_of_the_same_session_is_refused() {
    let mut newer = encode(&key(), &record(), Revision::from_i64(8).unwrap()).unwrap();
    let data_at = newer.len() - record().data.len();
    newer[data_at..].copy_from_slice(b"DATA");
    assert!(matches!(read(&key(), &newer), Err(Error::Corrupt(_))));
}

#[test]
fn hostile_fields_with_right_checksums_are_refused() {
    let hostile: [(usize, &[u8]); 6] = [
        (6, &[255, 255]),
        (8, &[255; 8]),
        (16, &[255; 8]),
        (24, &[255; 8]),
        (32, &[0, 0, 0, 0, 1, 0, 0, 0]),
        (32, &[255; 8]),
    ];
    for (at, bytes) in hostile {
        let mut file = file();
        file.splice(at..at + bytes.len(), bytes.iter().copied());
        assert!(matches!(read(&key(), &resealed(file)), Err(Error::Corrupt(_))), "at {at}");
    }
    assert!(read(&key(), &resealed(file())).is_ok());
}

#[test]
fn an_owner_that_is_not_utf_8_is_refused() {
    let mut file = file();
    file[FIXED_BYTES] = 0xff;
    assert!(matches!(read(&key(), &resealed(file)), Err(Error::Corrupt(_))));
}

#[test]
fn a_newer_version_is_named_as_such() {
    let mut file = file();
    file[4] = 2;
    assert!(matches!(read(&key(), &file), Err(Error::Corrupt(NEWER))));
}

#[test]
fn data_above_the_bound_is_refused_before_it_is_written() {
    let data = Bytes::from(vec![0; DATA_BYTES_MAX + 1]);
    let refused = encode(&key(), &Record { data, ..record() }, Revision::from_i64(0).unwrap());
    assert!(matches!(refused, Err(Error::TooLarge { max: DATA_BYTES_MAX, .. })));
}
