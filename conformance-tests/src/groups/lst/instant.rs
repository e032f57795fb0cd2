//! Lists that meet writes, and one another.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use session_core::{Directory, Error, Expect, Key, Owner, Record, Result, Revision, Store, Timestamp};

use crate::{
    ctx::Ctx,
    fixture::{Subject, crowd, race, shift, subject},
    outcome::Outcome,
};

/// Sessions go back and forth between two owners, end, and come again: an owner's list never shows one that is the other's, and
/// never misses the one that stays.
pub(super) async fn an_owners_list_shows_nobody_elses(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let (ada, grace) = (Owner::new("ada")?, Owner::new("grace")?);
    let mut crowd = crowd(ctx, 4);
    let stays = crowd.split_off(3).swap_remove(0);
    let stays = Subject { record: Record { owner: Some(ada.clone()), ..stays.record }, ..stays };
    stays.create(store, now).await?;
    let sessions = &crowd;
    for _ in ctx.rounds(4, 10_000) {
        let (ada, grace, looking, stays) = (&ada, &grace, &AtomicUsize::new(2), &stays.key);
        let seen = race(3, |number| async move {
            if number > 0 {
                let seen = look(directory, ada, stays, now).await;
                looking.fetch_sub(1, Ordering::SeqCst);
                return seen;
            }
            let mut turns = Turns { store, now, sessions, revisions: vec![None; sessions.len()] };
            for turn in (0..6_000).take_while(|_| looking.load(Ordering::SeqCst) > 0) {
                let owner = [Some(grace), Some(ada), None, Some(ada)].get(turn % 4).copied().flatten();
                turns.give(turn % sessions.len(), owner).await?;
                if turn % 16 == 15 {
                    turns.end_one(turn / 16).await?;
                }
            }
            turns.end().await?;
            Ok((0, 0))
        });
        for seen in seen.await? {
            let (others, missed) = seen?;
            ctx.same(1, &others, &0, "how many lists show a session that is another owner's, or nobody's");
            ctx.same(2, &missed, &0, "how many lists miss a session that stays, while others come and go");
        }
    }
    Ok(())
}

/// Looks through an owner's sessions many times, and returns how many lists show another's, and how many miss the one that
/// stays.
async fn look(
    directory: &dyn Directory,
    owner: &Owner,
    stays: &Key,
    now: Timestamp,
) -> Result<(usize, usize)> {
    let (mut others, mut missed) = (0, 0);
    for _ in 0..30 {
        let owned = directory.owned_by(owner, now).await?;
        others += usize::from(owned.iter().any(|(_, stored)| stored.record.owner.as_ref() != Some(owner)));
        missed += usize::from(!owned.iter().any(|(key, _)| key == stays));
    }
    Ok((others, missed))
}

/// Sessions that are given from owner to owner.
struct Turns<'a> {
    store: &'a dyn Store,
    now: Timestamp,
    sessions: &'a [Subject],
    revisions: Vec<Option<Revision>>,
}

impl Turns<'_> {
    /// Gives a session to an owner, or to nobody.
    async fn give(&mut self, place: usize, owner: Option<&Owner>) -> Result<()> {
        let (Some(subject), Some(revision)) = (self.sessions.get(place), self.revisions.get_mut(place))
        else {
            return Err(Error::Missing);
        };
        let record = Record { owner: owner.cloned(), ..subject.record.clone() };
        let expect = revision.map_or(Expect::Absent, Expect::Revision);
        *revision = Some(self.store.save(&subject.key, &record, expect, self.now).await?);
        Ok(())
    }

    /// Ends one of them, by a delete or by a sweep.
    async fn end_one(&mut self, turn: usize) -> Result<()> {
        let place = turn / 2 % self.sessions.len();
        let (Some(subject), Some(revision)) = (self.sessions.get(place), self.revisions.get_mut(place))
        else {
            return Err(Error::Missing);
        };
        match revision.take() {
            Some(revision) if turn.is_multiple_of(2) => {
                let end = shift(self.now, 1);
                self.store.touch(&subject.key, revision, self.now, end, self.now).await?;
                self.store.delete_expired(end, usize::MAX).await?;
            }
            _ => self.store.delete(&subject.key).await?,
        }
        Ok(())
    }

    /// Deletes them all.
    async fn end(self) -> Result<()> {
        for subject in self.sessions {
            self.store.delete(&subject.key).await?;
        }
        Ok(())
    }
}

