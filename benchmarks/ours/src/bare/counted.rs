//! The counter on axum by hand, with the least that a session in memory takes: its cookie is found, its ticket read and
//! hashed, a record that another request has not changed meanwhile is written over, and a cache is told whose answer it is.
//!
//! A layer puts what is kept into the extensions of the request, as that of any library does. Nothing expires here, no
//! session is renewed or ended.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Extension, Router,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::AppendHeaders,
    routing::get,
};
use harness::Counted;
use session_core::{Key, SessionId};
use sha2::{Digest, Sha256};

type Counts = Extension<Arc<Mutex<HashMap<Key, Record>>>>;

type Answer = ([(HeaderName, &'static str); 2], AppendHeaders<Option<(HeaderName, String)>>, String);

/// What is kept of a session: the hash of its secret, its revision, and its number in bytes of its own.
struct Record {
    hash: [u8; 32],
    revision: u64,
    number: Arc<[u8]>,
}

pub(crate) async fn serve() {
    let router = Router::new()
        .route(Counted::COUNT, get(count))
        .route(Counted::SLOWLY, get(count_slowly))
        .route(Counted::READ, get(read))
        .layer(Counts::default());
    harness::serve(router).await;
}

async fn count(Extension(counts): Counts, headers: HeaderMap) -> Result<Answer, StatusCode> {
    let Some((key, hash)) = visitor(&headers) else { return Ok(created(&counts)) };
    loop {
        let (revision, number) = loaded(&counts, key, hash).ok_or(StatusCode::UNAUTHORIZED)?;
        let number = number + 1;
        let mut counts = counts.lock().unwrap();
        // Another request was faster where the revision is not the one that was loaded.
        if let Some(record) = counts.get_mut(&key).filter(|record| record.revision == revision) {
            (record.revision, record.number) = (revision + 1, number.to_le_bytes().into());
            return Ok((of_the_visitor(), AppendHeaders(None), number.to_string()));
        }
    }
}

async fn count_slowly(counts: Counts, headers: HeaderMap) -> Result<Answer, StatusCode> {
    Counted::elsewhere().await;
    count(counts, headers).await
}

async fn read(Extension(counts): Counts, headers: HeaderMap) -> Result<String, StatusCode> {
    let (key, hash) = visitor(&headers).ok_or(StatusCode::UNAUTHORIZED)?;
    let (_, number) = loaded(&counts, key, hash).ok_or(StatusCode::UNAUTHORIZED)?;
    Ok(number.to_string())
}

/// Returns the headers that tell a cache whose answer it is.
fn of_the_visitor() -> [(HeaderName, &'static str); 2] {
    [(header::CACHE_CONTROL, "private, no-cache"), (header::VARY, "Cookie")]
}

/// Returns the key and the hash of the ticket in the cookie `id`.
fn visitor(headers: &HeaderMap) -> Option<(Key, [u8; 32])> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let text = cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix("id="))?;
    Some((text.parse::<SessionId>().ok()?.key(), hashed(text)))
}

/// Hashes as many bytes as session-core does: its label, and what a ticket is made of.
fn hashed(text: &str) -> [u8; 32] {
    Sha256::new().chain_update([0; 29]).chain_update(&text.as_bytes()[..36]).finalize().into()
}

fn loaded(counts: &Mutex<HashMap<Key, Record>>, key: Key, hash: [u8; 32]) -> Option<(u64, u64)> {
    let counts = counts.lock().unwrap();
    let record = counts.get(&key).filter(|record| record.hash == hash)?;
    Some((record.revision, u64::from_le_bytes(record.number.as_ref().try_into().ok()?)))
}

/// Starts a visitor's session. Tickets that can be guessed are good enough for a measurement.
fn created(counts: &Mutex<HashMap<Key, Record>>) -> Answer {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let text = format!("{:0<48}", NEXT.fetch_add(1, Ordering::Relaxed));
    let key = text.parse::<SessionId>().unwrap().key();
    let record = Record { hash: hashed(&text), revision: 0, number: 1_u64.to_le_bytes().into() };
    counts.lock().unwrap().insert(key, record);
    (of_the_visitor(), AppendHeaders(Some((header::SET_COOKIE, format!("id={text}; HttpOnly")))), "1".into())
}
