//! What is synced, how, and how often.
//!
//! One waiting write syncs its file and its folder. Several that wait at the same time share: one `syncfs` puts all their
//! files on the medium at once, and another one all the renames. That also writes what other programs left unwritten
//! on the same file system, so it has to pay: measured on an idle ext4, four files and four folders took 1.2 ms one by
//! one and 0.7 ms shared, sixty-four took 18 ms and 6 ms.

use std::{collections::BTreeSet, io, rc::Rc, sync::Arc};

use rustix::system::uname;
use session_core::{Error, Result};

use crate::{claim::Claim, fault, layout::Shard, options::Durability, replace::Staged, root::Root};

/// From how many files or folders on they are synced together.
const TOGETHER: usize = 4;

/// Syncs for one writer.
#[derive(Clone, Debug)]
pub(crate) struct Syncer {
    root: Arc<Root>,
    durability: Durability,
    can_together: bool,
    /// Folders whose own names are known to outlive a loss of power.
    anchored: BTreeSet<Shard>,
}

impl Syncer {
    /// Looks at all folders, and makes the names of those that are there outlive a loss of power.
    pub(crate) fn open(root: &Arc<Root>, durability: Durability) -> Result<Self> {
        let anchored = root.shards()?;
        if durability == Durability::Power {
            let failed = |cause| fault::not_applied("sync its folder", cause);
            root.folder().sync_all().map_err(failed)?;
        }
        Ok(Self { root: Arc::clone(root), durability, can_together: syncfs_reports_errors(), anchored })
    }

    /// Puts staged records on the medium, and returns for each whether it is there.
    pub(crate) fn files(&self, staged: &[&Staged]) -> Vec<Result<()>> {
        match self.durability {
            Durability::Process => vec![Ok(()); staged.len()],
            Durability::Power if self.can_together && staged.len() >= TOGETHER => {
                let answer = self.everything("sync staged files", fault::not_applied);
                vec![answer; staged.len()]
            }
            Durability::Power => staged.iter().map(|staged| staged.sync()).collect(),
        }
    }

    /// Makes renames and deletions in these folders outlive a loss of power, and returns for each whether they do.
    ///
    /// They are there already, so an error says that the outcome is unknown.
    pub(crate) fn folders(&mut self, claims: &[Rc<Claim>]) -> Vec<Result<()>> {
        if self.durability == Durability::Process {
            return vec![Ok(()); claims.len()];
        }
        let answers = if self.can_together && claims.len() >= TOGETHER {
            vec![self.everything("sync renamed files", fault::unknown); claims.len()]
        } else {
            claims.iter().map(|claim| self.folder(claim)).collect()
        };
        let synced = claims.iter().zip(&answers).filter(|(_, answer)| answer.is_ok());
        self.anchored.extend(synced.map(|(claim, _)| claim.folder.shard()));
        answers
    }

    fn folder(&self, claim: &Claim) -> Result<()> {
        let failed = |cause: io::Error| fault::unknown("sync one of its folders", cause);
        claim.folder.handle().sync_all().map_err(failed)?;
        // Another process may have created the folder since, and died before it came to this.
        if !self.anchored.contains(&claim.folder.shard()) {
            self.root.folder().sync_all().map_err(failed)?;
        }
        Ok(())
    }

    fn everything(
        &self,
        action: &'static str,
        fail: impl Fn(&'static str, io::Error) -> Error,
    ) -> Result<()> {
        rustix::fs::syncfs(self.root.folder()).map_err(|cause| fail(action, cause.into()))
    }
}

/// Returns whether `syncfs` tells of writes that failed.
fn syncfs_reports_errors() -> bool {
    uname().release().to_str().is_ok_and(reports_errors)
}

/// Judges the release of a kernel: before Linux 5.8 `syncfs` called lost writes kept.
fn reports_errors(release: &str) -> bool {
    let mut numbers = release.split(['.', '-']).map_while(|part| part.parse().ok());
    let version: (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    version >= (5, 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syncs_are_shared_from_linux_5_8_on() {
        for (release, reports) in [
            ("5.8.0-rc1", true),
            ("5.10", true),
            ("6.18.44-fc", true),
            ("5.7.19", false),
            ("4.19.0-25-amd64", false),
            ("?", false),
        ] {
            assert_eq!(reports_errors(release), reports, "{release}");
        }
    }
}
