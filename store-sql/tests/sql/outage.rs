//! Servers that are stopped, killed, made read-only, or ask for another password.

use session_core::{Error, Expect, Result, Store};
use store_sql::{Dialect, SqlPool, SqlStore};

use crate::{
    common::{at, create, data, ends, key, quick, record, recovers, words},
    place::SERVERS,
    private::{End, Private},
    servers::with_authority,
};

/// Runs a test on a private server of each kind.
async fn each(test: impl AsyncFn(&Private)) {
    for dialect in SERVERS {
        if let Some(server) = Private::start(dialect).await {
            test(&server).await;
        }
    }
}

async fn open(server: &Private) -> SqlStore {
    SqlStore::migrate(&server.url, "sessions").await.unwrap();
    SqlStore::connect_with(&server.url, "sessions", quick()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_stopped_or_killed_is_found_again_with_all_that_was_answered() {
    each(async |server| {
        let store = open(server).await;
        for (round, end) in [End::Stop, End::Kill].into_iter().enumerate() {
            let kept = key(round as u64);
            create(&store, &kept, "answered").await;
            server.end(end);

            // What meets a connection of before may not know; what meets nobody does.
            let lost = ends(store.save(&key(9), &record("x"), Expect::Absent, at(0))).await;
            assert!(matches!(lost, Err(Error::Backend { .. })), "{:?}: {lost:?}", server.dialect);
            let mut last = lost.unwrap_err();
            for _ in 0..15 {
                last = ends(store.save(&key(9), &record("x"), Expect::Absent, at(0))).await.unwrap_err();
                // Connections of before end one by one, and one may still be taken while the server goes.
                if words(&last).contains("the server cannot be reached") {
                    break;
                }
            }
            assert!(!last.is_unknown(), "{:?}: {}", server.dialect, words(&last));
            assert!(words(&last).contains("the server cannot be reached"), "{}", words(&last));
            let unread = ends(store.load(&kept, at(0))).await.unwrap_err();
            assert!(words(&unread).contains("the server cannot be reached"), "{}", words(&unread));

            server.start_again();
            let found = recovers(async || store.load(&kept, at(0)).await).await;
            assert_eq!(found.unwrap().record, record("answered"), "{:?}", server.dialect);
            assert!(
                recovers(async || store.load(&key(9), at(0)).await).await.is_none(),
                "what was NotApplied is there"
            );
            recovers(async || store.delete(&kept).await).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarts_under_load_lose_no_answered_write() {
    each(async |server| {
        let store = open(server).await;
        create(&store, &key(1), "0").await;
        let counting = tokio::spawn({
            let store = store.clone();
            async move {
                let (mut certain, mut unknown) = (0, 0);
                while certain < 200 {
                    match ends(add_one(&store)).await {
                        Ok(()) => certain += 1,
                        Err(error) if error.is_unknown() => unknown += 1,
                        // A write that was lost may have landed since.
                        Err(Error::Conflict | Error::Backend { .. }) => {}
                        Err(error) => panic!("{}", words(&error)),
                    }
                }
                (certain, certain + unknown)
            }
        });
        for end in [End::Kill, End::Stop] {
            server.end(end);
            server.start_again();
        }
        let (least, most) = counting.await.unwrap();
        let kept: u64 = data(&store, &key(1)).await.unwrap().parse().unwrap();
        assert!((least..=most).contains(&kept), "{:?}: {kept} of {least} to {most}", server.dialect);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_over_a_pool_of_the_application_finds_its_server_again() {
    each(async |server| {
        SqlStore::migrate(&server.url, "sessions").await.unwrap();
        let pool: SqlPool = match server.dialect {
            Dialect::Postgres => sqlx::PgPool::connect(&server.url).await.unwrap().into(),
            _ => sqlx::MySqlPool::connect(&server.url).await.unwrap().into(),
        };
        let store = SqlStore::new_with(pool, "sessions", quick()).await.unwrap();
        create(&store, &key(1), "answered").await;
        server.end(End::Kill);
        let mut last = ends(store.load(&key(1), at(0))).await.unwrap_err();
        for _ in 0..15 {
            if words(&last).contains("the server cannot be reached") {
                break;
            }
            last = ends(store.save(&key(9), &record("x"), Expect::Absent, at(0))).await.unwrap_err();
        }
        assert!(words(&last).contains("the server cannot be reached"), "{}", words(&last));
        assert!(!last.is_unknown());
        server.start_again();
        let found = recovers(async || store.load(&key(1), at(0)).await).await;
        assert_eq!(found.unwrap().record, record("answered"), "{:?}", server.dialect);
        recovers(async || store.delete(&key(1)).await).await;
    })
    .await;
}

async fn add_one(store: &SqlStore) -> Result<()> {
    let stored = store.load(&key(1), at(0)).await?.expect("a failed load is not an absent session");
    let count: u64 = str::from_utf8(&stored.record.data).unwrap().parse().unwrap();
    let next = record(&(count + 1).to_string());
    store.save(&key(1), &next, Expect::Revision(stored.revision), at(0)).await.map(drop)
}

/// Makes a user with a password who may write sessions, and returns the URL with another password in it.
async fn clerk(server: &Private) -> impl Fn(&str) -> String {
    let statements = if server.dialect == Dialect::Postgres {
        ["create role clerk login password 'right'", "grant all on sessions to clerk"]
    } else {
        ["create user clerk@'%' identified by 'right'", "grant all on shop.* to clerk@'%'"]
    };
    for statement in statements {
        server.run(statement).await;
    }
    let url = server.url.clone();
    move |password| with_authority(&url, |_, host| format!("clerk:{password}@{host}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_said_and_not_shown() {
    each(async |server| {
        drop(open(server).await);
        let url = clerk(server).await;
        server.ask_for_passwords().await;
        // A server of PostgreSQL reads its rules again in its own time.
        let refused = loop {
            match ends(SqlStore::connect_with(&url("hunter2"), "sessions", quick())).await {
                Ok(_) if server.dialect == Dialect::Postgres => {}
                answer => break answer.unwrap_err(),
            }
        };
        let words = words(&refused);
        assert!(words.contains("does not let this user in"), "{words}");
        assert!(!words.contains("hunter2") && !words.contains("clerk") && !refused.is_unknown(), "{words}");
        let store = SqlStore::connect_with(&url("right"), "sessions", quick()).await.unwrap();
        create(&store, &key(1), "x").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_becomes_read_only_is_read_and_written_again_later() {
    each(async |server| {
        drop(open(server).await);
        let url = clerk(server).await;
        let store = SqlStore::connect_with(&url("right"), "sessions", quick()).await.unwrap();
        create(&store, &key(1), "x").await;
        let (on, off) = if server.dialect == Dialect::Postgres {
            (
                "alter system set default_transaction_read_only = on; select pg_reload_conf()",
                "alter system reset default_transaction_read_only; select pg_reload_conf()",
            )
        } else {
            ("set global read_only = 1", "set global read_only = 0")
        };
        run_each(server, on).await;
        // A server of PostgreSQL tells its connections in its own time.
        let mut next = 2;
        let refused = loop {
            match ends(store.save(&key(next), &record("y"), Expect::Absent, at(0))).await {
                Ok(_) => next += 1,
                Err(error) => break error,
            }
        };
        assert!(words(&refused).contains("the database is read-only"), "{}", words(&refused));
        assert!(!refused.is_unknown());
        assert_eq!(data(&store, &key(1)).await.as_deref(), Some("x"));
        assert_eq!(data(&store, &key(next)).await, None);
        run_each(server, off).await;
        recovers(async || store.save(&key(next), &record("y"), Expect::Absent, at(0)).await).await;
    })
    .await;
}

async fn run_each(server: &Private, statements: &str) {
    for statement in statements.split("; ") {
        server.run(statement).await;
    }
}
