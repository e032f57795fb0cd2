//! Every 16 bytes are a key.

use std::collections::BTreeSet;

use session_core::{Expect, Key, Record, Stored, Timestamp};

use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Subject, subject},
    outcome::Outcome,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! key_cases {
    ($then:path, $args:tt) => {
        $then! { $args Key
            key_001 every_byte_is_good_at_every_place [];
            key_002 keys_that_differ_in_one_bit_do_not_meet [];
            key_003 keys_with_one_beginning_are_kept_apart [];
            key_004 letters_in_keys_have_a_case [];
            key_005 keys_that_sloppy_writing_mixes_up_are_kept_apart [];
        }
    };
}
key_cases!(crate::macros::case_table, ());

/// Every byte value is good at every place.
async fn every_byte_is_good_at_every_place(ctx: &Ctx) -> Outcome {
    let mut keys: Vec<Key> = (0..=u8::MAX).map(|byte| Key::from_bytes([byte; 16])).collect();
    for place in 0..16 {
        keys.extend([0x00, 0x0a, 0x20, 0x2f, 0x5c, 0x7f, 0xff].map(|byte| with(&[0x61; 16], place, byte)));
    }
    all_are_kept_apart(ctx, keys).await
}

/// Keys that differ in one bit do not meet.
async fn keys_that_differ_in_one_bit_do_not_meet(ctx: &Ctx) -> Outcome {
    let key = *subject(ctx).key.as_bytes();
    let bits = (0..16).flat_map(|place| (0..8).map(move |bit| (place, 1 << bit)));
    let flipped = bits.map(|(place, bit)| with(&key, place, key.get(place).copied().unwrap_or(0) ^ bit));
    all_are_kept_apart(ctx, flipped.chain([Key::from_bytes(key)]).collect()).await
}

/// Many keys with the same beginning are as good as any, and so are many with the same end.
async fn keys_with_one_beginning_are_kept_apart(ctx: &Ctx) -> Outcome {
    let one = *subject(ctx).key.as_bytes();
    let ends = (0..60).map(|byte| with(&one, 15, byte)).chain((0..60).map(|byte| with(&one, 0, byte)));
    let mut keys: Vec<Key> = ends.collect();
    keys.sort_unstable();
    keys.dedup();
    all_are_kept_apart(ctx, keys).await
}

/// Bytes that are letters are compared as bytes: `a` and `A` make two keys.
async fn letters_in_keys_have_a_case(ctx: &Ctx) -> Outcome {
    let words = [
        b"abcdefghijklmnop",
        b"ABCDEFGHIJKLMNOP",
        b"Abcdefghijklmnop",
        b"abcdefghijklmnoP",
        b"0123456789abcdef",
        b"0123456789ABCDEF",
    ];
    let spaces = [
        b"                ",
        b"\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t",
        b"a               ",
        b"a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        b"a\0\0\0\0\0\0\0\0\0\0\0\0\0\0b",
    ];
    all_are_kept_apart(ctx, words.into_iter().chain(spaces).map(|word| Key::from_bytes(*word)).collect())
        .await
}

/// Keys that read alike when their bytes are written without zeros in front or without marks between them, as text with what
/// is no text left out, in base64 without case, or as a number that is rounded.
async fn keys_that_sloppy_writing_mixes_up_are_kept_apart(ctx: &Ctx) -> Outcome {
    let mut keys = Vec::new();
    // `1` and `23` in front, against `12` and `3`; in decimal as well.
    for front in [[0x01, 0x23], [0x12, 0x03], [1, 23], [12, 3], [0x00, 0x11], [0x11, 0x00]] {
        keys.push([&front[..], &[0x44; 14]].concat());
        keys.push([&[0x44; 14], &front[..]].concat());
    }
    for odd in [0x80, 0x9f, 0xc3, 0xfe] {
        keys.push([&[odd; 1][..], b"fifteen letters"].concat());
    }
    // Six bits decide a letter of base64: these differ in its case alone.
    keys.extend(
        [
            [0x00; 16],
            [0x69, 0xa6, 0x9a, 0x69, 0xa6, 0x9a, 0x69, 0xa6, 0x9a, 0x69, 0xa6, 0x9a, 0x69, 0xa6, 0x9a, 0x68],
        ]
        .map(Vec::from),
    );
    // The highest of 128 bits, and those around 2^53 and 2^64.
    for bit in [1_u128 << 127, 1 << 53, 1 << 64, u128::MAX - 1] {
        keys.extend([bit - 1, bit, bit + 1].map(|number| number.to_be_bytes().to_vec()));
    }
    let keys = keys.into_iter().filter_map(|bytes| bytes.try_into().ok()).map(Key::from_bytes);
    all_are_kept_apart(ctx, keys.collect::<BTreeSet<_>>().into_iter().collect()).await
}

fn with(key: &[u8; 16], place: usize, byte: u8) -> Key {
    let mut bytes = *key;
    bytes.iter_mut().skip(place).take(1).for_each(|old| *old = byte);
    Key::from_bytes(bytes)
}

/// Creates a session under each key, and sees that a write or a delete of each harms no other.
async fn all_are_kept_apart(ctx: &Ctx, keys: Vec<Key>) -> Outcome {
    let (store, now, subject) = (ctx.store(), ctx.now(), subject(ctx));
    let mut kept = Vec::new();
    for key in keys {
        let mine = Subject { key, ..subject.with_data(key.to_string()) };
        let created = store.save(&key, &mine.record, Expect::Absent, now).await;
        ctx.answers(1, &created, Answer::Ok, format_args!("a create of {key}"));
        kept.push((key, mine.at(created?)));
    }
    for (key, stored) in &kept {
        ctx.finds(2, store, key, now, Some(stored), "one of many keys").await;
    }
    for (key, stored) in kept.iter_mut().step_by(3) {
        let revision = store.touch(key, stored.revision, now, Timestamp::MAX, now).await?;
        *stored = Stored { record: Record { expires_at: Timestamp::MAX, ..stored.record.clone() }, revision };
    }
    for (key, _) in kept.iter().skip(1).step_by(3) {
        store.delete(key).await?;
    }
    for (number, (key, stored)) in kept.iter().enumerate() {
        let expected = (number % 3 != 1).then_some(stored);
        ctx.finds(3, store, key, now, expected, "one of many keys, some deleted").await;
    }
    Ok(())
}
