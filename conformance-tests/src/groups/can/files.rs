//! What dropped and refused writes leave in the folder.

use std::{collections::BTreeSet, path::Path, path::PathBuf};

use session_core::{Expect, Key, Revision, Store, Timestamp};

use super::victim::Victim;
use crate::{
    ctx::Ctx,
    fixture::{Patience, Subject, dropped, random_keys, subject},
    folder::contents,
    linearize::Recorder,
    outcome::Outcome,
};

/// When every session is deleted, the folder holds the files that it held when they had been used once, and no others.
pub(super) async fn dropped_and_refused_writes_leave_no_files(ctx: &Ctx) -> Outcome {
    let (store, folder) = (ctx.store(), ctx.folder()?);
    let mut rng = ctx.rng();
    let keys = random_keys(&mut rng, 8);
    use_once(ctx, store, &keys).await?;
    let before = files(&folder)?;
    let recorder = Recorder::new(ctx.shared_store());
    for victim in [Victim::Create, Victim::Save, Victim::Touch, Victim::Delete].into_iter().cycle().take(24) {
        for key in &keys {
            store.delete(key).await?;
            let revision = victim.prepare(ctx, &recorder, key).await?;
            let call = victim.call(ctx, &recorder, key, revision);
            ctx.answered(2, dropped(call, Patience::random(&mut rng))).await?;
        }
    }
    for key in &keys {
        refuse(ctx, store, key).await?;
    }
    let mut left = BTreeSet::new();
    // What a dropped call has left is cleared at the latest when its work is done.
    for _ in ctx.rounds(10, 1_000) {
        use_once(ctx, store, &keys).await?;
        left = files(&folder)?.difference(&before).cloned().collect();
        if left.is_empty() {
            break;
        }
    }
    ctx.check(1, left.is_empty(), format_args!("{} files are left, such as {:?}", left.len(), left.first()));
    Ok(())
}

/// Creates, saves and deletes every session.
async fn use_once(ctx: &Ctx, store: &dyn Store, keys: &[Key]) -> Outcome {
    for key in keys {
        store.delete(key).await?;
        Subject { key: *key, ..subject(ctx) }.create(store, ctx.now()).await?;
        store.delete(key).await?;
    }
    Ok(())
}

/// Makes calls that are refused, because the session is there at another revision, or not at all. What they are answered is judged by
/// other cases.
async fn refuse(ctx: &Ctx, store: &dyn Store, key: &Key) -> Outcome {
    let (now, subject) = (ctx.now(), Subject { key: *key, ..subject(ctx) });
    store.delete(key).await?;
    for is_there in [true, false] {
        let revision = if is_there { subject.create(store, now).await?.revision } else { Revision::first()? };
        for _ in 0..3 {
            let stale = revision.next()?;
            if is_there {
                let _ = ctx.answered(2, subject.create(store, now)).await?;
            }
            let saved = store.save(key, &subject.record, Expect::Revision(stale), now);
            let _ = ctx.answered(2, saved).await?;
            let _ = ctx.answered(2, store.touch(key, stale, now, Timestamp::MAX, now)).await?;
        }
        store.delete(key).await?;
    }
    Ok(())
}

/// Returns the names of all files below `folder`.
fn files(folder: &Path) -> Outcome<BTreeSet<PathBuf>> {
    Ok(contents(folder)?.files.into_iter().collect())
}
