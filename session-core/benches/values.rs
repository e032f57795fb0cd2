//! What reading costs: one value of a session of 8 KiB in 20 values, against decoding a JSON map of the same data.

#![allow(missing_docs, reason = "criterion's macros make items without documentation")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::{collections::HashMap, hint::black_box};

use criterion::{Criterion, criterion_group, criterion_main};
use session_core::{Config, CookieChange, Session, Sessions};
use store_memory::MemoryStore;

const VALUES: usize = 20;
const BYTES: usize = 8 * 1024;

fn names() -> impl Iterator<Item = String> {
    (0..VALUES).map(|index| format!("value-{index:02}"))
}

/// Returns a stored session of 20 values, and the cookie that opens it.
fn stored(sessions: &Sessions) -> String {
    let session = pollster::block_on(sessions.open(&[""], None)).unwrap();
    for name in names() {
        session.insert(&name, &text()).unwrap();
    }
    match pollster::block_on(session.finish()).unwrap() {
        CookieChange::Set(cookie) => cookie.as_str().split(';').next().unwrap().to_owned(),
        _ => String::new(),
    }
}

fn text() -> String {
    "x".repeat(BYTES / VALUES)
}

fn open(sessions: &Sessions, cookie: &str) -> Session {
    pollster::block_on(sessions.open(&[cookie], None)).unwrap()
}

fn reading(criterion: &mut Criterion) {
    let sessions = Sessions::new(MemoryStore::new(), Config::default()).unwrap();
    let cookie = stored(&sessions);
    let session = open(&sessions, &cookie);
    let json = serde_json::to_vec(&names().map(|name| (name, text())).collect::<HashMap<_, _>>()).unwrap();

    let mut group = criterion.benchmark_group("8 KiB in 20 values");
    for (row, name) in [("first value", "value-00"), ("middle value", "value-10"), ("last value", "value-19")]
    {
        group.bench_function(row, |bencher| {
            bencher.iter(|| session.get::<String>(black_box(name)).unwrap().unwrap());
        });
    }
    group.bench_function("JSON map of the same data", |bencher| {
        bencher
            .iter(|| serde_json::from_slice::<HashMap<String, serde_json::Value>>(black_box(&json)).unwrap());
    });
    group.bench_function("load with the checksum", |bencher| {
        bencher.iter(|| open(&sessions, black_box(&cookie)));
    });
    group.bench_function("load and one value", |bencher| {
        bencher.iter(|| open(&sessions, black_box(&cookie)).get::<String>("value-10").unwrap().unwrap());
    });
    group.bench_function("one change and its commit", |bencher| {
        bencher.iter(|| {
            let session = open(&sessions, &cookie);
            session.update("count", |count: &mut u64| *count += 1).unwrap();
            pollster::block_on(session.commit()).unwrap();
        });
    });
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
