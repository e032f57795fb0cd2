//! Several processes on one table: this test binary once more.

use std::{
    env,
    process::{Command, Stdio},
};

use session_core::{Error, Expect, Store};
use store_sql::{Dialect, SqlStore};
use tokio::task::JoinSet;

use crate::{
    common::{at, create, data, key, record, words},
    place::{ALL, each},
};

const ME: &str = "processes::is_this_binary_run_once_more";
const JOB: &str = "STORE_SQL_JOB";
const URL: &str = "STORE_SQL_URL";

/// Runs the same job in so many processes and waits until all went well.
fn in_processes(count: u64, job: &str, url: &str) {
    let start = |process| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", ME, "--nocapture", "--test-threads=1"]);
        command.env(JOB, format!("{job} {process}")).env(URL, url).stdout(Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = (0..count).map(start).collect();
    let ended: Vec<_> = children.into_iter().map(|mut child| child.wait().unwrap().success()).collect();
    assert!(ended.iter().all(|went_well| *went_well), "processes failed at: {job}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn is_this_binary_run_once_more() {
    let (Ok(job), Ok(url)) = (env::var(JOB), env::var(URL)) else { return };
    let store = async || SqlStore::connect(&url, "sessions").await.unwrap();
    match job.split(' ').collect::<Vec<_>>()[..] {
        ["increment", _] => increment(&store().await).await,
        ["migrate", process] => migrate(&url, process.parse().unwrap()).await,
        ["write", count, process] => {
            write(&store().await, count.parse().unwrap(), process.parse().unwrap()).await;
        }
        _ => panic!("there is no such job"),
    }
}

/// Adds one 128 times, each time trying again until nobody else was faster.
async fn increment(store: &SqlStore) {
    for _ in 0..128 {
        loop {
            let stored = store.load(&key(1), at(0)).await.unwrap().unwrap();
            let count: u32 = str::from_utf8(&stored.record.data).unwrap().parse().unwrap();
            let next = record(&(count + 1).to_string());
            match store.save(&key(1), &next, Expect::Revision(stored.revision), at(0)).await {
                Ok(_) => break,
                Err(Error::Conflict) => {}
                Err(error) => panic!("{}", words(&error)),
            }
        }
    }
}

/// Writes with 32 tasks at once, each so many times to a session of its own.
async fn write(store: &SqlStore, count: u64, process: u64) {
    let mut writers = JoinSet::new();
    for writer in 0..32 {
        let (store, key) = (store.clone(), key(1_000 * (process + 1) + writer));
        writers.spawn(async move {
            let mut revision = create(&store, &key, "0").await;
            for n in 1..=count {
                let next = record(&n.to_string());
                let saved = store.save(&key, &next, Expect::Revision(revision), at(0)).await;
                revision = saved.unwrap_or_else(|error| panic!("{}", words(&error)));
            }
        });
    }
    writers.join_all().await;
}

/// Makes the table and uses it, as an application does when it starts.
async fn migrate(url: &str, process: u64) {
    SqlStore::migrate(url, "sessions").await.unwrap_or_else(|error| panic!("{}", words(&error)));
    let store = SqlStore::connect(url, "sessions").await.unwrap_or_else(|error| panic!("{}", words(&error)));
    create(&store, &key(process), "x").await;
}

#[tokio::test]
async fn sixteen_processes_may_migrate_at_once() {
    each(&ALL, async |place| {
        for is_manual in [false, true] {
            let _ = place.try_run("drop table sessions").await;
            if is_manual {
                place.run(place.manual()).await;
            }
            in_processes(16, "migrate", &place.url);
            let store = SqlStore::connect(&place.url, "sessions").await.unwrap();
            for process in 0..16 {
                assert_eq!(data(&store, &key(process)).await.as_deref(), Some("x"), "{:?}", place.dialect);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn changes_of_two_processes_add_up() {
    each(&ALL, async |place| {
        create(&place.open().await, &key(1), "0").await;
        in_processes(2, "increment", &place.url);
        assert_eq!(data(&place.open().await, &key(1)).await.as_deref(), Some("256"));
    })
    .await;
}

/// How often each of 64 writers writes: as often as `STORE_SQL_WRITES` says, to look for longer.
fn writes() -> u64 {
    env::var("STORE_SQL_WRITES").map_or(20, |writes| writes.parse().unwrap())
}

#[tokio::test]
async fn sixty_four_writers_in_two_processes_find_no_database_locked() {
    each(&[Dialect::Sqlite], async |place| {
        let store = place.open().await;
        in_processes(2, &format!("write {}", writes()), &place.url);
        for process in [1, 2] {
            for writer in 0..32 {
                let kept = data(&store, &key(1_000 * process + writer)).await;
                assert_eq!(kept, Some(writes().to_string()));
            }
        }
    })
    .await;
}
