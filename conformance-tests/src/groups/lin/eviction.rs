//! Sessions that make room for others.

use std::collections::BTreeMap;

use session_core::{Expect, Key};

use super::{Crowd, clear, judge_all, look};
use crate::{
    ctx::Ctx,
    fixture::random_keys,
    linearize::{Action, Mix, Operation, Recorder, Reply},
    outcome::Outcome,
};

/// Four threads work on four sessions where there is room for two: a session goes only while another one is being
/// created.
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
    }
    Ok(())
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
