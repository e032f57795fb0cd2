//! Times that a commit writes, and when it writes nothing.

use std::time::Duration;

use session_core::{Clock, Found, Key, Record, Session, Timestamp};

use super::TURNS;
use crate::{
    ctx::Ctx,
    faulty::Verb,
    fixture::{End, Lab, add_one},
    outcome::{Outcome, Stop},
};

const HOUR: Duration = Duration::from_secs(3_600);

/// A slow request from a machine whose clock is behind takes nothing from what others gave the session.
pub(super) async fn a_replay_never_shortens_a_lifetime(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for turn in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let (cookie, behind) = (lab.visitor().await?, lab.other_clock(ctx.now())?);
        let slow = behind.open(&cookie).await?;
        lab.advance(HOUR + Duration::from_millis(rng.below(1_000)));
        // It is touched, or gets a timeout of its own.
        let (using, own) = (lab.open(&cookie).await?, turn % 2 == 0);
        let timeout = if own { HOUR * 24 * 7 } else { lab.sessions.config().timeout };
        if own {
            using.set_timeout(timeout)?;
        }
        lab.ends(1, &using, End::Keep, "a request that prolongs the session").await;
        behind.advance(HOUR / 2);
        if turn / 2 % 2 == 0 {
            add_one(&slow)?;
        }
        lab.ends(2, &slow, End::Keep, "a request from a machine whose clock is behind").await;
        let (used_at, record) = (lab.clock.now(), record(&lab, key(&using)?).await?);
        ctx.same(3, &record.accessed_at, &used_at, "when the session was last used");
        ctx.same(4, &record.expires_at, &(used_at + timeout), "when the session dies");
        lab.clock.set(Timestamp::from_millis((used_at + timeout).as_millis() - 1));
        lab.sessions.sweep().await?;
        let found = lab.open(&cookie).await?.found();
        ctx.same(5, &found, &Found::Live, "a session in its last millisecond, after a sweep");
        lab.advance(Duration::from_millis(1));
        lab.finds(6, &cookie, (Found::Gone, None), "a millisecond later").await;
    }
    Ok(())
}

/// What shortens a lifetime is kept as well, and nothing brings the longer one back.
pub(super) async fn a_shorter_timeout_ends_a_session_earlier(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let slow = lab.other_process()?.open(&cookie).await?;
        let (shortening, timeout) =
            (lab.open(&cookie).await?, Duration::from_millis(10_000 + rng.below(9_999)));
        shortening.set_timeout(timeout)?;
        lab.ends(1, &shortening, End::Keep, "a timeout of its own").await;
        lab.advance(Duration::from_secs(5));
        add_one(&slow)?;
        lab.ends(2, &slow, End::Keep, "a request from before").await;
        let died_at = lab.clock.now() + timeout;
        lab.clock.set(Timestamp::from_millis(died_at.as_millis() - 1));
        let found = lab.open(&cookie).await?.found();
        ctx.same(3, &found, &Found::Live, "a session in its last millisecond");
        lab.clock.set(died_at);
        lab.finds(4, &cookie, (Found::Gone, None), "a session with a shorter timeout").await;
    }
    Ok(())
}

/// Reading, and changes that come to nothing, leave the record as it is, to the revision.
pub(super) async fn equal_data_writes_nothing(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for turn in 0..TURNS {
        let lab = Lab::new(ctx, &mut rng)?;
        let cookie = lab.visitor().await?;
        let session = lab.open(&cookie).await?;
        let (key, saves) = (key(&session)?, lab.store.calls(Verb::Save));
        let before = ctx.store().load(&key, ctx.now()).await?;
        lab.advance(Duration::from_millis(1 + rng.below(59_000)));
        for session in [session, lab.other_process()?.open(&cookie).await?] {
            if turn % 2 == 0 {
                session.insert("count", &0_u64)?;
                session.insert("gone", &1)?;
                session.remove("gone");
                session.update("count", |_: &mut u64| ())?;
            }
            lab.ends(1, &session, End::Keep, "a request that changes nothing").await;
        }
        let after = ctx.store().load(&key, lab.clock.now()).await?;
        ctx.check(2, after == before, "a request that changes nothing changed the record");
        ctx.check(2, lab.store.calls(Verb::Save) == saves, "a request that changes nothing was saved");
    }
    Ok(())
}

fn key(session: &Session) -> Outcome<Key> {
    session.key().ok_or_else(|| Stop::Failed("a session that is stored has no key".to_owned()))
}

async fn record(lab: &Lab<'_>, key: Key) -> Outcome<Record> {
    let stored = lab.ctx.store().load(&key, lab.clock.now()).await?;
    stored.map(|stored| stored.record).ok_or_else(|| Stop::Failed("the session is not there".to_owned()))
}
