//! The sessions of a user: listed, and ended.

use std::net::IpAddr;

use super::Sessions;
use crate::{Directory, Error, Key, Owner, Result, Session, Timestamp, event::Event, frame::Loaded};

/// How many sessions are looked at in one step when all are revoked.
const PAGE: usize = 500;

/// A session in a list of a user's sessions. It shows no ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// What to name the session by when it is revoked.
    pub key: Key,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last used, to the `touch_interval`.
    pub accessed_at: Timestamp,
    /// When it dies unless it is used.
    pub expires_at: Timestamp,
    /// From where it was created or last logged in.
    pub address: Option<IpAddr>,
    /// What [`Session::set_label`] called it.
    pub label: Option<String>,
}

impl Sessions {
    /// Returns the live sessions of `owner`, the last used one first.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] on a store that lists nothing, [`Error::Invalid`] for what is no owner,
    /// [`Error::Backend`] when the store failed.
    pub async fn owned_by(&self, owner: &str) -> Result<Vec<Listed>> {
        let sessions = self.directory()?.owned_by(&Owner::new(owner)?, self.context.now()).await?;
        let mut listed = Vec::with_capacity(sessions.len());
        for (key, stored) in sessions {
            let expires_at = stored.record.expires_at;
            // A damaged session opens for nobody; it must not hide the others.
            let Ok(Loaded { content, accessed_at, .. }) = Loaded::decode(&key, stored) else { continue };
            let facts = &content.facts;
            let (created_at, address, label) = (facts.created_at, facts.address, facts.label.clone());
            listed.push(Listed { key, created_at, accessed_at, expires_at, address, label });
        }
        listed.sort_by_key(|listed| (std::cmp::Reverse(listed.accessed_at), listed.key));
        Ok(listed)
    }

    /// Ends the session called `key` if it is one of `owner`'s, and returns whether it was.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for what is no owner, [`Error::Corrupt`] when the store cannot tell whose a damaged session is,
    /// [`Error::Backend`] when the store failed.
    pub async fn revoke(&self, owner: &str, key: &Key) -> Result<bool> {
        let owner = Owner::new(owner)?;
        let stored = self.context.load_stored(key, self.context.now()).await?;
        // A session never changes from one owner to another, so it is still the owner's when it is deleted.
        if stored.is_none_or(|stored| stored.record.owner != Some(owner)) {
            return Ok(false);
        }
        self.end(key).await?;
        Ok(true)
    }

    /// Ends all sessions of this session's owner but this one, and returns how many; without an owner none.
    ///
    /// # Errors
    ///
    /// As [`owned_by`](Sessions::owned_by).
    pub async fn revoke_others(&self, session: &Session) -> Result<usize> {
        match session.owner() {
            Some(owner) => self.revoke_but(&owner, session.key()).await,
            None => Ok(0),
        }
    }

    /// Ends the sessions of this session's owner that were used longest ago, until `most` are left, and returns how many
    /// ended; without an owner, or before it is stored, none. This session is one of those that stay.
    ///
    /// After each login, that is a limit of the sessions that one user may have. Whoever would rather refuse the login counts
    /// [`owned_by`](Sessions::owned_by) before it.
    ///
    /// ```
    /// # use session_core::{Config, Result, Session, Sessions};
    /// async fn log_in(sessions: &Sessions, session: &Session, user: &str) -> Result<()> {
    ///     session.login(user)?;
    ///     session.commit().await?;
    ///     sessions.revoke_excess(session, 5).await?;
    ///     Ok(())
    /// }
    /// # pollster::block_on(async {
    /// # let sessions = Sessions::new(store_memory::MemoryStore::new(), Config::default())?;
    /// # for _ in 0..7 {
    /// #     log_in(&sessions, &sessions.open(&[""], None).await?, "ada").await?;
    /// # }
    /// # assert_eq!(sessions.owned_by("ada").await?.len(), 5);
    /// # Ok::<(), session_core::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As [`owned_by`](Sessions::owned_by).
    pub async fn revoke_excess(&self, session: &Session, most: usize) -> Result<usize> {
        let (Some(owner), Some(own)) = (session.owner(), session.key()) else { return Ok(0) };
        let listed = self.owned_by(owner.as_str()).await?;
        let others = listed.iter().filter(|listed| listed.key != own);
        let mut revoked = 0;
        for Listed { key, .. } in others.skip(most.saturating_sub(1)) {
            self.end(key).await?;
            revoked += 1;
        }
        Ok(revoked)
    }

    /// Ends all sessions of `owner`, and returns how many.
    ///
    /// # Errors
    ///
    /// As [`owned_by`](Sessions::owned_by).
    pub async fn revoke_all(&self, owner: &str) -> Result<usize> {
        self.revoke_but(&Owner::new(owner)?, None).await
    }

    /// Ends every session there is, and returns how many.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] on a store that lists nothing, [`Error::Backend`] when the store failed.
    pub async fn revoke_everything(&self) -> Result<usize> {
        let (directory, mut revoked, mut after) = (self.directory()?, 0, None);
        loop {
            let page = directory.page(after.as_ref(), PAGE, self.context.now()).await?;
            let Some((last, _)) = page.last() else { return Ok(revoked) };
            after = Some(*last);
            for (key, _) in &page {
                self.end(key).await?;
                revoked += 1;
            }
        }
    }

    /// Deletes until none is left, because a login may come in between.
    async fn revoke_but(&self, owner: &Owner, kept: Option<Key>) -> Result<usize> {
        let (directory, mut revoked) = (self.directory()?, 0);
        loop {
            let mut sessions = directory.owned_by(owner, self.context.now()).await?;
            sessions.retain(|(key, _)| Some(*key) != kept);
            if sessions.is_empty() {
                return Ok(revoked);
            }
            for (key, _) in &sessions {
                self.end(key).await?;
            }
            revoked += sessions.len();
        }
    }

    async fn end(&self, key: &Key) -> Result<()> {
        self.context.delete(key).await?;
        Event::Revoked { key }.say();
        Ok(())
    }

    fn directory(&self) -> Result<&dyn Directory> {
        self.context.store.directory().ok_or(Error::Unsupported("listing sessions"))
    }
}
