//! What was asked for on the command line.

use std::{env, fmt, path::PathBuf, time::Duration};

use rustix::fs::statfs;

/// What `statfs` says of a file system in memory.
const TMPFS: i64 = 0x0102_1994;

pub(crate) struct Options {
    pub(crate) folder: PathBuf,
    pub(crate) rounds: usize,
    pub(crate) time: Duration,
    /// Run by `cargo test`, which only wants to see that it works.
    pub(crate) is_smoke: bool,
}

impl Options {
    pub(crate) fn from_arguments() -> Result<Self, String> {
        let mut options = Self {
            folder: env!("CARGO_TARGET_TMPDIR").into(),
            rounds: 1,
            time: Duration::from_millis(1),
            is_smoke: true,
        };
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                // Cargo says this when it measures.
                "--bench" => options.measure(7, 1_500),
                "--quick" => options.measure(5, 250),
                "--folder" => options.folder = arguments.next().ok_or("`--folder` needs a path")?.into(),
                other => {
                    return Err(format!("unknown argument `{other}`: there are --quick and --folder PATH"));
                }
            }
        }
        options.checked()
    }

    fn measure(&mut self, rounds: usize, millis: u64) {
        let is_quicker = self.is_smoke || rounds < self.rounds;
        if is_quicker {
            (self.rounds, self.time, self.is_smoke) = (rounds, Duration::from_millis(millis), false);
        }
    }

    fn checked(self) -> Result<Self, String> {
        let stat = statfs(&self.folder).map_err(|error| format!("{}: {error}", self.folder.display()))?;
        if stat.f_type == TMPFS && !self.is_smoke {
            return Err(format!(
                "{} is in memory, where syncs cost nothing: give --folder PATH",
                self.folder.display()
            ));
        }
        Ok(self)
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { folder, rounds, time, .. } = self;
        write!(f, "{rounds} rounds of {time:?} each, in {}", folder.display())
    }
}
