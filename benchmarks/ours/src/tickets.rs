//! Our store in memory, entered with the text of a cookie, which is hashed: what async-session's store does in its load.

use std::hint::black_box;

use harness::{Loads, Saves, Subject, Values};
use session_core::SessionId;
use sha2::{Digest, Sha256};
use store_memory::MemoryStore;

use crate::{
    keys::key,
    stored::{Hand, InMemory},
};

pub(crate) struct ByTicket {
    stored: InMemory<MemoryStore>,
    cookies: Vec<String>,
}

impl ByTicket {
    pub(crate) fn new(places: usize) -> Self {
        // Sixteen bytes of the key and twenty of the secret, in base64url.
        let cookies = (0..places).map(|place| format!("{}{}", first_22(place), "A".repeat(26))).collect();
        Self { stored: InMemory::new(MemoryStore::new(), places), cookies }
    }
}

/// Returns the key of `place` and the first bits of a secret in base64url, without more than is needed for it.
fn first_22(place: usize) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits = u128::from_be_bytes(*key(place).as_bytes());
    let digit = |n: u32| if n < 21 { bits >> (122 - 6 * n) } else { bits << 4 };
    (0..22).map(|n| char::from(DIGITS[(digit(n) & 63) as usize])).collect()
}

impl Saves for ByTicket {
    const BATCH: usize = InMemory::<MemoryStore>::BATCH;
    type Hand = Hand;

    fn hand(&self, values: &Values) -> Hand {
        self.stored.hand(values)
    }

    async fn create(&self, hand: &mut Hand, place: usize) {
        let ticket: SessionId = self.cookies[place].parse().unwrap();
        assert_eq!(ticket.key(), key(place));
        self.stored.create(hand, place).await;
    }

    async fn save(&self, hand: &mut Hand, place: usize, change: u64) {
        self.stored.save(hand, place, change).await;
    }
}

impl Loads for ByTicket {
    async fn load(&self, place: usize) {
        let cookie = self.cookies[place].clone();
        let ticket: SessionId = cookie.parse().unwrap();
        black_box(Sha256::digest(&cookie.as_bytes()[..36]));
        black_box(ticket.key());
        self.stored.load(place).await;
    }
}

impl Subject for ByTicket {
    async fn touch(&self, hand: &mut Hand, place: usize, change: u64) {
        self.stored.touch(hand, place, change).await;
    }

    async fn delete(&self, place: usize) {
        self.stored.delete(place).await;
    }
}
