//! The calls that are cut.

use session_core::{Error, Expect, Key, Record, Result, Revision, Store, Stored};

use crate::groups::net::scene::Scene;

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Load,
    Create,
    Save,
    Touch,
    Delete,
    Sweep,
    Page,
    Owned,
    Count,
}

impl Call {
    /// Every store has these.
    pub(super) const VERBS: [Self; 6] =
        [Self::Load, Self::Create, Self::Save, Self::Touch, Self::Delete, Self::Sweep];

    /// Those with a directory have these too.
    pub(super) const LISTS: [Self; 3] = [Self::Page, Self::Owned, Self::Count];

    /// Returns whether it concerns more sessions than one.
    pub(super) fn is_about_many(self) -> bool {
        self == Self::Sweep || Self::LISTS.contains(&self)
    }

    /// Makes the call on the sessions of the scene.
    pub(super) async fn make(self, store: &dyn Store, scene: &Scene<'_>) -> Result<Answered> {
        let Scene { key, before, now, later, .. } = scene;
        let revision = before.as_ref().map(|stored| stored.revision);
        match self {
            Self::Load => store.load(key, *now).await.map(Answered::Found),
            Self::Create => save(store, key, &scene.written, Expect::Absent, scene).await,
            Self::Save => {
                let expect = Expect::Revision(revision.ok_or(Error::Missing)?);
                save(store, key, &scene.written, expect, scene).await
            }
            Self::Touch => {
                let Record { accessed_at, expires_at, .. } = scene.written;
                let revision = revision.ok_or(Error::Missing)?;
                store.touch(key, revision, accessed_at, expires_at, *now).await.map(Answered::Wrote)
            }
            Self::Delete => store.delete(key).await.map(|()| Answered::Deleted),
            Self::Sweep => store.delete_expired(*later, usize::MAX).await.map(Answered::Swept),
            Self::Page | Self::Owned | Self::Count => self.list(store, scene).await,
        }
    }

    async fn list(self, store: &dyn Store, scene: &Scene<'_>) -> Result<Answered> {
        let directory = store.directory().ok_or(Error::Unsupported("a directory that it claims"))?;
        match (self, &scene.written.owner) {
            (Self::Count, _) => directory.count(scene.now).await.map(Answered::Counted),
            (Self::Owned, Some(owner)) => directory.owned_by(owner, scene.now).await.map(Answered::Listed),
            _ => directory.page(None, 100, scene.now).await.map(Answered::Listed),
        }
    }

    /// Makes a call of this kind that changes nothing of the scene but a revision, so that the connection knows it.
    pub(super) async fn rehearse(self, store: &dyn Store, scene: &Scene<'_>) -> Result<()> {
        let (key, spare) = (&scene.key, &scene.spare);
        match (self, &scene.before) {
            (Self::Create, _) => {
                // It may be there, of a rehearsal that was cut.
                store.delete(spare).await?;
                store.save(spare, &scene.written, Expect::Absent, scene.now).await.map(drop)
            }
            (Self::Save, Some(Stored { record, revision })) => {
                store.save(key, record, Expect::Revision(*revision), scene.now).await.map(drop)
            }
            (Self::Touch, Some(Stored { record, revision })) => {
                let times = (record.accessed_at, record.expires_at);
                store.touch(key, *revision, times.0, times.1, scene.now).await.map(drop)
            }
            (Self::Delete, _) => store.delete(spare).await,
            (Self::Sweep, _) => store.delete_expired(scene.now, usize::MAX).await.map(drop),
            _ => self.make(store, scene).await.map(drop),
        }
    }
}

async fn save(
    store: &dyn Store,
    key: &Key,
    record: &Record,
    expect: Expect,
    scene: &Scene<'_>,
) -> Result<Answered> {
    store.save(key, record, expect, scene.now).await.map(Answered::Wrote)
}

/// What a call answered.
#[derive(Debug)]
pub(super) enum Answered {
    Found(Option<Stored>),
    Listed(Vec<(Key, Stored)>),
    Counted(u64),
    Wrote(Revision),
    Deleted,
    Swept(usize),
}
