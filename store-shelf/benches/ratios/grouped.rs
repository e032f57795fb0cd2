//! redb with the least of a group commit: a thread that saves whatever waits, commits, and answers.

use std::{
    iter,
    path::Path,
    sync::mpsc::{self, Receiver, Sender},
    thread,
};

use redb::Database;
use tokio::sync::oneshot;

use crate::{
    load::{Keeps, Record},
    redb_tables::{self, Tables},
};

pub(crate) struct Grouped {
    inbox: Sender<Save>,
}

struct Save {
    n: usize,
    record: Record,
    expected: Option<i64>,
    reply: oneshot::Sender<i64>,
}

impl Grouped {
    pub(crate) fn open(path: &Path) -> Self {
        let (database, (inbox, saves)) = (redb_tables::open(path), mpsc::channel());
        thread::spawn(move || work(&database, &saves));
        Self { inbox }
    }
}

fn work(database: &Database, saves: &Receiver<Save>) {
    while let Ok(first) = saves.recv() {
        let batch: Vec<_> = iter::once(first).chain(saves.try_iter()).collect();
        let transaction = redb_tables::begin(database);
        let mut tables = Tables::open(&transaction);
        let revisions: Vec<_> =
            batch.iter().map(|save| tables.save(save.n, &save.record, save.expected)).collect();
        drop(tables);
        transaction.commit().unwrap();
        for (save, revision) in batch.into_iter().zip(revisions) {
            save.reply.send(revision).unwrap();
        }
    }
}

impl Keeps for Grouped {
    async fn save(&self, n: usize, record: Record, expected: Option<i64>) -> i64 {
        let (reply, answer) = oneshot::channel();
        self.inbox.send(Save { n, record, expected, reply }).unwrap();
        answer.await.unwrap()
    }

    async fn load(&self, _: usize) -> usize {
        unreachable!("its loads would be those of the other")
    }
}
