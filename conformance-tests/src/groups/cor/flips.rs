//! Flipped bits, and all that looks at records.

use session_core::{Key, Timestamp};

use super::{on_medium, small};
use crate::{checks::Answer, ctx::Ctx, fixture::Stage, outcome::Outcome};

/// Not only loads look at the checksum: a record of which one bit is another is on no list and not counted, no sweep goes by the
/// end in it, and no touch makes it good.
pub(super) async fn a_flipped_bit_is_seen_by_every_call(ctx: &Ctx) -> Outcome {
    let (stage, medium) = (Stage::set(ctx, &small(ctx)).await?, ctx.medium()?);
    let (store, now) = (stage.store, stage.now);
    let keys: Vec<Key> = stage.keys().copied().collect();
    let good = on_medium(medium.read(&stage.key))?;
    for (place, bit) in (0..good.len()).flat_map(|place| [(place, 0), (place, 7)]) {
        let mut bad = good.clone();
        bad.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= 1 << bit);
        on_medium(medium.write(&stage.key, &bad))?;
        let what = format!("with bit {bit} of byte {place} flipped");
        ctx.lists_agree(1, store, keys.iter(), now, &what).await?;
        let swept = store.delete_expired(now, usize::MAX).await;
        ctx.same(2, &swept.ok(), &Some(0), format_args!("how many a sweep deleted, {what}"));
        let _ = stage.touch(stage.revision(), Timestamp::MAX).await;
        let loaded = store.load(&stage.key, now).await;
        ctx.answers(
            4,
            &loaded,
            Answer::Corrupt,
            format_args!("a load after a list, a sweep and a touch, {what}"),
        );
    }
    on_medium(medium.write(&stage.key, &good))?;
    stage.is_unchanged(5, "with its bytes as they were").await;
    stage.clear(6).await
}
