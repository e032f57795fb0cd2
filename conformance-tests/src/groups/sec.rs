//! Nothing secret leaks, nothing foreign is touched.

use std::{
    fs, io,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use session_core::{Expect, Key, Record, Result, Timestamp};

use crate::{
    ctx::Ctx,
    fixture::{Stage, Subject, owner, shift, subject, subjects},
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

/// Neither data nor owner appear in an error, its causes, or what `Debug` shows of the store and of what it keeps.
async fn no_secret_is_in_a_text(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for (number, subject) in subjects(ctx).into_iter().enumerate() {
        let (value, name) = (format!("hunter2-{number}-value"), format!("hunter2-{number}-owner"));
        let record = Record { owner: owner(&name), ..subject.with_data(&value).record };
        let mine = Subject { key: subject.key, record };
        let first = mine.create(store, now).await?.revision;
        let wrong = Expect::Revision(first.next()?);
        let mut texts = vec![format!("{store:?}"), format!("{:?}", store.load(&mine.key, now).await)];
        for expect in [Expect::Absent, wrong] {
            texts.extend(words(store.save(&mine.key, &mine.record, expect, now).await));
        }
        texts.extend(words(store.touch(&mine.key, first.next()?, now, Timestamp::MAX, now).await));
        texts.extend(words(store.save(&Key::from_bytes([1; 16]), &mine.record, wrong, now).await));
        for text in &texts {
            ctx.check(1, !tells(text, &value), "data appear in a text");
            ctx.check(2, !tells(text, &name), "an owner appears in a text");
        }
    }
    Ok(())
}

/// Returns the words of an error and of all its causes.
fn words<T>(answer: Result<T>) -> Vec<String> {
    let Err(error) = answer else { return Vec::new() };
    let mut texts = vec![format!("{error:?}"), error.to_string()];
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        texts.extend([format!("{error:?}"), error.to_string()]);
        cause = error.source();
    }
    texts
}

/// Returns whether a text tells the secret: as it is, as a list of numbers, or in hex.
fn tells(text: &str, secret: &str) -> bool {
    let numbers = secret.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    text.contains(secret) || text.contains(&numbers) || text.to_lowercase().contains(&hex)
}

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
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        stage.touch(stage.revision(), Timestamp::MAX).await?;
        stage.clear(1).await?;
    }
    ctx.same(2, &on_disk(fs::read(&beside))?, &b"canary".to_vec(), "a file beside the folder");
    on_disk(fs::remove_file(&beside))?;
    Ok(())
}

/// Files and folders are closed to everybody but their owner.
async fn files_are_closed_to_others(ctx: &Ctx) -> Outcome {
    for subject in subjects(ctx) {
        subject.create(ctx.store(), ctx.now()).await?;
    }
    let entries = on_disk(entries(&ctx.folder()?))?;
    ctx.check(1, !entries.is_empty(), "there are no files in the folder");
    for path in entries {
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
        let before = on_disk(entries(&folder))?;
        let stored = subject.create(store, now).await?;
        let record = on_disk(entries(&folder))?.into_iter().filter(|path| !before.contains(path));
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

/// Returns all files and folders below a folder.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if fs::symlink_metadata(&path)?.is_dir() {
            found.extend(entries(&path)?);
        }
        found.push(path);
    }
    Ok(found)
}

fn on_disk<T>(result: io::Result<T>) -> Outcome<T> {
    result.map_err(|error| Stop::Failed(format!("a file could not be looked at: {error}")))
}
