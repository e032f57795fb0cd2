//! What lists must show.

use std::fmt::Display;

use session_core::{Directory, Key, Owner, Store, Stored, Timestamp};

use crate::{
    checks::SECRET_OWNER,
    ctx::{Ctx, directory_of},
    outcome::Outcome,
};

impl Ctx {
    /// Checks that pages, owners and counts show what loads find under `keys`, and nothing else; a store that claims no
    /// lists has none to look at.
    pub(crate) async fn lists_agree<'a>(
        &self,
        number: u32,
        store: &dyn Store,
        keys: impl Iterator<Item = &'a Key>,
        now: Timestamp,
        what: impl Display,
    ) -> Outcome {
        if !self.caps().directory {
            return Ok(());
        }
        let mut there = Vec::new();
        for key in keys {
            there.extend(store.load(key, now).await.ok().flatten().map(|found| (*key, found)));
        }
        self.lists_show(number, directory_of(store)?, there, now, what).await
    }

    /// Checks that pages, owners and counts show these sessions, and nothing else.
    pub(crate) async fn lists_show(
        &self,
        number: u32,
        directory: &dyn Directory,
        mut there: Vec<(Key, Stored)>,
        now: Timestamp,
        what: impl Display,
    ) -> Outcome {
        there.sort_by_key(|(key, _)| *key);
        let page = directory.page(None, there.len() + 1, now).await;
        self.check(
            number,
            page.as_ref().is_ok_and(|page| *page == there),
            format_args!("{what}: a page differs from what is there"),
        );
        let count = directory.count(now).await;
        let is_right = count.as_ref().is_ok_and(|count| *count == there.len() as u64);
        self.check(
            number,
            is_right,
            format_args!("{what}: {} sessions are counted as {count:?}", there.len()),
        );
        for name in ["ada", "grace", SECRET_OWNER] {
            let owner = Owner::new(name)?;
            let mut owned = there.clone();
            owned.retain(|(_, stored)| stored.record.owner.as_ref() == Some(&owner));
            let listed = directory.owned_by(&owner, now).await;
            let is_right = listed.as_ref().is_ok_and(|listed| *listed == owned);
            let words = listed.map(|listed| listed.len());
            let message =
                format_args!("{what}: an owner of {} sessions is said to have {words:?}", owned.len());
            self.check(number, is_right, message);
        }
        Ok(())
    }
}
