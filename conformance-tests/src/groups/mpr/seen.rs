//! What one process does, as the other one sees it.

use session_core::{Expect, Key, Owner, Record, Store, Stored};

use crate::{
    checks::Answer,
    ctx::{Ctx, directory_of},
    fixture::{crowd, owner, shift, subject, subjects, touched},
    outcome::Outcome,
};

/// Each write is seen by the other process at once, whichever of them made it, and its revision is good there.
pub(super) async fn what_one_process_writes_the_other_sees(ctx: &Ctx) -> Outcome {
    let second = ctx.second_process().await?;
    let there = second.open(ctx.namespace()).await?;
    let (now, here, there) = (ctx.now(), ctx.store(), &*there as &dyn Store);
    for (number, subject) in subjects(ctx).into_iter().enumerate() {
        let (writer, reader) = if number % 2 == 0 { (here, there) } else { (there, here) };
        let key = &subject.key;
        ctx.finds(1, reader, key, now, None, "before it was created").await;
        let created = subject.create(writer, now).await?;
        ctx.finds(1, reader, key, now, Some(&created), "created by the other process").await;
        let new = subject.with_data("saved by the other process");
        let saved = new.at(writer.save(key, &new.record, Expect::Revision(created.revision), now).await?);
        // It may remember what it loaded, and must not go by that.
        let stale = reader.save(key, &subject.record, Expect::Revision(created.revision), now).await;
        ctx.answers(3, &stale, Answer::Conflict, "a save at a revision that the other process replaced");
        ctx.finds(2, reader, key, now, Some(&saved), "saved by the other process").await;
        let (access, end) = (shift(now, 1), shift(subject.record.expires_at, 1));
        let touched = reader.touch(key, saved.revision, access, end, now).await;
        ctx.answers(4, &touched, Answer::Ok, "a touch at a revision that the other process wrote");
        let record = Record { accessed_at: access, expires_at: end, ..saved.record.clone() };
        let touched = Stored { record, revision: touched.unwrap_or(saved.revision) };
        ctx.finds(5, writer, key, now, Some(&touched), "touched by the other process").await;
        writer.delete(key).await?;
        ctx.finds(6, reader, key, now, None, "deleted by the other process").await;
    }
    Ok(())
}

/// What one process deleted no write of the other brings back, and its revisions never fit again.
pub(super) async fn what_one_process_deletes_stays_deleted(ctx: &Ctx) -> Outcome {
    let second = ctx.second_process().await?;
    let there = second.open(ctx.namespace()).await?;
    let (now, here, there) = (ctx.now(), ctx.store(), &*there as &dyn Store);
    for (number, subject) in crowd(ctx, 20).into_iter().enumerate() {
        let (deleter, late) = if number % 2 == 0 { (here, there) } else { (there, here) };
        let (key, old) = (&subject.key, subject.create(late, now).await?);
        late.load(key, now).await?;
        deleter.delete(key).await?;
        let saved = late.save(key, &subject.record, Expect::Revision(old.revision), now).await;
        ctx.answers(1, &saved, Answer::Missing, "a save of what the other process deleted");
        let touched = late.touch(key, old.revision, now, subject.record.expires_at, now).await;
        ctx.answers(2, &touched, Answer::Missing, "a touch of what the other process deleted");
        ctx.finds(3, deleter, key, now, None, "after a late write of the other process").await;
        let again = subject.create(deleter, now).await?;
        let saved = late.save(key, &subject.record, Expect::Revision(old.revision), now).await;
        ctx.answers(
            4,
            &saved,
            Answer::Conflict,
            "a save at a revision from before the other process deleted",
        );
        ctx.finds(5, late, key, now, Some(&again), "created again by the other process").await;
    }
    Ok(())
}

/// Pages, owners and counts show what the other process wrote and deleted.
pub(super) async fn the_directory_shows_what_another_process_wrote(ctx: &Ctx) -> Outcome {
    let second = ctx.second_process().await?;
    let there = second.open(ctx.namespace()).await?;
    let (now, ada) = (ctx.now(), Owner::new("ada")?);
    let here = directory_of(ctx.store())?;
    let beside = directory_of(&*there)?;
    ctx.same(1, &here.count(now).await?, &0, "the count of an empty store");
    let (mut sessions, mut owned) = (Vec::new(), Vec::new());
    for subject in crowd(ctx, 30) {
        let stored = subject.create(&*there, now).await?;
        if stored.record.owner == owner("ada") {
            owned.push((subject.key, stored.clone()));
        }
        sessions.push((subject.key, stored));
    }
    sessions.sort_by_key(|(key, _)| *key);
    owned.sort_by_key(|(key, _)| *key);
    ctx.same(1, &here.count(now).await?, &30, "the count of what the other process created");
    ctx.check(
        2,
        here.page(None, 100, now).await? == sessions,
        "the page is another one than the other process wrote",
    );
    ctx.check(3, here.owned_by(&ada, now).await? == owned, "the owner's sessions are others");
    changes_are_listed(ctx, &*there, sessions.clone()).await?;
    for (key, _) in &sessions {
        ctx.store().delete(key).await?;
    }
    ctx.same(4, &beside.count(now).await?, &0, "the count of what the other process deleted");
    let mine = subject(ctx).create(ctx.store(), now).await?;
    ctx.check(
        4,
        beside.page(None, 100, now).await? == [(subject(ctx).key, mine)],
        "the page shows the deleted",
    );
    Ok(())
}

/// Checks that the lists of here, which have shown these sessions already, show what becomes of three of them there.
async fn changes_are_listed(ctx: &Ctx, there: &dyn Store, mut sessions: Vec<(Key, Stored)>) -> Outcome {
    let (now, here, old) = (ctx.now(), directory_of(ctx.store())?, subject(ctx).record.expires_at);
    let soon = shift(now, 1_000);
    if let [(given, saved), (kept, long), (swept, short), ..] = &mut *sessions {
        let to = owner(if saved.record.owner.is_some() { "grace" } else { "ada" });
        let record = Record { owner: to, data: "given away".into(), ..saved.record.clone() };
        let revision = there.save(given, &record, Expect::Revision(saved.revision), now).await?;
        *saved = Stored { record, revision };
        for (key, stored, end) in [(kept, long, shift(old, 1_000)), (swept, short, soon)] {
            let revision = there.touch(key, stored.revision, now, end, now).await?;
            *stored = touched(stored, now, end)?;
            ctx.same(6, &revision, &stored.revision, "the revision of a touch of the other process");
        }
    }
    ctx.lists_show(5, here, sessions.clone(), now, "saved and touched by the other process").await?;
    for (at, what) in
        [(soon, "when one is dead that was touched"), (old, "when those are dead that were not")]
    {
        let living = sessions.iter().filter(|(_, stored)| stored.record.is_live(at)).cloned().collect();
        ctx.lists_show(6, here, living, at, what).await?;
    }
    ctx.same(7, &there.delete_expired(soon, usize::MAX).await?, &1, "how many the other process swept");
    sessions.retain(|(_, stored)| stored.record.is_live(soon));
    ctx.lists_show(7, here, sessions, now, "swept by the other process").await
}
