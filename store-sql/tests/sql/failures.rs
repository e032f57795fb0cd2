//! Servers that fail: what is said, what is known, and that it passes.

use session_core::{Expect, Store};
use sqlx::{Connection, MySqlConnection, PgConnection};
use store_sql::{Dialect, SqlStore};
use tokio::task::JoinSet;

use crate::{
    common::{at, create, data, ends, key, quick, record, recovers, words},
    place::{ALL, Place, SERVERS, each},
    servers::{not_run, with_authority},
};

#[tokio::test]
async fn what_keeps_us_out_is_said_and_no_password() {
    each(&SERVERS, async |place| {
        let user = if place.dialect == Dialect::Postgres { "nobody_of_ours" } else { "nobody" };
        let cases = [
            // Nothing listens on port 1.
            (
                with_authority(&place.url, |_, _| format!("{user}:hunter2@127.0.0.1:1")),
                "the server cannot be reached",
            ),
            (place.url.replace("store_sql_", "no_such_"), "there is no such database"),
            (with_authority(&place.url, |_, host| format!("{user}:hunter2@{host}")), ""),
        ];
        for (url, says) in cases {
            let refused = ends(SqlStore::connect_with(&url, "sessions", quick())).await.unwrap_err();
            let words = words(&refused);
            assert!(words.contains(says), "{:?}: {words}", place.dialect);
            assert!(!words.contains("hunter2") && !words.contains(user) && !refused.is_unknown(), "{words}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_url_that_is_none_is_refused_without_quoting_it() {
    for (url, says) in [
        ("redis://me:hunter2@host", "it should begin with sqlite:, postgres:// or mysql://"),
        ("postgres://me:hunter2@[host/x", "should look like postgres://"),
        ("mysql://me:hunter2@host", "names no database"),
        ("sqlite::memory:", "need a file"),
        ("sqlite:", "need a file"),
        ("hunter2", "it should begin with"),
        ("postgres:me:hunter2@host/x", "it should begin with"),
        ("postgresql:/me:hunter2@host/x", "it should begin with"),
        ("mysql:me:hunter2@host/x", "it should begin with"),
        ("mariadb:/me:hunter2@host/x", "it should begin with"),
    ] {
        let refused = SqlStore::connect(url, "sessions").await.unwrap_err();
        assert!(words(&refused).contains(says), "{url}: {}", words(&refused));
        assert!(!words(&refused).contains("hunter2"));
    }
}

#[tokio::test]
async fn a_server_that_hears_and_does_not_answer_is_given_up_in_time() {
    let deaf = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = deaf.local_addr().unwrap();
    for url in [format!("postgres://me@{host}/x"), format!("mysql://me@{host}/x")] {
        let refused = ends(SqlStore::connect_with(&url, "sessions", quick())).await.unwrap_err();
        assert!(words(&refused).contains("took longer than the `timeout`"), "{}", words(&refused));
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_at_once_cannot_be_reached() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap();
    let hanging_up = tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    // Asked for TLS, a server that says nothing at all is taken for one of another kind.
    for url in [format!("postgres://me@{host}/x?sslmode=disable"), format!("mysql://me@{host}/x")] {
        let refused = ends(SqlStore::connect_with(&url, "sessions", quick())).await.unwrap_err();
        assert!(words(&refused).contains("the server cannot be reached"), "{}", words(&refused));
        assert!(!refused.is_unknown());
    }
    hanging_up.abort();
}

#[tokio::test]
async fn a_user_who_may_only_read_hears_that() {
    each(&SERVERS, async |place| {
        let store = place.open().await;
        create(&store, &key(1), "x").await;
        as_reader(place, async |url| {
            let reading = SqlStore::connect(url, "sessions").await.unwrap();
            assert_eq!(data(&reading, &key(1)).await.as_deref(), Some("x"));
            let refused = reading.save(&key(2), &record("x"), Expect::Absent, at(0)).await.unwrap_err();
            assert!(words(&refused).contains("grant this user SELECT, INSERT"), "{}", words(&refused));
            assert!(!refused.is_unknown());
            reading.close().await;
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_user_who_may_not_change_the_table_hears_that_from_a_migration() {
    each(&SERVERS, async |place| {
        place.run(place.manual()).await;
        as_reader(place, async |url| {
            for is_there in [true, false] {
                if !is_there {
                    place.run("drop table sessions").await;
                }
                let refused = SqlStore::migrate(url, "sessions").await.unwrap_err();
                assert!(words(&refused).contains("let this user create and alter"), "{}", words(&refused));
                assert!(!refused.is_unknown());
            }
        })
        .await;
    })
    .await;
}

/// Does some work with the URL of a user who may read the table and do nothing else.
async fn as_reader(place: &Place, work: impl AsyncFnOnce(&str)) {
    let reader = format!("reader_of_{}", name_of_database(place));
    let (make, remove) = match place.dialect {
        Dialect::Postgres => (
            format!(
                "create role {reader} login password 'p'; grant select on sessions to {reader}; \
                 revoke create on schema public from public"
            ),
            format!("drop owned by {reader}; drop role {reader}"),
        ),
        _ => (
            format!(
                "create user {reader}@'127.0.0.1' identified by 'p'; \
                 grant select on sessions to {reader}@'127.0.0.1'"
            ),
            format!("drop user {reader}@'127.0.0.1'"),
        ),
    };
    for statement in make.split("; ") {
        place.run(statement).await;
    }
    let url = with_authority(&place.url, |_, host| format!("{reader}:p@{host}"));
    let is_let_in = match place.dialect {
        Dialect::Postgres => PgConnection::connect(&url).await.is_ok(),
        _ => MySqlConnection::connect(&url).await.is_ok(),
    };
    if is_let_in {
        work(&url).await;
    } else {
        not_run("the server lets no user of ours in with a password");
    }
    for statement in remove.split("; ") {
        place.run(statement).await;
    }
}

fn name_of_database(place: &Place) -> &str {
    place.url.rsplit_once('/').unwrap().1.trim_end_matches('?')
}

#[tokio::test]
async fn a_read_only_server_changes_nothing_and_says_so() {
    each(&[Dialect::Postgres], async |place| {
        let store = place.open().await;
        create(&store, &key(1), "x").await;
        let name = name_of_database(place);
        place.run(&format!("alter database {name} set default_transaction_read_only = on")).await;
        let reading = SqlStore::connect(&place.url, "sessions").await.unwrap();
        let refused = reading.save(&key(2), &record("x"), Expect::Absent, at(0)).await.unwrap_err();
        assert!(words(&refused).contains("the database is read-only"), "{}", words(&refused));
        assert!(!refused.is_unknown());
        assert_eq!(data(&reading, &key(1)).await.as_deref(), Some("x"));
        // After a failover, the same store writes again: it lets go of such connections.
        read_write(place, name).await;
        recovers(async || reading.delete(&key(1)).await).await;
        create(&reading, &key(2), "after").await;
    })
    .await;
}

async fn read_write(place: &Place, name: &str) {
    let mut connection = PgConnection::connect(&place.url).await.unwrap();
    for sql in
        ["set default_transaction_read_only = off".to_owned(), format!("alter database {name} reset all")]
    {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    }
}

#[tokio::test]
async fn when_all_connections_are_in_use_that_is_said() {
    each(&SERVERS, async |place| {
        let store = place.open_with(quick().max_connections(1)).await;
        create(&store, &key(1), "x").await;
        let (hold, free) = match place.dialect {
            Dialect::Postgres => ("begin; lock table sessions", "commit"),
            _ => ("lock tables sessions write", "unlock tables"),
        };
        macro_rules! held {
            ($pool:expr) => {{
                let mut holder = $pool.acquire().await.unwrap();
                sqlx::raw_sql(hold).execute(&mut *holder).await.unwrap();
                // One statement waits for the lock, and the others for its connection.
                let mut all = JoinSet::new();
                for n in 2..6 {
                    let store = store.clone();
                    let save = async move { store.save(&key(n), &record("x"), Expect::Absent, at(0)).await };
                    all.spawn(ends(save));
                }
                let failed: Vec<_> = all.join_all().await.into_iter().map(Result::unwrap_err).collect();
                let certain = failed.iter().filter(|error| !error.is_unknown());
                let mut said = certain.map(words);
                assert!(said.all(|words| words.contains("all connections are in use")), "{failed:?}");
                assert_eq!(failed.iter().filter(|error| error.is_unknown()).count(), 1, "{failed:?}");
                sqlx::raw_sql(free).execute(&mut *holder).await.unwrap();
            }};
        }
        match &place.pool {
            store_sql::SqlPool::Postgres(pool) => held!(pool),
            store_sql::SqlPool::MySql(pool) => held!(pool),
            _ => unreachable!(),
        }
        create(&store, &key(9), "again").await;
    })
    .await;
}

#[tokio::test]
async fn no_error_shows_a_key_an_owner_or_a_value() {
    each(&ALL, async |place| {
        let store = place.open().await;
        for statement in telling(place.dialect) {
            place.run(statement).await;
        }
        let (key, told) = (key(0x1234_5678), place.try_run(TELLING_INSERT).await.unwrap_err());
        assert!(
            format!("{told:?}").contains("tell_me"),
            "{:?} does not quote the row: {told:?}",
            place.dialect
        );
        let secret = crate::common::owned("hunter2", "hunter3");
        let failed = store.save(&key, &secret, Expect::Absent, at(0)).await.unwrap_err();
        let words = words(&failed);
        assert!(words.contains("it was refused"), "{:?}: {words}", place.dialect);
        // The data are in base64, as the row has them.
        for word in ["hunter2", "aHVudGVyMg", "hunter3", &key.to_string()] {
            assert!(!words.contains(word), "{:?}: {words}", place.dialect);
        }
    })
    .await;
}

const TELLING_INSERT: &str = "insert into sessions (session_id, data, revision) values ('tell_me', 'x', 1)";

/// Has a database refuse each row, and quote it.
fn telling(dialect: Dialect) -> Vec<&'static str> {
    match dialect {
        Dialect::Sqlite => {
            vec![
                "create trigger tell before insert on sessions \
                 begin select raise(abort, new.session_id || new.data); end",
            ]
        }
        Dialect::Postgres => vec!["alter table sessions add constraint tell check (revision < 0)"],
        _ => vec![
            "create trigger tell before insert on sessions for each row begin \
             declare told varchar(128) default left(concat(new.session_id, new.data), 128); \
             signal sqlstate '45000' set message_text = told; end",
        ],
    }
}
