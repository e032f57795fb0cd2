//! Numbers in a damaged record.

use session_core::Store;

use super::{on_medium, small};
use crate::{
    checks::Answer,
    ctx::Ctx,
    outcome::{Outcome, Stop},
    process::status_of,
};

/// How many kB of addresses a process may take more, for its threads and what they set aside.
const MORE: u64 = 1_024 * 1_024;

/// So many loads let it set aside what it will.
const LOADS: usize = 32;

/// A damaged record may say that it is as large as can be: whoever loads it believes that at no time, and allocates no such room.
///
/// That is asked of a second process: the system knows what it has allocated, and it is the one that ends where there is no such room.
pub(super) async fn a_number_in_a_damaged_record_takes_no_room(ctx: &Ctx) -> Outcome {
    let ((namespace, store), now, subject) = (ctx.open_other().await?, ctx.now(), small(ctx));
    subject.create(&*store, now).await?;
    let medium = ctx.medium_of(&namespace)?;
    let good = on_medium(medium.read(&subject.key))?;
    let second = ctx.second_process().await?;
    let there = second.open(&namespace).await?;
    for _ in 0..LOADS {
        there.load(&subject.key, now).await?;
    }
    let room = || status_of(&second.pid().to_string(), "VmPeak");
    let Some(before) = room() else {
        return Err(Stop::NotRun("the system does not say how much room a process has".to_owned()));
    };
    for (place, bad) in with_large_numbers(&good) {
        on_medium(medium.write(&subject.key, &bad))?;
        let loaded = there.load(&subject.key, now).await;
        let what = format!("a load with a large number at byte {place}");
        let more = room().unwrap_or(before).saturating_sub(before);
        let is_refused = ctx.answers(1, &loaded, Answer::Corrupt, &what);
        if !is_refused || !ctx.check(2, more < MORE, format_args!("{what} took {more} kB more")) {
            break;
        }
    }
    Ok(store.delete(&subject.key).await?)
}

/// Puts numbers of all sizes at each place.
fn with_large_numbers(good: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    let with = |place: usize, number: &[u8]| {
        let mut bad = good.to_vec();
        bad.iter_mut().skip(place).zip(number).for_each(|(byte, new)| *byte = *new);
        (place, bad)
    };
    let numbers = [&[0x7f][..], &[0xff; 4], &[0xff; 8]];
    let all =
        numbers.into_iter().flat_map(move |number| (0..good.len()).map(move |place| with(place, number)));
    all.filter(move |(_, bad)| bad != good)
}
