//! Where and how long things are measured.

use std::{net::ToSocketAddrs, path::PathBuf, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use tempfile::TempDir;

use crate::{
    Result,
    arguments::Arguments,
    jobs::Job,
    process::Process,
    results::Row,
    stores::{Place, Side},
};

/// How many rounds count, after one that warms up.
pub(crate) const ROUNDS: usize = 5;

pub(crate) struct Bench {
    programs: PathBuf,
    folder: PathBuf,
    postgres: String,
    mysql: String,
    /// The servers that did not answer.
    absent: Vec<Place>,
    /// How much longer than usual the rounds of a quick run are, of which there are few.
    stretch: u32,
    bar: ProgressBar,
}

/// A process, and the folder that its store is in.
pub(crate) struct Measured {
    pub(crate) process: Process,
    _folder: TempDir,
}

impl Bench {
    pub(crate) fn new(arguments: &Arguments) -> Result<Self> {
        std::fs::create_dir_all(&arguments.folder)?;
        let servers = [(Place::Postgres, &arguments.postgres, 5432), (Place::MySql, &arguments.mysql, 3306)];
        let absent = servers.into_iter().filter(|(_, url, usual_port)| !answers(url, *usual_port));
        Ok(Self {
            programs: arguments.programs.clone(),
            folder: arguments.folder.clone(),
            postgres: arguments.postgres.clone(),
            mysql: arguments.mysql.clone(),
            absent: absent.map(|(place, ..)| place).collect(),
            stretch: if arguments.quick { 2 } else { 1 },
            bar: ProgressBar::no_length(),
        })
    }

    /// Does all jobs, and returns their rows and what could not be measured.
    pub(crate) async fn run(self, jobs: Vec<Job>) -> Result<(Vec<Row>, Vec<String>)> {
        let steps: usize = jobs.iter().map(|job| job.names().count()).sum();
        self.bar.set_length(steps as u64);
        self.bar.set_style(ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} {msg}")?);
        let (mut rows, mut failures) = (Vec::new(), Vec::new());
        let mut done = 0;
        for job in jobs {
            let measured = if self.can_run(&job) {
                job.run(&self).await
            } else {
                Err("the server does not answer".into())
            };
            done += job.names().count() as u64;
            self.bar.set_position(done);
            match measured {
                Ok(measured) => rows.extend(measured),
                Err(error) => failures.extend(job.names().map(|name| format!("NOT RUN {name}: {error}"))),
            }
        }
        self.bar.finish_and_clear();
        Ok((rows, failures))
    }

    fn can_run(&self, job: &Job) -> bool {
        !job.sides().any(|side| self.absent.contains(&side.place))
    }

    /// Shows what is being measured.
    pub(crate) fn shows(&self, name: &str) {
        self.bar.set_message(name.to_owned());
        self.bar.tick();
    }

    pub(crate) fn has_measured(&self) {
        self.bar.inc(1);
    }

    /// Returns how long a round is.
    pub(crate) fn time(&self, usual: Duration) -> Duration {
        self.stretch * usual
    }

    /// Starts a side of a comparison: what is measured, the store, its place, and what else its program needs.
    pub(crate) fn start(&self, side: &Side, kind: &[&str], more: &[&str]) -> Result<Measured> {
        let folder = tempfile::tempdir_in(&self.folder)?;
        let place = match side.place {
            Place::Postgres => self.postgres.as_str(),
            Place::MySql => self.mysql.as_str(),
            Place::Memory | Place::Folder => {
                folder.path().to_str().ok_or("the path of the folder is text")?
            }
        };
        let arguments = [kind, &[side.name, place], more].concat();
        let process = Process::start(&self.programs.join(side.program.path()), &arguments)?;
        Ok(Measured { process, _folder: folder })
    }
}

/// Returns whether there is a server behind the URL.
fn answers(url: &str, usual_port: u16) -> bool {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    let authority = behind.split(['/', '?']).next().unwrap_or(behind);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let address = if host.contains(':') { host.to_owned() } else { format!("{host}:{usual_port}") };
    let addresses = address.to_socket_addrs().into_iter().flatten();
    addresses
        .into_iter()
        .any(|address| std::net::TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok())
}
