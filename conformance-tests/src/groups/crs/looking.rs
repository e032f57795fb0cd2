//! A medium that cannot be read.

use session_core::{Error, Expect, Key, Owner, Result, Store, Stored, Timestamp};

use crate::{
    checks::SECRET_OWNER,
    ctx::{Ctx, directory_of},
    fixture::{owner, subject},
    folder::contents,
    namespace::Namespace,
    outcome::{Outcome, Stop},
    process::{Injection, Strace},
    trace::{Step, Trace, looks},
};

/// A call that has to look at what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    Load,
    Page,
    Owned,
    Count,
    Create,
    Touch,
    Save,
    Delete,
}

/// Each look of a call fails once: what cannot be read is neither absent nor free, and no list goes without it.
pub(super) async fn what_cannot_be_read_is_not_absent(ctx: &Ctx) -> Outcome {
    let (namespace, now) = (ctx.new_namespace()?, ctx.now());
    let mut subject = subject(ctx).with_data([b'o'; 700]);
    subject.record.owner = owner(SECRET_OWNER);
    let store = ctx.open_namespace(&namespace).await?;
    let there = subject.create(&*store, now).await?;
    drop(store);
    let mut scene = Scene { namespace, key: subject.key, there, now };
    let lists = [Asks::Page, Asks::Owned, Asks::Count].into_iter().filter(|_| ctx.caps().directory);
    let asks =
        [Asks::Load].into_iter().chain(lists).chain([Asks::Create, Asks::Touch, Asks::Save, Asks::Delete]);
    let mut seen = 0;
    for asks in asks {
        let looks = scene.attempt(ctx, asks, None).await?;
        seen += looks.len();
        for (look, _) in looks.iter().zip(ctx.rounds(12, 40)) {
            scene.attempt(ctx, asks, Some(look)).await?;
        }
    }
    ctx.discard(&scene.namespace).await;
    if seen == 0 {
        return Err(Stop::NotRun("no call looks at the folder in a way that strace sees".to_owned()));
    }
    Ok(())
}

/// The session that is there all the time.
struct Scene {
    namespace: Namespace,
    key: Key,
    there: Stored,
    now: Timestamp,
}

impl Scene {
    /// Makes the call in a second process, in which a look may fail. Returns the looks of the call.
    async fn attempt(&mut self, ctx: &Ctx, asks: Asks, fails: Option<&Step>) -> Outcome<Vec<Step>> {
        let (folder, scratch) = (ctx.folder_of(&self.namespace)?, ctx.new_namespace()?);
        let when = fails.map_or("nothing failed".to_owned(), |look| format!("{look} had failed"));
        let mut second = ctx.second_process().await?;
        let store = ctx.open_in(&second, &self.namespace).await?;
        let injection = fails.map(|look| Injection::error(look, "EIO"));
        let output = scratch.folder().join("strace");
        let places: Vec<_> = contents(&folder)?.into_all().chain([folder]).collect();
        let strace = Strace::attach_to_looks(second.pid(), &output, &places, injection.as_ref()).await?;
        let is_deleted = ctx.answered(8, self.ask(ctx, asks, &*store, &when)).await??;
        let trace = Trace::parse(&strace.detach()?);
        let found = ctx.answered(8, store.load(&self.key, self.now)).await?;
        if is_deleted {
            let is_gone = matches!(&found, Ok(None));
            ctx.check(5, is_gone, format_args!("when {when}, a delete was answered Ok and left {found:?}"));
        } else {
            let is_there = matches!(&found, Ok(Some(_))) || (asks == Asks::Delete && found.is_ok());
            ctx.check(
                4,
                is_there,
                format_args!("{asks:?} when {when}: it is not found afterwards: {found:?}"),
            );
        }
        self.there = match found {
            Ok(Some(found)) => found,
            _ => self.create_again(&*store).await?,
        };
        second.kill();
        ctx.discard(&scratch).await;
        Ok(looks(&trace))
    }

    /// Creates the session anew, as it was.
    async fn create_again(&self, store: &dyn Store) -> Outcome<Stored> {
        let Self { key, there, now, .. } = self;
        store.delete(key).await?;
        let revision = store.save(key, &there.record, Expect::Absent, *now).await?;
        Ok(Stored { record: there.record.clone(), revision })
    }

    /// Makes a call and judges its answer. Returns whether that says that the session is deleted.
    async fn ask(&self, ctx: &Ctx, asks: Asks, store: &dyn Store, when: &str) -> Outcome<bool> {
        let Self { key, there, now, .. } = self;
        let list = [(*key, there.clone())];
        match asks {
            Asks::Load => {
                let found = store.load(key, *now).await;
                let is_right = found.is_err() || matches!(&found, Ok(Some(found)) if found == there);
                ctx.check(1, is_right, format_args!("when {when}, a load was answered {found:?}"));
            }
            Asks::Page => {
                is_true(ctx, when, &directory_of(store)?.page(None, 10, *now).await, |it| *it == list);
            }
            Asks::Owned => {
                let owned = directory_of(store)?.owned_by(&Owner::new(SECRET_OWNER)?, *now).await;
                is_true(ctx, when, &owned, |it| *it == list);
            }
            Asks::Count => is_true(ctx, when, &directory_of(store)?.count(*now).await, |it| *it == 1),
            Asks::Create => {
                let created = store.save(key, &there.record, Expect::Absent, *now).await;
                let words = format_args!("when {when}, a creation of what is there was answered {created:?}");
                ctx.check(3, created.is_err(), words);
            }
            Asks::Touch => {
                let end = there.record.expires_at;
                let touched = store.touch(key, there.revision, *now, end, *now).await;
                ctx.check(
                    3,
                    !is_refused(&touched),
                    format_args!("when {when}, a touch was answered {touched:?}"),
                );
            }
            Asks::Save => {
                let expect = Expect::Revision(there.revision);
                let saved = store.save(key, &there.record, expect, *now).await;
                ctx.check(3, !is_refused(&saved), format_args!("when {when}, a save was answered {saved:?}"));
            }
            Asks::Delete => return Ok(store.delete(key).await.is_ok()),
        }
        Ok(false)
    }
}

/// Checks that a list is an error or true.
fn is_true<T>(ctx: &Ctx, when: &str, list: &Result<T>, is_right: impl Fn(&T) -> bool) {
    let is_true = list.as_ref().map_or(true, is_right);
    ctx.check(2, is_true, format_args!("when {when}, a list or a count does without what is there"));
}

/// Returns whether the answer says that something else is there, or nothing.
const fn is_refused<T>(answer: &Result<T>) -> bool {
    matches!(answer, Err(Error::Missing | Error::Conflict | Error::Exists))
}
