//! A session that is too large, where there is no room.

use session_core::{Key, Record};

use super::{there, told::are_told};
use crate::{
    ctx::Ctx,
    fixture::{Listener, Subject, crowd, shift, used_in_turn},
    outcome::Outcome,
};

/// More than some stores keep in one record.
const SIZE: usize = 16 << 20;

/// A creation that is refused because it is too large has evicted nobody, and nobody is told so.
pub(super) async fn whoever_is_too_large_evicts_nobody(ctx: &Ctx) -> Outcome {
    let (now, (listener, keys)) = (ctx.now(), Listener::if_any(2)?);
    let store = &*ctx.open_capped(2).await?;
    let [mut first, mut second, next] = used_in_turn(ctx);
    for (subject, key) in [&mut first, &mut second].into_iter().zip(&keys) {
        subject.key = *key;
        subject.create(store, now).await?;
    }
    // A block of a prime length lies nowhere as it lay before, and costs less than that many random bytes.
    let block = ctx.rng().bytes(4_093);
    let mut data = block.repeat(SIZE / block.len() + 1);
    data.truncate(SIZE);
    let record =
        Record { data: data.into(), accessed_at: shift(now, 1), ..crowd(ctx, 1).swap_remove(0).record };
    let large = Subject { key: Key::from_bytes([0x4c; 16]), record };
    match large.create(store, now).await {
        Err(error) if !error.is_unknown() => {
            let left = there(store, &[first, second], now).await?;
            ctx.same(4, &left, &vec![0, 1], format_args!("who is there after {SIZE} bytes were refused"));
            if let Some(listener) = listener {
                let told = listener.told();
                ctx.check(5, told.is_empty(), "somebody was told as evicted by a session that was refused");
                // Who is told of on another thread is heard with the next one at the latest.
                next.create(store, now).await?;
                are_told(ctx, 5, &listener, keys.get(..1).unwrap_or_default(), "after one was refused").await;
            }
        }
        _ => {}
    }
    Ok(())
}
