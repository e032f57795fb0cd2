//! How many a sweep may delete.

use session_core::Timestamp;

use super::there;
use crate::{
    ctx::Ctx,
    fixture::{Subject, crowd, in_front, shift},
    outcome::Outcome,
};

/// The limit is kept, and sweeps that go on while they reach it delete everything dead, wherever that lies among the living.
pub(super) async fn a_sweep_keeps_to_its_limit(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for subject in crowd(ctx, 330).into_iter().skip(30) {
        let key = in_front(&subject.key);
        Subject { key, ..subject }.expiring(Timestamp::MAX).create(store, now).await?;
    }
    let beyond_32_bits = usize::try_from(1_u64 << 32).unwrap_or(usize::MAX);
    for limit in [1, 2, 7, 29, 30, 31, beyond_32_bits] {
        let end = shift(now, 1_000);
        let crowd: Vec<_> = crowd(ctx, 30).iter().map(|subject| subject.expiring(end)).collect();
        for subject in &crowd {
            subject.create(store, now).await?;
        }
        ctx.same(1, &store.delete_expired(end, 0).await?, &0, "how many a sweep of none deleted");
        let (mut sizes, mut left) = (Vec::new(), 30_usize);
        while left > 0 && sizes.len() <= 30 {
            let swept = store.delete_expired(end, limit).await?;
            ctx.check(2, swept <= limit, format_args!("a sweep of at most {limit} deleted {swept}"));
            left = there(store, &crowd, now).await?;
            sizes.push(swept);
        }
        ctx.same(3, &sizes.iter().sum(), &30, format_args!("how many sweeps of {limit} deleted together"));
        let full = sizes.iter().rev().skip(1).all(|swept| *swept == limit);
        ctx.check(4, full, format_args!("a sweep deleted less than {limit} and left dead ones: {sizes:?}"));
        ctx.same(5, &left, &0, "how many are left");
    }
    Ok(())
}
