//! Requests that interleave at random keep what a plain map keeps, one commit after the other.

use std::collections::BTreeMap;

use session_core::{Result, Session};

use crate::{
    ctx::Ctx,
    fixture::{End, Lab, cookie_of},
    outcome::Outcome,
    rng::Rng,
};

type Values = BTreeMap<String, u64>;

/// What a request changes, in the form in which it is replayed.
#[derive(Clone, Debug)]
enum Change {
    Insert(String, u64),
    Remove(String),
    Add(String, u64),
    Take(String, u64),
    Clear,
}

/// A request, with the changes that its next commit makes.
struct Request {
    session: Session,
    changes: Vec<Change>,
}

/// Values of a few names, three requests of two processes, a hundred random steps.
pub(super) async fn interleaved_requests_keep_what_a_map_keeps(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in ctx.rounds(10, 40) {
        let lab = Lab::new(ctx, &mut rng)?;
        let (other, mut cookie) = (lab.other_process()?, lab.visitor().await?);
        let mut kept = Values::new();
        let mut requests = Vec::new();
        for number in 0..3 {
            requests.push(arrive(if number == 1 { &other } else { &lab }, &cookie).await?);
        }
        for _ in 0..100 {
            let number = rng.index(requests.len());
            let lab = if number == 1 { &other } else { &lab };
            let Some(request) = requests.get_mut(number) else { continue };
            match rng.below(10) {
                0 => {
                    request.session.discard();
                    *request = arrive(lab, &cookie).await?;
                }
                1 => request.session.rotate(),
                2..7 => change(request, &mut rng)?,
                _ => commit(lab, request, &mut kept, &mut cookie).await,
            }
        }
        requests.iter().for_each(|request| request.session.discard());
        ctx.same(2, &read(&lab.open(&cookie).await?)?, &kept, "the values in the end");
    }
    Ok(())
}

async fn arrive(lab: &Lab<'_>, cookie: &str) -> Result<Request> {
    Ok(Request { session: lab.open(cookie).await?, changes: Vec::new() })
}

fn change(request: &mut Request, rng: &mut Rng) -> Outcome {
    let (session, number) = (&request.session, rng.below(5));
    let name = format!("name{}", rng.below(3));
    let change = match rng.below(9) {
        0..3 => {
            session.insert(&name, &number)?;
            Change::Insert(name, number)
        }
        3 => {
            session.remove(&name);
            Change::Remove(name)
        }
        4..7 => {
            session.update(&name, move |value: &mut u64| *value += number)?;
            Change::Add(name, number)
        }
        7 => match session.take(&name)? {
            Some(taken) => Change::Take(name, taken),
            None => return Ok(()),
        },
        _ => {
            for number in 0..3 {
                session.remove(&format!("name{number}"));
            }
            Change::Clear
        }
    };
    request.changes.push(change);
    Ok(())
}

async fn commit(lab: &Lab<'_>, request: &mut Request, kept: &mut Values, cookie: &mut String) {
    let session = &request.session;
    let before = session.cookie();
    let committed = session.commit().await;
    let end = End::of(&committed, session);
    let right = matches!(end, End::Keep | End::Set);
    lab.ctx.check(1, right, format_args!("a commit among others was answered {committed:?}"));
    for change in request.changes.drain(..) {
        replay(kept, change);
    }
    if session.cookie() != before {
        *cookie = cookie_of(&session.cookie()).unwrap_or_default();
    }
}

fn replay(values: &mut Values, change: Change) {
    match change {
        Change::Insert(name, value) => drop(values.insert(name, value)),
        Change::Remove(name) => drop(values.remove(&name)),
        Change::Add(name, by) => *values.entry(name).or_default() += by,
        Change::Take(name, taken) => values.retain(|found, value| *found != name || *value != taken),
        Change::Clear => values.clear(),
    }
}

fn read(session: &Session) -> Result<Values> {
    let names = session.names().into_iter().filter(|name| name.starts_with("name"));
    names.map(|name| Ok((name.clone(), session.get(&name)?.unwrap_or_default()))).collect()
}
