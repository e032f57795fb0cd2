//! Servers that speak TLS, and servers that do not.

use std::{path::Path, time::Duration};

use session_core::Error;
use store_sql::{Dialect, SqlOptions, SqlStore};

use crate::{
    common::{create, data, ends, key, words},
    place::SERVERS,
    private::{End, Private},
    servers::with_authority,
};

/// How much a URL asks of a server.
#[derive(Clone, Copy, Debug)]
enum Wants {
    Plain,
    /// A certificate that somebody vouches for, whoever's it is.
    Vouched,
    /// The server's own.
    Verified,
}

/// Returns the URL with a user, a password, what is asked of the server, and who may vouch for it.
fn url(server: &Private, wants: Wants, ca: Option<&Path>) -> String {
    let [mode, file] = match server.dialect {
        Dialect::Postgres => ["sslmode", "sslrootcert"],
        _ => ["ssl-mode", "ssl-ca"],
    };
    let mode = match (wants, server.dialect) {
        (Wants::Plain, Dialect::Postgres) => format!("{mode}=disable"),
        (Wants::Plain, _) => format!("{mode}=DISABLED"),
        (Wants::Vouched, Dialect::Postgres) => format!("{mode}=verify-ca"),
        (Wants::Vouched, _) => format!("{mode}=VERIFY_CA"),
        (Wants::Verified, Dialect::Postgres) => format!("{mode}=verify-full"),
        (Wants::Verified, _) => format!("{mode}=VERIFY_IDENTITY"),
    };
    let ca = ca.map(|ca| format!("&{file}={}", ca.display())).unwrap_or_default();
    format!("{}{mode}{ca}", server.url)
}

async fn connect(url: &str) -> Result<SqlStore, Error> {
    let options = SqlOptions::default().timeout(Duration::from_secs(5));
    ends(SqlStore::connect_with(url, "sessions", options)).await
}

/// Returns why nobody with this URL gets in, which holds no password.
async fn refused(url: &str) -> String {
    let url = with_authority(url, |user, host| format!("{user}:hunter2@{host}"));
    let refused = connect(&url).await.unwrap_err();
    let words = words(&refused);
    assert!(!words.contains("hunter2") && !refused.is_unknown(), "{words}");
    words
}

/// Starts a server of each kind that speaks TLS and has the table.
async fn speaking_tls() -> Vec<Private> {
    let mut servers = Vec::new();
    for dialect in SERVERS {
        if let Some(server) = Private::start_with(dialect, &["--tls"]).await {
            SqlStore::migrate(&server.url, "sessions").await.unwrap();
            servers.push(server);
        }
    }
    servers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_go_to_a_server_whose_certificate_is_vouched_for_and_nothing_in_the_clear() {
    for server in speaking_tls().await {
        server.ask_for_tls().await;
        // A server of PostgreSQL reads its rules again in its own time.
        let plain = url(&server, Wants::Plain, None);
        ends(async { while connect(&plain).await.is_ok() {} }).await;

        let verified = url(&server, Wants::Verified, Some(&server.ca()));
        SqlStore::migrate(&verified, "sessions").await.unwrap();
        let store = connect(&verified).await.unwrap();
        create(&store, &key(1), "x").await;
        server.end(End::Kill);
        server.start_again();
        // A load is sent again over connections that were not there before.
        assert_eq!(data(&store, &key(1)).await.as_deref(), Some("x"), "{:?}", server.dialect);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_is_not_vouched_for_or_of_another_host_is_refused() {
    let servers = speaking_tls().await;
    for server in &servers {
        let by_name = |wants, ca: &Path| {
            with_authority(&url(server, wants, Some(ca)), |user, host| {
                format!("{user}@{}", host.replace("127.0.0.1", "localhost"))
            })
        };
        let others = servers.iter().map(Private::ca).filter(|ca| *ca != server.ca());
        let mut urls: Vec<_> = others.map(|ca| url(server, Wants::Verified, Some(&ca))).collect();
        urls.push(url(server, Wants::Verified, None));
        urls.push(by_name(Wants::Verified, &server.ca()));
        for url in urls {
            let words = refused(&url).await;
            assert!(words.contains("the TLS connection failed"), "{:?}: {words}", server.dialect);
            assert!(words.contains("invalid peer certificate"), "{:?}: {words}", server.dialect);
        }
        // The name was all that was wrong with the last one.
        connect(&by_name(Wants::Vouched, &server.ca())).await.unwrap();
        let nowhere = refused(&url(server, Wants::Verified, Some(Path::new("/no/such/ca.pem")))).await;
        assert!(nowhere.contains("files in the URL"), "{:?}: {nowhere}", server.dialect);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_tls_is_refused_by_a_url_that_asks_for_it() {
    for dialect in SERVERS {
        let without: &[_] = if dialect == Dialect::Postgres { &[] } else { &["--skip-ssl"] };
        let Some(server) = Private::start_with(dialect, without).await else { continue };
        SqlStore::migrate(&server.url, "sessions").await.unwrap();
        let words = refused(&url(&server, Wants::Verified, None)).await;
        assert!(words.contains("the TLS connection failed"), "{dialect:?}: {words}");
        assert!(words.contains("server does not support TLS"), "{dialect:?}: {words}");
        connect(&url(&server, Wants::Plain, None)).await.unwrap();
    }
}
