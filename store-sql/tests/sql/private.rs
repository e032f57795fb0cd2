//! A server of our own, which may be stopped.

use std::{
    path::Path,
    process::{Command, Output},
};

use sqlx::{AssertSqlSafe, Connection};
use store_sql::Dialect;

use crate::servers::{database, not_run};

/// A server that nobody else uses, with an empty database; it ends with its test.
#[derive(Debug)]
pub(crate) struct Private {
    pub(crate) dialect: Dialect,
    folder: tempfile::TempDir,
    options: &'static [&'static str],
    server: String,
    pub(crate) url: String,
}

/// How a server ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Stop,
    Kill,
}

impl Private {
    /// Starts one, or says why that is not possible.
    pub(crate) async fn start(dialect: Dialect) -> Option<Self> {
        Self::start_with(dialect, &[]).await
    }

    /// Starts one with these options of `scripts/server`.
    pub(crate) async fn start_with(dialect: Dialect, options: &'static [&'static str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let output = script(&["start", kind(dialect)], folder.path(), options);
        if !output.status.success() {
            not_run(&format!("no private server could be started: {}", text(&output.stderr)));
            return None;
        }
        let server = text(&output.stdout);
        let url = database(&server, "shop");
        let private = Self { dialect, folder, options, server, url };
        private.run_on(&private.server, "create database shop").await;
        Some(private)
    }

    pub(crate) fn end(&self, end: End) {
        let end = if matches!(end, End::Stop) { "stop" } else { "kill" };
        let output = script(&[end], self.folder.path(), &[]);
        assert!(output.status.success(), "{}", text(&output.stderr));
    }

    /// Starts it where it was, on the same port.
    pub(crate) fn start_again(&self) {
        let output = script(&["start", kind(self.dialect)], self.folder.path(), self.options);
        assert!(output.status.success(), "{}", text(&output.stderr));
    }

    /// Runs a statement as the one who may do everything.
    pub(crate) async fn run(&self, sql: &str) {
        self.run_on(&self.url, sql).await;
    }

    async fn run_on(&self, url: &str, sql: &str) {
        if self.dialect == Dialect::Postgres {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        } else {
            let mut connection = sqlx::MySqlConnection::connect(url).await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        }
    }

    /// Returns what vouches for the certificate of a server that was started with `--tls`.
    #[cfg(feature = "tls-rustls")]
    pub(crate) fn ca(&self) -> std::path::PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Lets in only those who speak TLS, besides those who are connected.
    #[cfg(feature = "tls-rustls")]
    pub(crate) async fn ask_for_tls(&self) {
        if self.dialect == Dialect::Postgres {
            self.let_in("hostssl all all 127.0.0.1/32 trust\n").await;
        } else {
            self.run("set global require_secure_transport = on").await;
        }
    }

    /// Lets in only those who know their password, besides those who are connected.
    pub(crate) async fn ask_for_passwords(&self) {
        if self.dialect == Dialect::Postgres {
            self.let_in("host all all 127.0.0.1/32 scram-sha-256\n").await;
        }
    }

    /// Gives a server of PostgreSQL its rules, which it reads again in its own time.
    async fn let_in(&self, rule: &str) {
        std::fs::write(self.folder.path().join("data/pg_hba.conf"), rule).unwrap();
        self.run("select pg_reload_conf()").await;
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        // One that was ended already has no process.
        script(&["kill"], self.folder.path(), &[]);
    }
}

fn kind(dialect: Dialect) -> &'static str {
    if dialect == Dialect::Postgres { "postgres" } else { "mariadb" }
}

fn script(arguments: &[&str], folder: &Path, options: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/server");
    Command::new("bash").arg(script).args(arguments).arg(folder).args(options).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}
