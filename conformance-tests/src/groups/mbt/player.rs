//! Makes the calls of a game on the store and on the model.

use std::{collections::BTreeSet, sync::Arc};

use session_core::{Error, Expect, Key, Record, Result, Revision, Store, Timestamp};

use super::step::{Draft, KEYS, Step};
use crate::{
    checks::{Answer, difference},
    ctx::{Ctx, directory_of},
    fixture::{owner, random_keys},
    namespace::Namespace,
    outcome::{Outcome, Stop},
    reference::Sessions,
    rng::Rng,
};

/// How often the namespace of a game is open at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handles {
    One,
    Two,
}

/// What a game is played on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub(super) handles: Handles,
    /// How many sessions there is room for.
    pub(super) cap: Option<usize>,
}

/// What went wrong in a game.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) number: u32,
    pub(super) words: String,
}

/// Why a game ends before its last call.
enum End {
    Wrong(Failure),
    Stopped(Stop),
}

impl From<Stop> for End {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}

/// A game that is being played.
pub(super) struct Player<'a> {
    ctx: &'a Ctx,
    namespace: Namespace,
    /// The one in use is the first.
    stores: Vec<Arc<dyn Store>>,
    model: Sessions,
    now: Timestamp,
    keys: Vec<Key>,
    /// The last revision of each key that was ever told, and all first ones.
    told: Vec<Revision>,
    fresh: BTreeSet<Revision>,
    drafts: Rng,
    /// How many steps were made.
    made: i64,
}

impl<'a> Player<'a> {
    /// Plays the whole game, and returns what went wrong in it.
    pub(super) async fn play(ctx: &'a Ctx, steps: &[Step], table: Table) -> Outcome<Option<Failure>> {
        let mut player = Self::begin(ctx, table).await?;
        for step in steps {
            match player.step(*step).await {
                Ok(()) => {}
                Err(End::Wrong(failure)) => return Ok(Some(failure)),
                Err(End::Stopped(stop)) => return Err(stop),
            }
        }
        Ok(None)
    }

    async fn begin(ctx: &'a Ctx, table: Table) -> Outcome<Self> {
        let namespace = ctx.new_namespace()?;
        let mut stores = vec![ctx.open_with(&namespace, table.cap).await?];
        if table.handles == Handles::Two {
            stores.push(ctx.open_namespace(&namespace).await?);
        }
        let mut keys = random_keys(&mut ctx.rng(), KEYS - 1);
        // A neighbour of the first one in the order of keys.
        keys.extend(keys.first().map(|key| Key::from_bytes(key.as_bytes().map(|byte| byte ^ 1))));
        Ok(Self {
            ctx,
            namespace,
            stores,
            model: Sessions { max_sessions: table.cap, ..Sessions::default() },
            made: 0,
            now: ctx.now(),
            told: vec![Revision::from_i64(1 << 61)?; keys.len()],
            keys,
            fresh: BTreeSet::new(),
            drafts: Rng::of(ctx.seed(), "drafts"),
        })
    }

    async fn step(&mut self, step: Step) -> Result<(), End> {
        self.made += 1;
        match step {
            Step::Create { key, draft } => self.save(key, Expect::Absent, draft).await?,
            Step::Save { key, behind, draft } => {
                self.save(key, Expect::Revision(self.revision(key, behind)), draft).await?;
            }
            Step::Touch { key, behind, accessed, life } => self.touch(key, behind, accessed, life).await?,
            Step::Delete { key } => self.delete(key).await?,
            Step::Sweep { limit } => self.sweep(limit).await?,
            Step::Clock { millis } => self.now = self.later(millis),
            Step::Reopen => self.reopen().await?,
            Step::Switch => self.stores.rotate_left(1),
            Step::List { limit } => self.list(limit).await?,
        }
        self.look().await
    }

    async fn save(&mut self, index: usize, expect: Expect, draft: Draft) -> Result<(), End> {
        let (key, record, now) = (self.key(index), self.record(draft), self.now);
        let found = self.store()?.save(&key, &record, expect, now).await;
        let expected = self.model.save(&key, &record, expect, now);
        if let (Ok(fresh), Ok(_), Expect::Absent) = (&found, &expected, expect) {
            self.created(&key, *fresh)?;
            return self.answered(index, "a creation", &found, &Ok(*fresh));
        }
        self.answered(index, "a save", &found, &expected)
    }

    /// Takes over the revision that the store has drawn.
    fn created(&mut self, key: &Key, fresh: Revision) -> Result<(), End> {
        if let Some(stored) = self.model.map.get_mut(key) {
            stored.revision = fresh;
        }
        right(1, self.fresh.insert(fresh), || "a creation was given a revision of before".to_owned())
    }

    async fn touch(&mut self, index: usize, behind: i64, accessed: i64, life: i64) -> Result<(), End> {
        let (key, now, expect) = (self.key(index), self.now, self.revision(index, behind));
        let (accessed_at, expires_at) = (self.at(accessed), self.at(life));
        let found = self.store()?.touch(&key, expect, accessed_at, expires_at, now).await;
        let expected = self.model.touch(&key, expect, accessed_at, expires_at, now);
        self.answered(index, "a touch", &found, &expected)
    }

