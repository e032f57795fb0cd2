//! Any bytes of any length are data.

mod large;

use session_core::{Error, Expect, Owner, Record};

use self::large::{large_data_are_replaced_at_once, what_is_too_large_is_refused_and_nothing_lost};
use crate::{
    ctx::Ctx,
    fixture::{Stage, Subject, after, crowd, race, subject},
    outcome::Outcome,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! val_cases {
    ($then:path, $args:tt) => {
        $then! { $args Val
            val_001 data_of_any_size_comes_back [];
            val_002 a_mebibyte_comes_back [];
            val_004 every_byte_comes_back [];
            val_005 what_compresses_comes_back [];
            val_006 a_save_of_another_size_leaves_no_tail [];
            val_007 large_data_of_many_threads_are_not_mixed_up [];
            val_008 data_that_look_like_something_come_back [];
            val_009 every_owner_comes_back [];
            val_010 a_byte_that_changes_is_a_change [];
            val_011 what_is_too_large_is_refused_and_nothing_lost [];
            val_012 large_data_are_replaced_at_once [];
        }
    };
}
val_cases!(crate::macros::case_table, ());

/// Sizes around powers of two, where buffers and columns end.
async fn data_of_any_size_comes_back(ctx: &Ctx) -> Outcome {
    let powers = [16, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536, 131_072, 262_144];
    let sizes = powers.into_iter().flat_map(|power| [power - 1, power, power + 1]);
    let mut rng = ctx.rng();
    try_all(ctx, sizes.chain(0..9).map(|size| rng.bytes(size)).collect()).await
}

/// A mebibyte is kept like everything else.
async fn a_mebibyte_comes_back(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    try_all(ctx, vec![rng.bytes(1 << 20), rng.bytes((1 << 20) + 1), Vec::new(), vec![0; 1 << 20]]).await
}

/// All byte values, NUL, line ends, and bytes that are no UTF-8.
async fn every_byte_comes_back(ctx: &Ctx) -> Outcome {
    let every: Vec<u8> = (0..=u8::MAX).collect();
    let doubled: Vec<u8> = every.iter().flat_map(|byte| [*byte, *byte]).collect();
    let mut all = vec![every.clone(), every.iter().rev().copied().collect(), doubled];
    all.extend(every.iter().map(|byte| vec![*byte]));
    try_all(ctx, all).await
}

/// What compresses well, and what does not at all.
async fn what_compresses_comes_back(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    let same = [0x00, 0x20, 0x61, 0xff].map(|byte| vec![byte; 50_000]);
    let pattern = (0..50_000_u32).flat_map(u32::to_be_bytes).collect();
    try_all(ctx, same.into_iter().chain([pattern, rng.bytes(50_000)]).collect()).await
}

/// A short save leaves no tail of a long one, and a long one is not cut to the length of a short one.
async fn a_save_of_another_size_leaves_no_tail(ctx: &Ctx) -> Outcome {
    let (subject, mut rng) = (subject(ctx), ctx.rng());
    let stage = Stage::set(ctx, &subject).await?;
    let mut stored = stage.stored.clone();
    for size in [10_000, 9_999, 1, 0, 5, 70_000, 69_999, 0, 4_096, 4_095, 300_000, 2] {
        let record = subject.with_data(rng.bytes(size)).record;
        stage.save(&record, stored.revision).await?;
        stored = after(stored.revision, &record)?;
        stage.finds(1, Some(&stored), format!("a save of {size} bytes")).await;
    }
    stage.clear(2).await
}

/// Large data of many threads are not mixed up.
async fn large_data_of_many_threads_are_not_mixed_up(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for (_, crowd) in ctx.rounds(2, 20).zip(crowd(ctx, 160).chunks(8)) {
        let large: Vec<Subject> =
            crowd.iter().zip(1..).map(|(subject, byte)| subject.with_data(vec![byte; 200_000])).collect();
        let large = &large;
        let ends = race(8, |number| async move {
            let subject = large.get(number).ok_or(Error::Missing)?;
            let stored = subject.create(store, now).await?;
            Ok::<_, Error>((subject.key, stored))
        });
        for end in ends.await? {
            let (key, stored) = end?;
            ctx.finds(1, store, &key, now, Some(&stored), "one of eight large sessions").await;
            store.delete(&key).await?;
        }
    }
    Ok(())
}

/// Data that look like a format, a query or an end are data.
async fn data_that_look_like_something_come_back(ctx: &Ctx) -> Outcome {
    let words: [&[u8]; 34] = [
        b"NULL",
        b"null",
        b"0",
        b"false",
        b"{}",
        b"[]",
        b"'",
        b"\"",
        b"'; DROP TABLE sessions; --",
        b"\\",
        b"\\x00",
        b"\r\n",
        b"\xef\xbb\xbfdata",
        b"AAAA====",
        b"%00",
        b"  leading and trailing  ",
        br"a\nb\tc\\d\u0041\101",
        br#"{ "a" : 1.0, "a" : 2 }"#,
        b"[ 1,  2 ]",
        b"it''s \"\"",
        b"1 + 1",
        b"&amp;&#65;",
        b"$1 ${a} %s {}",
        b"a\x1ab",
        b"a\rb\nc\r\nd",
        b"<![CDATA[ a ]]>",
        b"=?utf-8?q?a=20b?=",
        b"a=1&b=+%20",
        b"\x1f\x8b\x08\0\0\0\0\0",
        b"\x28\xb5\x2f\xfd\x04\x00",
        b"\x04\x22\x4d\x18",
        b"\x78\x9c\x03\0",
        b"BZh91AY",
        b"PK\x03\x04",
    ];
    try_all(ctx, words.into_iter().map(<[u8]>::to_vec).collect()).await
}

/// Every owner there can be comes back byte by byte.
async fn every_owner_comes_back(ctx: &Ctx) -> Outcome {
    let (store, now, subject) = (ctx.store(), ctx.now(), subject(ctx));
    let lengths = [1, 2, 15, 16, 31, 32, 63, 64, 127, 128, 191, 192, 253, 254, 255];
    let long = lengths.map(|length| "o".repeat(length));
    let odd =
        ["\0", "\n", "' OR 1=1", "a\0b", "\u{1f980}", "\u{e9}", "e\u{301}", " ", "\u{10ffff}", "%s", "NULL"];
    for name in long.iter().map(String::as_str).chain(odd) {
        let record = Record { owner: Some(Owner::new(name)?), ..subject.record.clone() };
        let mine = Subject { key: subject.key, record };
        let stored = mine.create(store, now).await?;
        ctx.finds(1, store, &mine.key, now, Some(&stored), format!("the owner {name:?}")).await;
        store.delete(&mine.key).await?;
    }
    Ok(())
}

/// A save that changes one byte, or the order of two, is a change like any other, wherever that is.
async fn a_byte_that_changes_is_a_change(ctx: &Ctx) -> Outcome {
    let (store, now, subject, mut rng) = (ctx.store(), ctx.now(), subject(ctx), ctx.rng());
    for size in [1, 2, 16, 33, 64, 200, 1_000, 5_000, 70_000] {
        let mut data = rng.bytes(size);
        let mut revision = subject.with_data(&data).create(store, now).await?.revision;
        let places = [0, 1, 7, 8, 15, 16, 31, 32, 63, 64, 100, size / 2, size.saturating_sub(9), size - 1];
        for place in places.into_iter().filter(|place| *place < size) {
            let mut swapped = data.clone();
            swapped.swap(place, size - 1 - place);
            data.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= 1);
            for (number, changed) in [(1, &data), (2, &swapped)] {
                let mine = subject.with_data(changed);
                revision = store.save(&mine.key, &mine.record, Expect::Revision(revision), now).await?;
                let what = format!("{size} bytes of which the one at {place} was changed");
                ctx.finds(number, store, &mine.key, now, Some(&mine.at(revision)), what).await;
            }
        }
        store.delete(&subject.key).await?;
    }
    Ok(())
}

/// Creates a session of each data, and saves each over the next.
async fn try_all(ctx: &Ctx, all: Vec<Vec<u8>>) -> Outcome {
    let (store, now, subject) = (ctx.store(), ctx.now(), subject(ctx));
    let mut revision = subject.create(store, now).await?.revision;
    for data in all {
        let mine = subject.with_data(&data);
        revision = store.save(&mine.key, &mine.record, Expect::Revision(revision), now).await?;
        let what = format!("{} bytes saved over others", data.len());
        ctx.finds(1, store, &mine.key, now, Some(&mine.at(revision)), what).await;
        store.delete(&mine.key).await?;
        let stored = mine.create(store, now).await?;
        ctx.finds(2, store, &mine.key, now, Some(&stored), format!("{} bytes created", data.len())).await;
        revision = stored.revision;
    }
    Ok(())
}
