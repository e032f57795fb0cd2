//! Small file systems of our own.

use std::{
    fs::{self, File},
    io::Write,
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
        let folder = tempfile::tempdir().unwrap();
        if run("mount", &["-t", "tmpfs", "-o", &format!("mode=700,{options}"), "tmpfs"], folder.path()) {
            return Some(Self { folder });
        }
        not_run("mounting a tmpfs takes the rights of root");
        None
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Changes how it is mounted.
    pub(crate) fn remount(&self, option: &str) {
        assert!(run("mount", &["-o", &format!("remount,{option}")], self.path()));
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // A store may still have its file open.
        run("umount", &["--lazy"], self.path());
    }
}

/// A disk that can be made to fail: whatever was never written to it before finds no place then. What is written
/// seems to succeed, until it is synced.
pub(crate) struct Disk {
    folder: tempfile::TempDir,
    /// Where its bytes are. It goes after the folder.
    bytes: Mount,
}

impl Disk {
    pub(crate) fn new() -> Option<Self> {
        let bytes = Mount::new("size=24m")?;
        let disk = Self { folder: tempfile::tempdir().unwrap(), bytes };
        File::create(disk.image()).unwrap().set_len(64 << 20).unwrap();
        let quick = ["-q", "-F", "-O", "^has_journal", "-E", "nodiscard,lazy_itable_init=1"];
        if run("mkfs.ext4", &quick, &disk.image()) && disk.mount() {
            return Some(disk);
        }
        not_run("mounting a file takes the rights of root, a loop device and mkfs.ext4");
        None
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// From here on nothing new is written, until [`heal`](Disk::heal).
    pub(crate) fn fail(&self) {
        let mut ballast = File::create(self.bytes.path().join("ballast")).unwrap();
        while ballast.write_all(&[1; 4_096]).is_ok() {}
    }

    pub(crate) fn heal(&self) {
        fs::remove_file(self.bytes.path().join("ballast")).unwrap();
    }

    /// Has the operating system forget what it knows of it, so that only what is on the disk is seen; no file may be open.
    pub(crate) fn replug(&self) {
        assert!(run("umount", &[], self.path()) && self.mount());
    }

    fn image(&self) -> std::path::PathBuf {
        self.bytes.path().join("image")
    }

    fn mount(&self) -> bool {
        let image = self.image();
        run("mount", &["-o", "loop,errors=continue", image.to_str().unwrap()], self.path())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        run("umount", &["--lazy"], self.path());
    }
}

fn run(program: &str, arguments: &[&str], target: &Path) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).arg(target).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