/// An owner's list is that of one instant: of two sessions that were never there together it shows at most one.
pub(super) async fn an_owners_list_is_of_one_instant(ctx: &Ctx) -> Outcome {
    let (store, directory, now, ada) = (ctx.store(), ctx.directory()?, ctx.now(), &Owner::new("ada")?);
    let ends = [0x00, 0xff].map(|byte| Key::from_bytes([byte; Key::BYTES]));
    let record = &Record { owner: Some(ada.clone()), ..subject(ctx).record };
    for _ in ctx.rounds(4, 10_000) {
        let looking = &AtomicUsize::new(2);
        let seen = race(3, |number| async move {
            if number > 0 {
                let most = most_owned(directory, ada, now).await;
                looking.fetch_sub(1, Ordering::SeqCst);
                return most;
            }
            for key in ends.iter().cycle().take(6_000) {
                if looking.load(Ordering::SeqCst) == 0 {
                    break;
                }
                store.save(key, record, Expect::Absent, now).await?;
                store.delete(key).await?;
            }
            Ok(0)
        });
        for most in seen.await? {
            let most = most?;
            ctx.check(
                1,
                most < 2,
                format_args!("{most} sessions that were never there together are on a list"),
            );
        }
    }
    Ok(())
}

/// Looks through an owner's sessions many times, and returns how many the longest list shows.
async fn most_owned(directory: &dyn Directory, owner: &Owner, now: Timestamp) -> Result<usize> {
    let mut most = 0;
    for _ in 0..30 {
        most = directory.owned_by(owner, now).await?.len().max(most);
    }
    Ok(most)
}

/// A list that is called after a write was acknowledged shows it, however many others are waiting for the same list.
pub(super) async fn a_list_called_after_an_ok_shows_it(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let (ada, sessions) = (&Owner::new("ada")?, &crowd(ctx, 10));
    for _ in ctx.rounds(2, 10_000) {
        let is_over = &AtomicBool::new(false);
        let seen = race(4, |number| async move {
            if number > 0 {
                for _ in (0..1_000).take_while(|_| !is_over.load(Ordering::SeqCst)) {
                    directory.page(None, 100, now).await?;
                    directory.owned_by(ada, now).await?;
                    directory.count(now).await?;
                }
                return Ok((true, true, true));
            }
            let _end = Over(is_over);
            let mut shown = (true, true, true);
            for subject in sessions {
                let record = Record { owner: Some(ada.clone()), ..subject.record.clone() };
                let mine = Subject { key: subject.key, record };
                mine.create(store, now).await?;
                shown = both(shown, shows(directory, ada, 1, now).await?);
                store.delete(&mine.key).await?;
                shown = both(shown, shows(directory, ada, 0, now).await?);
            }
            Ok::<_, Error>(shown)
        });
        for seen in seen.await? {
            let (page, owned, count) = seen?;
            ctx.check(1, page, "a page missed a write that was acknowledged before");
            ctx.check(2, owned, "an owner's list missed a write that was acknowledged before");
            ctx.check(3, count, "a count missed a write that was acknowledged before");
        }
    }
    Ok(())
}

/// Ends the lists of others, also when a call fails.
pub(super) struct Over<'a>(pub(super) &'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn both(one: (bool, bool, bool), two: (bool, bool, bool)) -> (bool, bool, bool) {
    (one.0 && two.0, one.1 && two.1, one.2 && two.2)
}

/// Returns whether a page, the owner's list and the count show so many sessions.
async fn shows(
    directory: &dyn Directory,
    owner: &Owner,
    all: usize,
    now: Timestamp,
) -> Result<(bool, bool, bool)> {
    let page = directory.page(None, 100, now).await?.len() == all;
    let owned = directory.owned_by(owner, now).await?.len() == all;
    Ok((page, owned, directory.count(now).await? == all as u64))
}
