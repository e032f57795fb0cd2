//! What a store says.

use session_core::{Expect, Key, Record, Result, Store, Timestamp};

use crate::{
    checks::{tells, words},
    ctx::Ctx,
    fixture::{Gossip, Subject, owner, race, shift, subjects},
    outcome::Outcome,
};

/// Neither data nor owner appear in an error, its causes, what `Debug` shows of the store and of what it keeps, or what is logged.
pub(super) async fn no_secret_is_in_a_text(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for (number, subject) in subjects(ctx).into_iter().enumerate() {
        // Others who run at the same time have other secrets.
        let mark = format!("hunter2-{}-{number}", ctx.namespace());
        let (value, name) = (format!("{mark}-value"), format!("{mark}-owner"));
        let record = Record { owner: owner(&name), ..subject.with_data(&value).record };
        let (mine, gossip) = (&Subject { key: subject.key, record }, &Gossip::about([&value, &name]));
        let said = race(1, |_| async move {
            let _ear = gossip.listen();
            texts(store, mine, now).await
        });
        let texts: Vec<String> = said.await?.into_iter().collect::<Result<Vec<_>>>()?.concat();
        for text in &texts {
            ctx.check(1, !tells(text, &value), "data appear in a text");
            ctx.check(2, !tells(text, &name), "an owner appears in a text");
        }
        for text in &gossip.heard() {
            ctx.check(3, !tells(text, &value), "data are logged");
            ctx.check(4, !tells(text, &name), "an owner is logged");
        }
    }
    Ok(())
}

/// Returns the texts of calls that are answered, and of such that are refused.
async fn texts(store: &dyn Store, mine: &Subject, now: Timestamp) -> Result<Vec<String>> {
    let first = mine.create(store, now).await?.revision;
    let wrong = Expect::Revision(first.next()?);
    let mut texts = vec![format!("{store:?}"), format!("{:?}", store.load(&mine.key, now).await)];
    for expect in [Expect::Absent, wrong] {
        texts.extend(words(&store.save(&mine.key, &mine.record, expect, now).await));
    }
    texts.extend(words(&store.touch(&mine.key, first.next()?, now, Timestamp::MAX, now).await));
    texts.extend(words(&store.save(&Key::from_bytes([1; 16]), &mine.record, wrong, now).await));
    let saved = store.save(&mine.key, &mine.record, Expect::Revision(first), now).await?;
    store.touch(&mine.key, saved, now, mine.record.expires_at, now).await?;
    if let (Some(directory), Some(owner)) = (store.directory(), &mine.record.owner) {
        directory.page(None, 10, now).await?;
        directory.owned_by(owner, now).await?;
    }
    texts.extend(ends(store, mine, now).await?);
    Ok(texts)
}

/// Returns the texts of calls that meet a session which is dead, and of what ends it.
async fn ends(store: &dyn Store, mine: &Subject, now: Timestamp) -> Result<Vec<String>> {
    let (end, mut texts) = (shift(now, 10), Vec::new());
    if let Some(found) = store.load(&mine.key, now).await? {
        let dying = store.touch(&mine.key, found.revision, now, end, now).await?;
        texts.push(format!("{:?}", store.load(&mine.key, end).await));
        texts.extend(words(&store.save(&mine.key, &mine.record, Expect::Revision(dying), end).await));
        texts.extend(words(&store.touch(&mine.key, dying, end, Timestamp::MAX, end).await));
    }
    if let Some(directory) = store.directory() {
        directory.count(end).await?;
    }
    store.delete_expired(end, usize::MAX).await?;
    mine.create(store, now).await?;
    store.delete(&mine.key).await?;
    Ok(texts)
}
