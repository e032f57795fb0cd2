//! Where the servers are, and what is not run without them.

use std::{env, fs::OpenOptions, io::Write};

/// The server of PostgreSQL that tests may make databases on.
pub(crate) fn postgres() -> String {
    env::var("TEST_POSTGRES_URL").unwrap_or("postgres://postgres@127.0.0.1:5432/postgres".into())
}

/// The server of MariaDB or MySQL that tests may make databases on.
pub(crate) fn mysql() -> String {
    env::var("TEST_MYSQL_URL").unwrap_or("mysql://root@127.0.0.1:3306/test".into())
}

/// Returns the URL of another database on the same server.
pub(crate) fn database(server: &str, name: &str) -> String {
    let (server, query) = server.split_once('?').unwrap_or((server, ""));
    let (server, _) = server.rsplit_once('/').expect("the URL of a test server names a database");
    format!("{server}/{name}?{query}")
}

/// Returns the same URL with another user and password, or another host.
pub(crate) fn with_authority(url: &str, change: impl FnOnce(&str, &str) -> String) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    format!("{scheme}://{}/{path}", change(user, host))
}

/// Says that a test did not take place, also in the file that `scripts/test` shows: the harness knows only passed and
/// failed, and hides what a passed test prints.
#[expect(clippy::print_stderr, reason = "a test that did not take place must not look as if it had passed")]
pub(crate) fn not_run(why: &str) {
    let thread = std::thread::current();
    let line = format!("NOT RUN: {}: {why}", thread.name().unwrap_or("a test"));
    eprintln!("{line}");
    if let Some(path) = env::var_os("NOT_RUN_FILE") {
        let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
        writeln!(file, "{line}").unwrap();
    }
}
