//! A small file system of our own.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::victim::not_run;

/// A file system in memory, gone with its test.
pub(crate) struct Mount {
    folder: tempfile::TempDir,
}

impl Mount {
    /// Mounts one with the `options` of tmpfs, or says why that is not possible.
    pub(crate) fn new(options: &str) -> Option<Self> {
        let mount = Self { folder: tempfile::tempdir().unwrap() };
        if mount.run("mount", &["-t", "tmpfs", "-o", &format!("mode=700,{options}"), "tmpfs"]) {
            return Some(mount);
        }
        not_run("mounting a tmpfs takes the rights of root");
        None
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Changes how it is mounted.
    pub(crate) fn remount(&self, option: &str) {
        assert!(self.run("mount", &["-o", &format!("remount,{option}")]));
    }

    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let mut command = Command::new(program);
        command.args(arguments).arg(self.path()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // A store may still hold the folder open.
        self.run("umount", &["--lazy"]);
    }
}
