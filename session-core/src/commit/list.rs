//! The changes of one handle since its last commit.

use std::{
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use bytes::Bytes;

use super::{
    Asker, Standing,
    change::{Change, Closure},
    standing,
};
use crate::{
    Config, Error, Owner, Result, SessionId, Timestamp,
    frame::{self, Content, SecretChange, View},
    ticket::{Digest, Proofs},
};

/// The changes of one handle since its last commit, with what the handle can prove.
#[derive(Clone, Debug)]
pub(crate) struct List {
    pub(crate) changes: Vec<Change>,
    /// The ticket that the list puts in force, if it rotates or logs in.
    pub(crate) ticket: Option<SessionId>,
    pub(crate) proofs: Proofs,
    pub(crate) logins: u32,
    pub(crate) address: Option<IpAddr>,
    /// Whether the handle was opened with a secret that nobody had been seen with before.
    pub(crate) first_sight: bool,
}

/// What became of a list when it was applied to a content.
#[derive(Clone, Debug)]
pub(crate) enum Applied {
    /// Its changes are in.
    In { standing: Standing, new_secret: bool },
    /// It may not change this session, and nothing of it asks for a new one.
    Refused { standing: Standing },
    /// It may not change this session, and it holds a login.
    Detached { standing: Standing },
    /// One of its changes failed.
    Failed(Error),
}

impl List {
    /// Applies the whole list to `content`, or nothing of it.
    pub(crate) fn apply(&self, content: &mut Arc<Content>, now: Timestamp, config: &Config) -> Applied {
        let asker = Asker::Handle { logins: self.logins };
        let standing = standing(&content.facts, &self.proofs, asker, now, config);
        match standing {
            Standing::Live => {}
            _ if self.login().is_some() => return Applied::Detached { standing },
            Standing::Late => {}
            Standing::Shut(_) | Standing::Stranger => return Applied::Refused { standing },
        }
        match self.changed(content, standing, now, config) {
            Ok(changed) => {
                let new_secret = changed.facts.secret != content.facts.secret;
                *content = Arc::new(changed);
                Applied::In { standing, new_secret }
            }
            Err(error) => Applied::Failed(error),
        }
    }

    /// Returns the content of a new session that starts from `start` and these changes.
    pub(crate) fn create(&self, start: &Content, now: Timestamp, config: &Config) -> Result<Content> {
        let mut content = self.replay(start)?;
        if let Some(owner) = self.login() {
            content.facts.count_login(self.address, now);
            content.owner = Some(owner.clone());
        }
        refuse_growth(start, &content, config)?;
        Ok(content)
    }

    /// Returns the owner that the last login of this list names.
    pub(crate) fn login(&self) -> Option<&Owner> {
        login_of(&self.changes)
    }

    fn changed(
        &self,
        content: &Content,
        standing: Standing,
        now: Timestamp,
        config: &Config,
    ) -> Result<Content> {
        let mut changed = self.replay(content)?;
        if standing == Standing::Live {
            self.renew(&mut changed, now, config);
        }
        refuse_growth(content, &changed, config)?;
        Ok(changed)
    }

    /// Puts the new secret in force if the list rotates or logs in.
    fn renew(&self, content: &mut Content, now: Timestamp, config: &Config) {
        if self.first_sight {
            content.facts.see(now);
        }
        let Some(ticket) = &self.ticket else { return };
        let secret = Digest::new(ticket, &config.secret_keys);
        match self.login() {
            None => content.facts.change_secret(secret, SecretChange::Rotation, now),
            Some(owner) => {
                content.facts.change_secret(secret, SecretChange::Login, now);
                content.facts.count_login(self.address, now);
                content.owner = Some(owner.clone());
            }
        }
    }

    fn replay(&self, content: &Content) -> Result<Content> {
        let mut facts = content.facts.clone();
        for change in &self.changes {
            match change {
                Change::Label(label) => facts.label.clone_from(label),
                Change::Timeout(timeout) => facts.timeout = *timeout,
                _ => {}
            }
        }
        let values = replay(View::new(content.values.clone()), &self.changes)?.encode();
        Ok(Content { facts, owner: content.owner.clone(), values })
    }
}

/// Returns `view` with the changes of values among `changes`.
pub(crate) fn replay(mut view: View, changes: &[Change]) -> Result<View> {
    for change in changes {
        match change {
            Change::Insert(name, bytes) => view.insert(name.clone(), bytes.clone()),
            Change::Remove(name) => view.remove(name.clone()),
            Change::Take(name, taken) if view.find(name).as_ref() == Some(taken) => view.remove(name.clone()),
            Change::Update(name, closure) => {
                let bytes = run(name, closure, view.find(name).as_deref())?;
                view.insert(name.clone(), bytes);
            }
            Change::Clear => view.clear(),
            Change::Take(..) | Change::Label(_) | Change::Timeout(_) | Change::Rotate | Change::Login(_) => {}
        }
    }
    Ok(view)
}

/// Returns the owner that the last login among `changes` names.
pub(crate) fn login_of(changes: &[Change]) -> Option<&Owner> {
    changes.iter().rev().find_map(|change| match change {
        Change::Login(owner) => Some(owner),
        _ => None,
    })
}

/// Runs a user's closure; its panic is an error of its own list alone.
fn run(name: &Arc<str>, closure: &Closure, present: Option<&[u8]>) -> Result<Bytes> {
    catch_unwind(AssertUnwindSafe(|| closure(present)))
        .unwrap_or_else(|_| Err(Error::Panicked { name: name.to_string() }))
}

/// Refuses what grew beyond the limit; what a lowered limit left too large may still shrink or log in.
pub(crate) fn refuse_growth(before: &Content, after: &Content, config: &Config) -> Result<()> {
    if chosen_bytes(after) <= chosen_bytes(before) {
        return Ok(());
    }
    match frame::size(&after.facts, &after.values) {
        size if size > config.max_bytes => Err(Error::TooLarge { size, max: config.max_bytes }),
        _ => Ok(()),
    }
}

/// Returns how many bytes of `content` the application decides on.
fn chosen_bytes(content: &Content) -> usize {
    content.values.as_bytes().len() + content.facts.label.as_ref().map_or(0, String::len)
}
