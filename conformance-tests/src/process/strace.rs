//! strace on the second process: it shows every step, and kills or stops the process before one of them.

use std::{
    fmt, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use tokio::sync::oneshot;

use crate::{
    outcome::{Outcome, Stop},
    trace::Step,
};

/// Calls that change nothing that lasts. All others are shown: what a store does is not known beforehand.
const LEFT_OUT: &str = "!readv,pread64,preadv,preadv2,recvfrom,recvmsg,futex,epoll_wait,epoll_pwait,epoll_pwait2,\
    epoll_ctl,poll,ppoll,munmap,mprotect,madvise,brk,getdents64,statx,fstat,newfstatat,access,faccessat,faccessat2,\
    readlink,readlinkat,sched_yield,clock_nanosleep,nanosleep,rt_sigprocmask,rt_sigaction,sigaltstack,getrandom";

/// Calls that look at what is on a medium; a system that does not know one of them goes without.
const LOOKS: &str = "?open,?openat,?openat2,?read,?readv,?pread64,?preadv,?preadv2,?getdents64,?stat,?lstat,?fstat,?newfstatat,?statx";

/// What happens before a call of the system, or in its place.
#[derive(Clone, Debug)]
pub(crate) struct Injection {
    step: Step,
    what: String,
}

impl Injection {
    /// Before the step there is a signal, such as `SIGKILL`.
    pub(crate) fn signal(step: &Step, signal: &str) -> Self {
        Self { step: step.clone(), what: format!("signal={signal}") }
    }

    /// The step is not carried out, and fails with an error, such as `EIO`.
    pub(crate) fn error(step: &Step, error: &str) -> Self {
        Self { step: step.clone(), what: format!("error={error}") }
    }
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "inject={}:{}:when={}", self.step.call, self.what, self.step.when)
    }
}

/// strace at work. It ends with the process that it looks at.
pub(crate) struct Strace {
    child: Child,
    output: PathBuf,
}

impl Strace {
    /// Looks at the process from now on, and writes to the file `output`.
    ///
    /// # Errors
    ///
    /// [`Stop::NotRun`] when this machine does not allow it.
    pub(crate) async fn attach(pid: u32, output: &Path, injection: Option<&Injection>) -> Outcome<Self> {
        Self::attach_with(pid, output, injection, LEFT_OUT, &[]).await
    }

    /// The same for the looks at these places, and nothing else: neither is any other counted, nor does it fail.
    ///
    /// # Errors
    ///
    /// [`Stop::NotRun`] when this machine does not allow it.
    pub(crate) async fn attach_to_looks(
        pid: u32,
        output: &Path,
        places: &[PathBuf],
        injection: Option<&Injection>,
    ) -> Outcome<Self> {
        Self::attach_with(pid, output, injection, LOOKS, places).await
    }

    async fn attach_with(
        pid: u32,
        output: &Path,
        injection: Option<&Injection>,
        shown: &str,
        places: &[PathBuf],
    ) -> Outcome<Self> {
        let not_run =
            |why: &dyn fmt::Display| Stop::NotRun(format!("strace cannot look at a process: {why}"));
        let mut command = Command::new("strace");
        command.args(["-f", "-y", "-xx", "-s", "16777216"]);
        command.args(["-e", &format!("trace={shown}")]);
        for place in places {
            command.arg("-P").arg(place);
        }
        injection.map(|injection| command.args(["-e", &injection.to_string()]));
        command.arg("-o").arg(output).arg("-p").arg(pid.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| not_run(&error))?;
        let said = child.stderr.take();
        let (attached, wait) = oneshot::channel();
        thread::spawn(move || listen(said, attached));
        match wait.await {
            Ok(Ok(())) => Ok(Self { child, output: output.to_owned() }),
            Ok(Err(words)) => {
                let _ = child.wait();
                Err(not_run(&words))
            }
            Err(_) => Err(not_run(&"it said nothing")),
        }
    }

    /// Lets the process go on alone, and returns what was seen.
    pub(crate) fn detach(self) -> Outcome<String> {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        let asked = pid.map(|pid| rustix::process::kill_process(pid, rustix::process::Signal::TERM));
        asked.map_or_else(|| Err(Stop::NotRun("strace cannot be ended".to_owned())), |_| self.end())
    }

    /// Waits until the process has ended, and returns what was seen.
    pub(crate) fn end(mut self) -> Outcome<String> {
        let read = self.child.wait().and_then(|_| fs::read_to_string(&self.output));
        read.map_err(|error| Stop::NotRun(format!("what strace saw cannot be read: {error}")))
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        // It has ended already where its process has.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads all that strace says, so that it never waits for a reader, and tells whether it looks at the process.
fn listen(said: Option<impl std::io::Read>, attached: oneshot::Sender<Result<(), String>>) {
    let (mut attached, mut words) = (Some(attached), String::new());
    for line in said.into_iter().flat_map(|said| BufReader::new(said).lines()).map_while(Result::ok) {
        if line.contains(" attached") {
            let _ = attached.take().map(|attached| attached.send(Ok(())));
        }
        words = line;
    }
    let _ = attached.map(|attached| attached.send(Err(words)));
}
