//! Recorded histories are linearizable.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use session_core::{Key, Revision, Store, Timestamp};

use crate::{
    ctx::Ctx,
    faulty::FaultyStore,
    fixture::{race, random_keys},
    linearize::{Client, Mix, Operation, Recorder, Reply},
    outcome::Outcome,
    rng::Rng,
};

mod aftermath;
mod eviction;
mod freshness;
mod others;

use self::{
    aftermath::lists_and_sweeps_agree, eviction::evictions_are_steps_of_creations,
    freshness::a_load_called_after_an_ok_sees_it, others::who_is_alone_with_a_session_finds_what_he_wrote,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! lin_cases {
    ($then:path, $args:tt) => {
        $then! { $args Lin
            lin_000 a_load_called_after_an_ok_sees_it [];
            lin_001 four_clients_of_one_session_see_one_order [];
            lin_002 eight_clients_of_four_sessions_see_one_order [];
            lin_003 sweeps_and_deaths_are_steps_of_the_order [];
            lin_004 writes_of_unknown_outcome_land_once_or_never [];
            lin_005 the_order_goes_on_when_the_store_is_opened_again [reopen];
            lin_006 clients_of_two_openings_see_one_order [shared];
            lin_007 evictions_are_steps_of_creations [cap];
            lin_008 who_is_alone_with_a_session_finds_what_he_wrote [];
        }
    };
}
lin_cases!(crate::macros::case_table, ());

/// One session, four threads with 25 calls each: loads, saves, touches, deletes and creations.
async fn four_clients_of_one_session_see_one_order(ctx: &Ctx) -> Outcome {
    let crowd = Crowd { clients: 4, calls: 25, keys: 1, mix: Mix::LongLived };
    many_histories(ctx, crowd, 20).await
}

/// Four sessions, eight threads with 100 calls each.
async fn eight_clients_of_four_sessions_see_one_order(ctx: &Ctx) -> Outcome {
    let crowd = Crowd { clients: 8, calls: 100, keys: 4, mix: Mix::LongLived };
    many_histories(ctx, crowd, 2).await
}

/// Sessions that are dead by the clock of one caller and live by the clock of another, while sweeps run.
async fn sweeps_and_deaths_are_steps_of_the_order(ctx: &Ctx) -> Outcome {
    let one = Crowd { clients: 4, calls: 25, keys: 1, mix: Mix::ShortLived };
    many_histories(ctx, one, 20).await?;
    many_histories(ctx, Crowd { keys: 3, calls: 50, ..one }, 4).await
}

/// One call in eight fails, is lost, or lands when nobody knows.
async fn writes_of_unknown_outcome_land_once_or_never(ctx: &Ctx) -> Outcome {
    let crowd = Crowd { clients: 4, calls: 25, keys: 1, mix: Mix::LongLived };
    let mut rng = ctx.rng();
    for _ in ctx.rounds(10, 100) {
        let faulty = FaultyStore::by_chance(ctx.shared_store(), rng.number(), 8);
        let recorder = Recorder::new(Arc::new(faulty.clone()));
        let keys = random_keys(&mut rng, crowd.keys);
        crowd.work(&[&recorder], &rng, &keys, ctx.now()).await?;
        faulty.calm();
        faulty.settle().await;
        look(&recorder, &keys, ctx.now()).await;
        judge(ctx, &recorder)?;
        clear(ctx.store(), &keys).await?;
    }
    Ok(())
}

/// What was in order before the store was closed is in order with what comes after.
async fn the_order_goes_on_when_the_store_is_opened_again(ctx: &Ctx) -> Outcome {
    let crowd = Crowd { clients: 4, calls: 10, keys: 2, mix: Mix::ShortLived };
    let mut rng = ctx.rng();
    let (namespace, store) = ctx.open_other().await?;
    let mut store = Some(store);
    for _ in ctx.rounds(3, 30) {
        let keys = random_keys(&mut rng, crowd.keys);
        let log = Recorder::new(ctx.shared_store());
        for _ in 0..3 {
            let open = match store.take() {
                Some(open) => open,
                None => ctx.open_namespace(&namespace).await?,
            };
            let recorder = log.beside(open);
            rng.number();
            crowd.work(&[&recorder], &rng, &keys, ctx.now()).await?;
            look(&recorder, &keys, ctx.now()).await;
        }
        judge(ctx, &log)?;
        let store = ctx.open_namespace(&namespace).await?;
        lists_and_sweeps_agree(ctx, &[&*store], &keys).await?;
        clear(&*store, &keys).await?;
    }
    Ok(())
}

/// Two openings of one namespace, whose clients know nothing of each other.
async fn clients_of_two_openings_see_one_order(ctx: &Ctx) -> Outcome {
    let crowd = Crowd { clients: 4, calls: 25, keys: 1, mix: Mix::ShortLived };
    let second = ctx.open_again().await?;
    let mut rng = ctx.rng();
    for _ in ctx.rounds(10, 100) {
        let keys = random_keys(&mut rng, crowd.keys);
        let first = Recorder::new(ctx.shared_store());
        let beside = first.beside(Arc::clone(&second));
        crowd.work(&[&first, &beside], &rng, &keys, ctx.now()).await?;
        look(&first, &keys, ctx.now()).await;
        look(&beside, &keys, ctx.now()).await;
        judge(ctx, &first)?;
        lists_and_sweeps_agree(ctx, &[ctx.store(), &*second], &keys).await?;
        clear(ctx.store(), &keys).await?;
    }
    Ok(())
}

/// How many make how many calls.
#[derive(Clone, Copy)]
struct Crowd {
    clients: usize,
    calls: usize,
    keys: usize,
    mix: Mix,
}

impl Crowd {
    /// Lets all clients work at once, each on one of the handles.
    async fn work(self, handles: &[&Recorder], rng: &Rng, keys: &[Key], now: Timestamp) -> Outcome {
        let work = |name: usize| async move {
            if let Some(recorder) = handles.get(name % handles.len()) {
                Client::new(recorder, (rng, name), self.mix, keys, now).work(self.calls).await;
            }
        };
        race(self.clients, work).await.map(drop)
    }
}

/// Records and judges histories, at least so many, each with keys of its own.
async fn many_histories(ctx: &Ctx, crowd: Crowd, min: usize) -> Outcome {
    let mut rng = ctx.rng();
    for _ in ctx.rounds(min, 400) {
        let keys = random_keys(&mut rng, crowd.keys);
        let recorder = Recorder::new(ctx.shared_store());
        crowd.work(&[&recorder], &rng, &keys, ctx.now()).await?;
        look(&recorder, &keys, ctx.now()).await;
        judge(ctx, &recorder)?;
        lists_and_sweeps_agree(ctx, &[ctx.store()], &keys).await?;
        clear(ctx.store(), &keys).await?;
    }
    Ok(())
}

/// Writes down what is there in the end.
async fn look(recorder: &Recorder, keys: &[Key], now: Timestamp) {
    for key in keys {
        let _ = recorder.load(key, now).await;
    }
}

/// Checks that there is an order for each key, and that no two writes were given the same revision.
fn judge(ctx: &Ctx, recorder: &Recorder) -> Outcome {
    judge_all(ctx, &recorder.histories())
}

fn judge_all(ctx: &Ctx, histories: &BTreeMap<Key, Vec<Operation>>) -> Outcome {
    for history in histories.values() {
        ctx.has_an_order(1, history)?;
        let mut told = BTreeSet::new();
        let all_differ = history.iter().filter_map(revision).all(|revision| told.insert(revision));
        ctx.check(2, all_differ, "two writes of one session were told the same revision");
    }
    Ok(())
}

fn revision(operation: &Operation) -> Option<Revision> {
    match operation.reply {
        Reply::Wrote(revision) => Some(revision),
        _ => None,
    }
}

async fn clear(store: &dyn Store, keys: &[Key]) -> Outcome {
    for key in keys {
        store.delete(key).await?;
    }
    Ok(())
}
