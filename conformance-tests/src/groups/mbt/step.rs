//! The calls of a game.

use crate::rng::Rng;

/// One call of a game. It says nothing of revisions and times but how far they are from the present ones, so that it means
/// something as well when the calls before it are left out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Create { key: usize, draft: Draft },
    Save { key: usize, behind: i64, draft: Draft },
    Touch { key: usize, behind: i64, accessed: i64, life: i64 },
    Delete { key: usize },
    Sweep { limit: usize },
    Clock { millis: i64 },
    Reopen,
    Switch,
    List { limit: usize },
}

/// A record that is still to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draft {
    pub(super) bytes: usize,
    pub(super) owner: usize,
    pub(super) accessed: i64,
    pub(super) life: i64,
}

/// How often the less common calls are drawn: so many to 50 of the common ones.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Deck {
    pub(super) clock: u64,
    pub(super) reopen: u64,
    pub(super) switch: u64,
    pub(super) list: u64,
    /// How many sessions there is room for.
    pub(super) cap: Option<usize>,
}

/// How many sessions a game has.
pub(super) const KEYS: usize = 4;

impl Deck {
    const COMMON: u64 = 50;

    pub(super) fn draw(self, rng: &mut Rng) -> Step {
        let Self { clock, reopen, switch, list, .. } = self;
        let card = rng.below(Self::COMMON + clock + reopen + switch + list);
        match card.checked_sub(Self::COMMON) {
            None => common(card, rng),
            Some(card) if card < clock => Step::Clock { millis: jump(rng) },
            Some(card) if card < clock + reopen => Step::Reopen,
            Some(card) if card < clock + reopen + switch => Step::Switch,
            Some(_) => Step::List { limit: rng.index(KEYS + 2) },
        }
    }
}

fn common(card: u64, rng: &mut Rng) -> Step {
    let key = rng.index(KEYS);
    match card {
        0..18 => Step::Create { key, draft: draft(rng) },
        18..32 => Step::Save { key, behind: behind(rng), draft: draft(rng) },
        32..40 => Step::Touch { key, behind: behind(rng), accessed: jump(rng), life: life(rng) },
        40..46 => Step::Delete { key },
        _ => Step::Sweep { limit: limit(rng) },
    }
}

fn limit(rng: &mut Rng) -> usize {
    match rng.below(5) {
        0 => 0,
        1 | 2 => 1,
        3 => 2,
        _ => usize::MAX,
    }
}

fn draft(rng: &mut Rng) -> Draft {
    let bytes = match rng.below(8) {
        0 => 0,
        1 => 5_000 + rng.index(5_000),
        _ => rng.index(200),
    };
    Draft { bytes, owner: rng.index(3), accessed: jump(rng), life: life(rng) }
}

/// How far the named revision is behind the present one: mostly not at all, sometimes a power of two.
fn behind(rng: &mut Rng) -> i64 {
    match rng.below(10) {
        0 => 1,
        1 => 1 << rng.below(20),
        2 => -1,
        3 => 1 << (20 + rng.below(40)),
        _ => 0,
    }
}

/// How long a session lives from now on, in milliseconds.
fn life(rng: &mut Rng) -> i64 {
    let lives = [i64::MAX, 3_600_000, 3_600_000, 1_000, 1_000, 5, 2, 1, 0, -1];
    lives.get(rng.index(lives.len())).copied().unwrap_or(0)
}

/// How far a clock jumps, in milliseconds.
fn jump(rng: &mut Rng) -> i64 {
    let jumps = [1, 1, -1, 2, 5, -5, 999, -1_000, 3_600_000, -3_600_000, 86_400_000];
    jumps.get(rng.index(jumps.len())).copied().unwrap_or(0)
}
