//! The second process, as the first one holds it.

use std::{
    io::{self, Read},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, ExitStatus},
    sync::Arc,
    time::Duration,
};

use session_core::{Result, Revision};
use tokio::time::{sleep, timeout};

use crate::{
    namespace::Namespace,
    outcome::{Outcome, Stop},
    process::{Remote, Rerun, Start, remote::Link},
};

/// How long a process may take to start, on a machine that does a lot else.
const PATIENCE: Duration = Duration::from_secs(30);

/// A second process. It is killed when this is dropped.
pub(crate) struct Second {
    child: Child,
    pid: u32,
    link: Arc<Link>,
}

impl Second {
    /// Starts this program once more, for the store called `name`, and waits until it has come to the suite.
    ///
    /// # Errors
    ///
    /// [`Stop::NotRun`] when it does not come there.
    pub(crate) async fn start(rerun: &Rerun, name: &str, start: Start) -> Outcome<Self> {
        let not_run = |error: io::Error| Stop::NotRun(format!("no second process could be started: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(not_run)?;
        let token = Revision::first()?.as_i64().unsigned_abs();
        let port = listener.local_addr().map_err(not_run)?.port();
        let mut command = rerun.command(port, token, name, start).map_err(not_run)?;
        let mut child = command.spawn().map_err(not_run)?;
        let connected = timeout(PATIENCE, connection(&listener, token, &mut child)).await;
        let connected = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        match connected.and_then(|(stream, pid)| Ok((Link::new(stream)?, pid))) {
            Ok((link, pid)) => Ok(Self { child, pid, link }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(not_run(error))
            }
        }
    }

    /// Opens a namespace in the second process.
    pub(crate) fn open(&self, namespace: &Namespace) -> impl Future<Output = Result<Arc<Remote>>> + use<> {
        let (link, namespace) = (Arc::clone(&self.link), namespace.clone());
        async move { Ok(Arc::new(Remote::open(&link, namespace.as_str(), None).await?)) }
    }

    pub(crate) const fn pid(&self) -> u32 {
        self.pid
    }

    /// Kills it with SIGKILL, and waits for its end.
    pub(crate) fn kill(&mut self) -> Option<ExitStatus> {
        let _ = self.child.kill();
        self.child.wait().ok()
    }

    /// Lets it end as a program ends, and waits for that.
    pub(crate) fn end(&mut self) -> Option<ExitStatus> {
        self.link.end();
        self.child.wait().ok()
    }

    /// Lets its files have no more than so many bytes, or as many as they want: what is written beyond that fails.
    ///
    /// # Errors
    ///
    /// [`Stop::NotRun`] when this machine does not allow it.
    pub(crate) fn limit_files(&self, bytes: Option<u64>) -> Outcome {
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

            let not_run = |error| Stop::NotRun(format!("the files of a process cannot be limited: {error}"));
            let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
            let maximum = getrlimit(Resource::Fsize).maximum;
            let limit = Rlimit { current: bytes.or(maximum), maximum };
            prlimit(pid, Resource::Fsize, limit).map(drop).map_err(not_run)
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = bytes;
            Err(Stop::NotRun("this system does not limit the files of another process".to_owned()))
        }
    }

    /// Lets it go on after it was stopped.
    #[cfg(unix)]
    pub(crate) fn go_on(&self) {
        let pid = i32::try_from(self.pid).ok().and_then(rustix::process::Pid::from_raw);
        // Where it has ended meanwhile there is nobody to go on.
        let _ = pid.map(|pid| rustix::process::kill_process(pid, rustix::process::Signal::CONT));
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits for the connection that begins with the token.
async fn connection(listener: &TcpListener, token: u64, child: &mut Child) -> io::Result<(TcpStream, u32)> {
    listener.set_nonblocking(true)?;
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                if let Some(pid) = hello(&stream, token) {
                    return Ok((stream, pid));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        if let Some(status) = child.try_wait()? {
            let hint = "if it does not come to the same call of `check` with the same arguments, say which with `Options::rerun`";
            return Err(io::Error::other(format!("it ended ({status}) before it came to the suite; {hint}")));
        }
        sleep(Duration::from_millis(1)).await;
    }
}

/// Returns the number of the process that connected, if it is the one that was told the token.
fn hello(mut stream: &TcpStream, token: u64) -> Option<u32> {
    stream.set_nonblocking(false).ok()?;
    stream.set_nodelay(true).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let (mut said, mut pid) = ([0; 8], [0; 8]);
    stream.read_exact(&mut said).ok()?;
    stream.read_exact(&mut pid).ok()?;
    stream.set_read_timeout(None).ok()?;
    (u64::from_le_bytes(said) == token).then_some(u64::from_le_bytes(pid)).and_then(|pid| pid.try_into().ok())
}
