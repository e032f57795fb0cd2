//! What dropped writes leave in the folder.

use std::{collections::BTreeSet, fs, io, path::Path, path::PathBuf};

use session_core::{Key, Store};

use super::victim::Victim;
use crate::{
    ctx::Ctx,
    fixture::{Patience, Subject, dropped, random_keys, subject},
    linearize::Recorder,
    outcome::{Outcome, Stop},
};

/// When every session is deleted, the folder holds the files that it held when they had been used once, and no others.
pub(super) async fn dropped_writes_leave_no_files(ctx: &Ctx) -> Outcome {
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

/// Returns the names of all files below `folder`.
fn files(folder: &Path) -> Outcome<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    walk(folder, &mut found)
        .map_err(|error| Stop::Failed(format!("the folder cannot be listed: {error}")))?;
    Ok(found)
}

fn walk(folder: &Path, found: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&entry.path(), found)?,
            Ok(_) => drop(found.insert(entry.path())),
            // Another thread of the store may have removed it since.
            Err(_) => {}
        }
    }
    Ok(())
}
