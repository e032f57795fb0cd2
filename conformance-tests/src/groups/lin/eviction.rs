//! Sessions that make room for others.

use std::collections::BTreeMap;

use session_core::{Expect, Key, Record, Store};

use super::{Crowd, clear, judge_all, look};
use crate::{
    ctx::Ctx,
    fixture::{Subject, crowd, random_keys, shift},
    linearize::{Action, Mix, Operation, Recorder, Reply},
    outcome::Outcome,
};

/// Four threads work on four sessions where there is room for two: a session goes only while another one is
/// being created. Afterwards there is room for two as before.
pub(super) async fn evictions_are_steps_of_creations(ctx: &Ctx) -> Outcome {
    let crowd = Crowd { clients: 4, calls: 30, keys: 4, mix: Mix::LongLived };
    let (store, mut rng) = (ctx.open_capped(2).await?, ctx.rng());
    for _ in ctx.rounds(10, 200) {
        let keys = random_keys(&mut rng, crowd.keys);
        let recorder = Recorder::new(store.clone());
        crowd.work(&[&recorder], &rng, &keys, ctx.now()).await?;
        look(&recorder, &keys, ctx.now()).await;
        judge_all(ctx, &with_evictions(&recorder.histories()))?;
        clear(&*store, &keys).await?;
        two_have_room(ctx, &*store).await?;
    }
    Ok(())
}

/// Checks that of three sessions the last two are there, and leaves none.
async fn two_have_room(ctx: &Ctx, store: &dyn Store) -> Outcome {
    let (now, few, mut there) = (ctx.now(), crowd(ctx, 3), Vec::new());
    for (age, subject) in (-3..).zip(&few) {
        let record = Record { accessed_at: shift(now, age), owner: None, ..subject.record.clone() };
        Subject { key: subject.key, record }.create(store, now).await?;
    }
    for subject in &few {
        there.push(store.load(&subject.key, now).await?.is_some());
    }
    ctx.same(3, &there, &vec![false, true, true], "who of three is there after a race where two have room");
    clear(store, &few.iter().map(|subject| subject.key).collect::<Vec<_>>()).await
}

/// Adds to the history of each key what creations of the others may have done to it.
fn with_evictions(histories: &BTreeMap<Key, Vec<Operation>>) -> BTreeMap<Key, Vec<Operation>> {
    let mut all = histories.clone();
    for (key, history) in &mut all {
        let others = histories.iter().filter(|(other, _)| *other != key).flat_map(|(_, history)| history);
        history.extend(others.filter_map(eviction));
    }
    all
}

fn eviction(operation: &Operation) -> Option<Operation> {
    let is_creation = matches!(operation.action, Action::Save { expect: Expect::Absent, .. });
    let is_made = is_creation && !matches!(operation.reply, Reply::Refused(_));
    is_made.then(|| Operation { action: Action::Evict, reply: Reply::PerhapsGone, ..operation.clone() })
}
