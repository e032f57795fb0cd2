//! Damage far behind the beginning of a record: a checksum is one of all bytes.

use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Stage, Subject},
    outcome::Outcome,
};

use super::{on_medium, small};

/// How many places of a large record are damaged, besides the last ones.
const PLACES: usize = 40;

/// A session whose record takes more than one page of a file, a table or a cache.
fn large(ctx: &Ctx) -> Subject {
    small(ctx).with_data(ctx.rng().bytes(70_000))
}

/// A bit flip is refused wherever it is.
pub(super) async fn flips_all_over_a_large_record_are_refused(ctx: &Ctx) -> Outcome {
    let (stage, medium) = (Stage::set(ctx, &large(ctx)).await?, ctx.medium()?);
    let good = on_medium(medium.read(&stage.key))?;
    let (step, last) = ((good.len() / PLACES).max(1), good.len().saturating_sub(3)..good.len());
    for place in (0..good.len()).step_by(step).chain(last) {
        let mut bad = good.clone();
        bad.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= 1 << (place % 8));
        on_medium(medium.write(&stage.key, &bad))?;
        let loaded = stage.store.load(&stage.key, stage.now).await;
        let what = format_args!("a load with a bit of byte {place} of {} flipped", good.len());
        ctx.answers(4, &loaded, Answer::Corrupt, what);
    }
    on_medium(medium.write(&stage.key, &good))?;
    stage.is_unchanged(2, "with its bytes as they were").await;
    stage.clear(3).await
}

/// A record of which the last bytes are missing is refused, whether the medium lost one, a sector or a page.
pub(super) async fn a_large_record_that_was_cut_is_refused(ctx: &Ctx) -> Outcome {
    let (stage, medium) = (Stage::set(ctx, &large(ctx)).await?, ctx.medium()?);
    let good = on_medium(medium.read(&stage.key))?;
    for lost in [1, 512, 4_096] {
        let left = good.get(..good.len().saturating_sub(lost)).unwrap_or_default();
        on_medium(medium.write(&stage.key, left))?;
        let loaded = stage.store.load(&stage.key, stage.now).await;
        let what = format_args!("a load of {} bytes without the last {lost}", good.len());
        ctx.answers(4, &loaded, Answer::Corrupt, what);
    }
    stage.clear(3).await
}

/// Bytes, and blocks of bytes, that changed places are refused: their sum is what it was.
pub(super) async fn what_changed_places_is_refused(ctx: &Ctx) -> Outcome {
    let (stage, medium) = (Stage::set(ctx, &large(ctx)).await?, ctx.medium()?);
    let good = on_medium(medium.read(&stage.key))?;
    for length in [1, 2, 4, 8, 512, 4_096] {
        for begin in [60, good.len() / 2, good.len().saturating_sub(2 * length)] {
            let mut bad = good.clone();
            if let Some(two) = bad.get_mut(begin..begin + 2 * length) {
                two.rotate_left(length);
            }
            if bad == good {
                continue;
            }
            on_medium(medium.write(&stage.key, &bad))?;
            let loaded = stage.store.load(&stage.key, stage.now).await;
            let what =
                format_args!("a load where {length} bytes at {begin} and the next have changed places");
            ctx.answers(4, &loaded, Answer::Corrupt, what);
        }
    }
    stage.clear(3).await
}
