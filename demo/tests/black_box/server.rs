//! The demo as a process.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::OnceLock,
};

use tempfile::TempDir;

use crate::databases::{self, Database};

/// Every kind of store that this machine has, with `PATH` or `DATABASE` for a place of its own.
pub(crate) fn stores() -> impl Iterator<Item = &'static str> {
    ["memory:", "disk:PATH", "shelf:PATH", "sqlite:PATH"].into_iter().chain(databases::servers())
}

/// Those of them that several processes may share.
pub(crate) fn shared_stores() -> impl Iterator<Item = &'static str> {
    stores().filter(|store| !["memory:", "shelf:PATH"].contains(store))
}

/// Those of them whose sessions outlive the process.
pub(crate) fn lasting_stores() -> impl Iterator<Item = &'static str> {
    stores().filter(|store| *store != "memory:")
}

/// A folder for one test: what a store keeps, and what a server logs.
#[derive(Debug)]
pub(crate) struct Place {
    folder: TempDir,
    database: OnceLock<Database>,
}

/// A running demo, which is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// The line it begins with.
    pub(crate) line: String,
    stdout: BufReader<ChildStdout>,
    stderr: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), database: OnceLock::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the URL of the store of this form, here.
    pub(crate) fn url(&self, form: &str) -> String {
        match form.strip_suffix("DATABASE") {
            Some(server) => self.database.get_or_init(|| Database::make(server)).url(),
            None => form.replace("PATH", self.path().join("sessions").to_str().unwrap()),
        }
    }

    /// Returns what the table has, where the sessions are on a server of databases.
    pub(crate) fn rows(&self) -> Vec<u8> {
        self.database.get().map_or_else(Vec::new, Database::rows)
    }

    /// Writes a configuration file, and returns its path.
    pub(crate) fn configuration(&self, text: &str) -> String {
        let path = self.path().join("demo.toml");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().into()
    }

    /// Starts the demo on a store of this form.
    pub(crate) fn serve(&self, form: &str) -> Server {
        self.start(&["--store", &self.url(form)])
    }

    /// Starts the demo on a store of this form, configured by `text`.
    pub(crate) fn serve_configured(&self, form: &str, text: &str) -> Server {
        self.start(&["--store", &self.url(form), "--config", &self.configuration(text)])
    }

    /// Starts the demo on a free port, in this folder.
    pub(crate) fn start(&self, arguments: &[&str]) -> Server {
        self.start_logging(arguments, "info")
    }

    /// Starts the demo with this `RUST_LOG`.
    pub(crate) fn start_logging(&self, arguments: &[&str], log: &str) -> Server {
        self.try_start(arguments, log).unwrap_or_else(|error| panic!("the demo did not start: {error}"))
    }

    /// Starts the demo, which refuses, and returns what it says.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        self.try_start(arguments, "info").map(|server| server.line.clone()).unwrap_err()
    }

    /// As [`refused`](Place::refused), but asked to listen at this address.
    pub(crate) fn refused_at(&self, address: &str, arguments: &[&str]) -> String {
        let arguments = [&["--listen", address], arguments].concat();
        self.try_run(&arguments, "info").map(|server| server.line.clone()).unwrap_err()
    }

    fn try_start(&self, arguments: &[&str], log: &str) -> Result<Server, String> {
        self.try_run(&[&["--listen", "127.0.0.1:0"], arguments].concat(), log)
    }

    fn try_run(&self, arguments: &[&str], log: &str) -> Result<Server, String> {
        let stderr = tempfile::NamedTempFile::new_in(self.path()).unwrap().keep().unwrap().1;
        let mut child = Command::new(env!("CARGO_BIN_EXE_demo"))
            .args(arguments)
            .current_dir(self.path())
            .env("RUST_LOG", log)
            .stdout(Stdio::piped())
            .stderr(File::create(&stderr).unwrap())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        if line.is_empty() {
            assert!(!child.wait().unwrap().success(), "it ended well without a word");
            return Err(std::fs::read_to_string(stderr).unwrap());
        }
        let address = line.split("http://").nth(1).and_then(|rest| rest.split(' ').next());
        let address = address.expect("the line says where").parse().expect("at an address");
        Ok(Server { child, address, line, stdout, stderr })
    }
}

impl Server {
    /// Ends the process at once: SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the process to end, with `TERM` or `INT`.
    pub(crate) fn signal(&self, signal: &str) {
        let command = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
    }

    /// Waits until the process has ended.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Returns what it has logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.stderr).unwrap()
    }

    /// Returns what it printed after its first line; it must have ended.
    pub(crate) fn printed(&mut self) -> String {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        rest
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
