//! Flaws of lists that meet writes, or one another.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Key, Owner, Result, Stored, Timestamp};

use crate::saboteurs::{Flaw, Page, World, interlude, pause, saboteurs};

saboteurs! {
    an_owners_list_shows_who_left AnOwnersListShowsWhoLeft caught by "LST-020": "An owner's list finds keys first and reads the sessions later, whoever owns them then.";
    an_owners_list_is_made_one_by_one AnOwnersListIsMadeOneByOne caught by "LST-022": "An owner's list looks at one session after the other.";
    an_owners_list_reads_its_sessions_later AnOwnersListReadsItsSessionsLater caught by "LST-023": "An owner's list finds keys at one instant, and reads one session after the other if it is still theirs.";
    an_owners_list_is_made_anew_in_two_steps AnOwnersListIsMadeAnewInTwoSteps caught by "LST-020": "A delete takes an owner's list away, and puts it back without the session a moment later.";
    a_page_joins_another APageJoinsAnother caught by "LST-021": "A page shows what another one shows that began before it.";
    an_owners_list_joins_another AnOwnersListJoinsAnother caught by "LST-021": "An owner's list shows what another one shows that began before it.";
    a_count_joins_another ACountJoinsAnother caught by "LST-021": "A count answers what another one answers that began before it.";
}

#[async_trait]
impl Flaw for AnOwnersListShowsWhoLeft {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let keys: Vec<Key> = world.lock().owned_by(owner, now).into_iter().map(|(key, _)| key).collect();
        pause();
        let sessions = world.lock();
        Ok(keys.into_iter().filter_map(|key| Some((key, sessions.live(&key, now)?.clone()))).collect())
    }
}

#[async_trait]
impl Flaw for AnOwnersListReadsItsSessionsLater {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let keys: Vec<Key> = world.lock().owned_by(owner, now).into_iter().map(|(key, _)| key).collect();
        let mut owned = Vec::new();
        for key in keys {
            let found = world.lock().live(&key, now).cloned();
            owned.extend(found.filter(|it| it.record.owner.as_ref() == Some(owner)).map(|it| (key, it)));
            pause();
        }
        Ok(owned)
    }
}

#[async_trait]
impl Flaw for AnOwnersListIsMadeOneByOne {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let next = world.lock().page(after.as_ref(), 1, now).pop();
            let Some((key, stored)) = next else { return Ok(listed) };
            if stored.record.owner.as_ref() == Some(owner) {
                listed.push((key, stored));
            }
            after = Some(key);
            pause();
        }
    }
}

/// Owners whose lists are being made anew.
type MadeAnew = Mutex<HashSet<Owner>>;

#[async_trait]
impl Flaw for AnOwnersListIsMadeAnewInTwoSteps {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let owner = world.lock().map.get(key).and_then(|stored| stored.record.owner.clone());
        let made_anew = world.part::<MadeAnew>();
        made_anew.lock().unwrap_or_else(PoisonError::into_inner).extend(owner.clone());
        world.with(|sessions| sessions.delete(key));
        pause();
        let mut made_anew = made_anew.lock().unwrap_or_else(PoisonError::into_inner);
        made_anew.retain(|other| Some(other) != owner.as_ref());
        Ok(())
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let made_anew = world.part::<MadeAnew>();
        let is_away = made_anew.lock().unwrap_or_else(PoisonError::into_inner).contains(owner);
        Ok(if is_away { Vec::new() } else { world.lock().owned_by(owner, now) })
    }
}

/// Answers that others are waiting for, by what was asked.
type Answers<T> = Mutex<HashMap<String, T>>;

/// Forgets an answer when nobody waits for it any more.
struct Asked<T>(Arc<Answers<T>>, String);

impl<T> Drop for Asked<T> {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// Answers as another call does that has asked the same and still waits, or asks.
async fn joined<T>(world: &World, question: String, ask: impl FnOnce() -> T + Send) -> T
where
    T: Clone + Send + Sync + 'static,
{
    let answers = world.part::<Answers<T>>();
    let asked = answers.lock().unwrap_or_else(PoisonError::into_inner).get(&question).cloned();
    if let Some(answer) = asked {
        return answer;
    }
    let answer = ask();
    answers.lock().unwrap_or_else(PoisonError::into_inner).insert(question.clone(), answer.clone());
    let _asked = Asked(answers, question);
    interlude().await;
    answer
}

#[async_trait]
impl Flaw for APageJoinsAnother {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let Page { after, limit, now } = call;
        let question = format!("{after:?} {limit} {now}");
        Ok(joined(world, question, || call.on(&world.lock())).await)
    }
}

#[async_trait]
impl Flaw for AnOwnersListJoinsAnother {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let question = format!("{} {now}", owner.as_str());
        Ok(joined(world, question, || world.lock().owned_by(owner, now)).await)
    }
}

#[async_trait]
impl Flaw for ACountJoinsAnother {
    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(joined(world, now.to_string(), || world.lock().count(now)).await)
    }
}