    async fn delete(&mut self, index: usize) -> Result<(), End> {
        let key = self.key(index);
        let found = self.store()?.delete(&key).await;
        self.model.delete(&key);
        right(1, found.is_ok(), || format!("a delete was answered {found:?}"))
    }

    /// Sweeps until nothing is left to be swept.
    async fn sweep(&mut self, limit: usize) -> Result<(), End> {
        loop {
            let dead = self.model.dead(self.now).count();
            let expected = if limit == 0 { 0 } else { dead.min(limit) };
            let found = self.store()?.delete_expired(self.now, limit).await;
            let is_right = matches!(found, Ok(deleted) if deleted == expected);
            right(1, is_right, || format!("a sweep of {dead} dead sessions was answered {found:?}"))?;
            match dead.checked_sub(limit) {
                None | Some(0) => break,
                Some(_) if limit == 0 => return Ok(()),
                // Which of the dead are left is for the store to choose: the model lets go of any.
                Some(_) => drop(self.model.delete_expired(self.now, limit)),
            }
        }
        self.model.delete_expired(self.now, usize::MAX);
        Ok(())
    }

    async fn reopen(&mut self) -> Result<(), End> {
        let open = self.stores.len();
        self.stores.clear();
        for _ in 0..open {
            self.stores.push(self.ctx.open_with(&self.namespace, self.model.max_sessions).await?);
        }
        Ok(())
    }

    /// Compares every listing.
    async fn list(&self, limit: usize) -> Result<(), End> {
        let (directory, now) = (directory_of(self.store()?)?, self.now);
        let (found, expected) = (directory.count(now).await, self.model.count(now));
        right(3, matches!(found, Ok(found) if found == expected), || {
            format!("counting {expected} live sessions was answered {found:?}")
        })?;
        for after in self.keys.iter().map(Some).chain([None]) {
            let found = directory.page(after, limit, now).await;
            let expected = self.model.page(after, limit, now);
            right(3, matches!(&found, Ok(found) if *found == expected), || {
                format!("a page of {} sessions was answered {found:?}", expected.len())
            })?;
        }
        for owner in ["ada", "grace"].into_iter().filter_map(owner) {
            let (found, expected) = (directory.owned_by(&owner, now).await, self.model.owned_by(&owner, now));
            right(3, matches!(&found, Ok(found) if *found == expected), || {
                format!("asking for the {} sessions of an owner was answered {found:?}", expected.len())
            })?;
        }
        Ok(())
    }

    /// Compares what is under every key.
    async fn look(&self) -> Result<(), End> {
        for key in &self.keys {
            let found = self.store()?.load(key, self.now).await;
            let difference = match &found {
                Ok(found) => difference(found.as_ref(), self.model.live(key, self.now)),
                Err(error) => Some(format!("a load was answered {error:?}")),
            };
            right(2, difference.is_none(), || difference.unwrap_or_default())?;
        }
        Ok(())
    }

    fn answered(
        &mut self,
        index: usize,
        what: &str,
        found: &Result<Revision>,
        expected: &Result<Revision>,
    ) -> Result<(), End> {
        if let (Ok(revision), Some(told)) = (found, self.told.get_mut(index)) {
            *told = *revision;
        }
        let is_right =
            Answer::of(found) == Answer::of(expected) && found.as_ref().ok() == expected.as_ref().ok();
        right(1, is_right, || format!("{what} was answered {found:?}, not {expected:?}"))
    }

    fn store(&self) -> Outcome<&dyn Store> {
        self.stores.first().map(|store| &**store).ok_or_else(|| Error::Unsupported("being open").into())
    }

    fn key(&self, index: usize) -> Key {
        self.keys.get(index).copied().unwrap_or(Key::from_bytes([0; Key::BYTES]))
    }

    /// Returns a revision so far behind the last one of the key that was told.
    fn revision(&self, index: usize, behind: i64) -> Revision {
        let told = self.told.get(index).map_or(0, |told| told.as_i64());
        Revision::from_i64(told.saturating_sub(behind).max(0))
            .unwrap_or(Revision::from_i64(0).expect("0 is one"))
    }

    fn record(&mut self, draft: Draft) -> Record {
        let owner = [None, owner("ada"), owner("grace")].into_iter().nth(draft.owner).flatten();
        let data = self.drafts.bytes(draft.bytes).into();
        Record { data, accessed_at: self.at(draft.accessed), expires_at: self.at(draft.life), owner }
    }

    /// Returns where the clock is when it has jumped.
    fn later(&self, millis: i64) -> Timestamp {
        let scale = self.model.max_sessions.map_or(1, |_| STEPS_MAX);
        Timestamp::from_millis(self.now.as_millis().saturating_add(millis.saturating_mul(scale)))
    }

    /// Returns the instant so far from now. Where sessions make room, each step has instants of its own.
    fn at(&self, millis: i64) -> Timestamp {
        let millis = match self.model.max_sessions {
            None => millis,
            Some(_) => millis.saturating_mul(STEPS_MAX).saturating_add(self.made % STEPS_MAX),
        };
        Timestamp::from_millis(self.now.as_millis().saturating_add(millis))
    }
}

/// More than a game has steps.
const STEPS_MAX: i64 = 64;

fn right(number: u32, is_right: bool, words: impl FnOnce() -> String) -> Result<(), End> {
    if is_right { Ok(()) } else { Err(End::Wrong(Failure { number, words: words() })) }
}
