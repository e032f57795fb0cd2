//! Nothing secret leaks, nothing foreign is touched.

mod texts;

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs, io,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use session_core::{Expect, Key, Stored, Timestamp};

use self::texts::no_secret_is_in_a_text;
use crate::{
    ctx::Ctx,
    fixture::{Stage, shift, subject, subjects},
    folder::contents,
    outcome::{Outcome, Stop},
    rng::Rng,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! sec_cases {
    ($then:path, $args:tt) => {
        $then! { $args Sec
            sec_005 no_secret_is_in_a_text [];
            sec_008 guesses_leave_nothing_behind [];
            sec_001 nothing_outside_of_the_folder_is_touched [folder];
            sec_007 files_are_closed_to_others [folder];
            sec_002 links_are_not_followed [folder];
        }
    };
}
sec_cases!(crate::macros::case_table, ());

/// Guessing keys finds nothing, leaves nothing behind and harms nothing.
async fn guesses_leave_nothing_behind(ctx: &Ctx) -> Outcome {
    let stage = Stage::set(ctx, &subject(ctx)).await?;
    let mut rng = Rng::of(ctx.seed(), "guesses");
    for _ in ctx.rounds(500, 20_000) {
        let guess = Key::from_bytes(rng.bytes(16).try_into().unwrap_or_default());
        ctx.finds(1, stage.store, &guess, stage.now, None, "a guessed key").await;
    }
    stage.is_unchanged(2, "after many guesses").await;
    ctx.same(
        3,
        &stage.store.delete_expired(shift(stage.expires_at(), 1), usize::MAX).await?,
        &1,
        "how many were swept",
    );
    stage.clear(4).await
}

/// Nothing outside of the folder is created, and what lies beside it stays, whatever the keys look like.
async fn nothing_outside_of_the_folder_is_touched(ctx: &Ctx) -> Outcome {
    let folder = ctx.folder()?;
    let beside = folder.with_file_name(format!("{}_canary", ctx.namespace()));
    on_disk(fs::write(&beside, "canary"))?;
    let before = names_beside(ctx, &folder)?;
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let revision = stage.touch(stage.revision(), Timestamp::MAX).await?;
        stage.save(&subject.with_data("new").record, revision).await?;
        stage.clear(1).await?;
    }
    let new: Vec<_> = names_beside(ctx, &folder)?.difference(&before).cloned().collect();
    ctx.check(3, new.is_empty(), format_args!("beside the folder there is something new: {new:?}"));
    ctx.same(2, &on_disk(fs::read(&beside))?, &b"canary".to_vec(), "a file beside the folder");
    on_disk(fs::remove_file(&beside))?;
    Ok(())
}

/// Files and folders are closed to everybody but their owner.
async fn files_are_closed_to_others(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for (number, subject) in subjects(ctx).into_iter().enumerate() {
        let Stored { record, revision } = subject.create(store, now).await?;
        match number % 3 {
            0 => drop(store.touch(&subject.key, revision, now, record.expires_at, now).await?),
            1 => drop(store.save(&subject.key, &record, Expect::Revision(revision), now).await?),
            _ => {}
        }
    }
    let contents = contents(&ctx.folder()?)?;
    ctx.check(1, !contents.files.is_empty(), "there are no files in the folder");
    for path in contents.into_all() {
        let open = on_disk(fs::symlink_metadata(&path))?.permissions().mode() & 0o077;
        ctx.same(2, &open, &0, "what others may do with a file");
    }
    Ok(())
}

/// A link that someone put where a record lies is not followed: what it points to is neither read nor changed.
async fn links_are_not_followed(ctx: &Ctx) -> Outcome {
    let (store, now, folder) = (ctx.store(), ctx.now(), ctx.folder()?);
    let outside = folder.with_file_name(format!("{}_outside", ctx.namespace()));
    for subject in subjects(ctx) {
        let before = contents(&folder)?.files;
        let stored = subject.create(store, now).await?;
        let record = contents(&folder)?.files.into_iter().filter(|path| !before.contains(path));
        let record =
            record.filter(|path| fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > 0));
        for path in record {
            let bytes = on_disk(fs::read(&path))?;
            on_disk(fs::rename(&path, &outside))?;
            on_disk(symlink(&outside, &path))?;
            let loaded = store.load(&subject.key, now).await;
            ctx.check(1, !matches!(loaded, Ok(Some(_))), "a record was read through a link");
            let expect = Expect::Revision(stored.revision);
            // Whatever these answer, the file outside is not theirs.
            let _ = store.save(&subject.key, &subject.with_data("new").record, expect, now).await;
            let _ = store.touch(&subject.key, stored.revision, now, Timestamp::MAX, now).await;
            let _ = store.delete_expired(Timestamp::MAX, usize::MAX).await;
            let _ = store.delete(&subject.key).await;
            let kept = fs::read(&outside).ok();
            ctx.check(2, kept.as_ref() == Some(&bytes), "a file outside was changed through a link");
            let _ = fs::remove_file(&path);
        }
    }
    // It may never have been made, where a store keeps all records in one file.
    let _ = fs::remove_file(&outside);
    Ok(())
}

/// Returns the names in the folder that holds `folder`: all of them where this case alone uses it, else those that have the name
/// of its namespace in them, because other cases run at the same time.
fn names_beside(ctx: &Ctx, folder: &Path) -> Outcome<BTreeSet<OsString>> {
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (is_ours, namespace) = (parent.starts_with(ctx.namespace().folder()), ctx.namespace().as_str());
    let mut names = BTreeSet::new();
    for entry in on_disk(fs::read_dir(parent))? {
        let name = on_disk(entry)?.file_name();
        if is_ours || name.to_string_lossy().contains(namespace) {
            names.insert(name);
        }
    }
    Ok(names)
}

fn on_disk<T>(result: io::Result<T>) -> Outcome<T> {
    result.map_err(|error| Stop::Failed(format!("a file could not be looked at: {error}")))
}
