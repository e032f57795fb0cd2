//! How this program is started once more, and how it sees that it was.

use std::{
    env,
    ffi::OsString,
    io,
    net::{Ipv4Addr, TcpStream},
    path::Path,
    process::{Command, Stdio},
    thread,
};

/// Tells the second process where to connect to, and which store is meant: `PORT TOKEN NAME`.
const VARIABLE: &str = "CONFORMANCE_SECOND_PROCESS";

/// The arguments with which this program comes to the same place once more.
#[derive(Clone, Debug)]
pub(crate) struct Rerun(Vec<OsString>);

impl Rerun {
    pub(crate) fn with(arguments: impl IntoIterator<Item = OsString>) -> Self {
        Self(arguments.into_iter().collect())
    }

    /// The test called `name` of libtest.
    pub(crate) fn test(name: &str) -> Self {
        Self::with(
            ["--exact", name, "--include-ignored", "--nocapture", "--test-threads=1"].map(OsString::from),
        )
    }

    /// The place where this is called: a test, whose name is that of its thread, or the program as it was started.
    pub(crate) fn here() -> Self {
        let thread = thread::current();
        match thread.name() {
            Some(name) if name != "main" && !name.starts_with("tokio-") => Self::test(name),
            _ => Self::with(env::args_os().skip(1)),
        }
    }

    /// Returns the command that starts this program once more, for the store called `name`.
    pub(crate) fn command(&self, port: u16, token: u64, name: &str, start: Start) -> io::Result<Command> {
        let mut command = start.command(&env::current_exe()?);
        command.args(&self.0).env(VARIABLE, format!("{port} {token} {name}"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command)
    }
}

/// How this program is started once more.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start {
    Plain,
    /// A file that may not grow is an error to it, and not its end. It takes a shell to ignore that signal for it.
    OutlivingLimits,
}

impl Start {
    fn command(self, program: &Path) -> Command {
        match self {
            Self::Plain => Command::new(program),
            Self::OutlivingLimits => {
                let mut command = Command::new("/bin/sh");
                command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(program);
                command
            }
        }
    }
}

/// What a second process was told.
#[derive(Clone, Debug)]
pub(crate) struct Invitation {
    port: u16,
    pub(crate) token: u64,
    /// The name of the store that is meant.
    pub(crate) name: String,
}

impl Invitation {
    /// Returns what this process was told, if it is a second one.
    pub(crate) fn received() -> Option<Self> {
        let text = env::var(VARIABLE).ok()?;
        let mut parts = text.splitn(3, ' ');
        let (port, token) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { port, token, name: parts.next()?.to_owned() })
    }

    pub(crate) fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}
