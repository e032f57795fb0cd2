//! What may be on the disk when the power goes.
//!
//! What was written before the last sync is there. Of what was written since, any part may be: all of it, none, any
//! choice of writes, and of each write any choice of its sectors.

use std::collections::BTreeMap;

use crate::crash::{disk::Bytes, recorder::Event};

const SECTOR: usize = 512;

/// Whether a sync means anything to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flush {
    Honoured,
    Ignored,
}

/// Numbers that look random and are the same each time.
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// What each session may be after a crash: what was last promised, or any change that was begun since.
#[derive(Clone, Debug, Default)]
pub(crate) struct Promises(BTreeMap<u8, Vec<Option<String>>>);

impl Promises {
    fn note(&mut self, event: &Event) {
        match event {
            Event::Begun(key, data) => self.possible(*key).push(data.clone()),
            Event::Kept(key, data) => *self.possible(*key) = vec![data.clone()],
            _ => {}
        }
    }

    fn possible(&mut self, key: u8) -> &mut Vec<Option<String>> {
        self.0.entry(key).or_insert_with(|| vec![None])
    }

    /// Returns the session that is not what it may be, if there is one.
    pub(crate) fn broken(&self, found: impl Fn(u8) -> Option<String>) -> Option<u8> {
        self.0.iter().find(|(key, possible)| !possible.contains(&found(**key))).map(|(key, _)| *key)
    }
}

/// A walk through the events, which stops after each for the power to go.
pub(crate) struct Walk<'a> {
    events: std::slice::Iter<'a, Event>,
    flush: Flush,
    /// What is certainly there.
    durable: Bytes,
    /// What was done since the last sync.
    pending: Vec<&'a Event>,
    pub(crate) promises: Promises,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(events: &'a [Event], flush: Flush) -> Self {
        let (durable, pending) = (Bytes::default(), Vec::new());
        Self { events: events.iter(), flush, durable, pending, promises: Promises::default() }
    }

    /// Goes on by one event, and returns whether there was one.
    pub(crate) fn step(&mut self) -> bool {
        let Some(event) = self.events.next() else { return false };
        self.promises.note(event);
        match event {
            Event::Write(..) | Event::Length(_) => self.pending.push(event),
            Event::Sync if self.flush == Flush::Honoured => self.flush(),
            // The disk writes what it has when it likes, here half of it at a time.
            Event::Sync if self.pending.len() > 64 => {
                self.pending.drain(..32).for_each(|event| apply(&mut self.durable, event));
            }
            Event::Sync | Event::Begun(..) | Event::Kept(..) => {}
        }
        true
    }

    fn flush(&mut self) {
        self.pending.drain(..).for_each(|event| apply(&mut self.durable, event));
    }

    /// Returns the disk as it was meant to be: everything up to here is there.
    pub(crate) fn prefix(&self) -> Bytes {
        let mut bytes = self.durable.clone();
        self.pending.iter().for_each(|event| apply(&mut bytes, event));
        bytes
    }

    /// Returns the disk without anything that was not synced.
    pub(crate) fn synced(&self) -> Bytes {
        self.durable.clone()
    }

    /// Returns the disk with any choice of what was not synced.
    pub(crate) fn lossy(&self, dice: &mut Dice) -> Bytes {
        let mut bytes = self.durable.clone();
        // From nearly all lost to nearly none.
        let odds = 1 + dice.roll(7);
        for event in &self.pending {
            match event {
                Event::Write(offset, _) if *offset == 0 && dice.roll(8) < odds => apply(&mut bytes, event),
                Event::Write(offset, written) if dice.roll(4) == 0 => {
                    tear(&mut bytes, *offset, written, dice);
                }
                _ if dice.roll(8) < odds => apply(&mut bytes, event),
                _ => {}
            }
        }
        bytes
    }
}

fn apply(bytes: &mut Bytes, event: &Event) {
    match event {
        Event::Write(offset, written) => bytes.write(*offset, written),
        Event::Length(length) => bytes.set_len(*length),
        Event::Sync | Event::Begun(..) | Event::Kept(..) => {}
    }
}

/// Writes some sectors of a write.
fn tear(bytes: &mut Bytes, offset: u64, written: &[u8], dice: &mut Dice) {
    for (n, sector) in written.chunks(SECTOR).enumerate() {
        if dice.roll(2) == 0 {
            bytes.write(offset + (n * SECTOR) as u64, sector);
        }
    }
}
