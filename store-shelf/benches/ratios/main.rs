//! How store-shelf compares with redb used by hand: ratios, in one run.
//!
//! ```console
//! $ cargo bench -p store-shelf --bench ratios              # two to three minutes
//! $ cargo bench -p store-shelf --bench ratios -- --quick   # some twenty seconds
//! ```
//!
//! Who is compared takes turns, A B A B, and each round gives one ratio; the table shows their median, the least and the
//! greatest. It exits with 1 when a median misses its goal. `--folder PATH` says where the files are made; the
//! default is in `target`. It must be on a disk, because in memory a sync costs nothing.
//!
//! The line called `limit` has the bare group commit in our place, alone: what it costs anybody to hand a save to a thread and
//! the answer back, which a store must do, because `poll` never blocks.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that cannot go on has failed")]

mod alone;
mod grouped;
mod load;
mod options;
mod redb_tables;
mod shelf;
mod table;

use std::{process::ExitCode, time::Duration};

use crate::{
    alone::{Alone, Aside},
    grouped::Grouped,
    load::{Keeper, Work},
    options::Options,
    shelf::Shelf,
    table::Row,
};

/// How many sessions there are, which fit into the cache of each.
const SESSIONS: usize = 10_000;

fn main() -> ExitCode {
    let options = match Options::from_arguments() {
        Ok(options) => options,
        Err(error) => {
            println!("{error}");
            return ExitCode::from(2);
        }
    };
    let folder = tempfile::tempdir_in(&options.folder).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let rows = runtime.block_on(async {
        let keepers = Keepers {
            shelf: Keeper::filled(Shelf::open(&folder.path().join("shelf.redb"))).await,
            aside: Keeper::filled(Aside(Alone::open(&folder.path().join("aside.redb")))).await,
            alone: Keeper::filled(Alone::open(&folder.path().join("alone.redb"))).await,
            grouped: Keeper::filled(Grouped::open(&folder.path().join("grouped.redb"))).await,
        };
        keepers.compare(&options).await
    });
    println!("{SESSIONS} sessions of 1 KiB, {options}\n\n{}", table::of(&rows));
    let is_held = rows.iter().all(Row::is_held);
    if is_held || options.is_smoke { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Who is compared, each with a file of its own.
struct Keepers {
    shelf: Keeper<Shelf>,
    alone: Keeper<Alone>,
    aside: Keeper<Aside>,
    grouped: Keeper<Grouped>,
}

impl Keepers {
    async fn compare(&self, options: &Options) -> Vec<Row> {
        let mut rows = [
            Row::new("save", 1, "a transaction for each", 1.0 / 1.1),
            Row::new("save", 1, "the same in a thread", 1.0 / 1.1),
            Row::new("save", 1, "a bare group commit", 0.9),
            Row::limit(1, "a transaction for each"),
            Row::new("save", 64, "a transaction for each", 8.0),
            Row::new("save", 256, "a transaction for each", 12.0),
            Row::new("save", 64, "a bare group commit", 0.9),
            Row::new("save", 256, "a bare group commit", 0.9),
            Row::new("load", 16, "redb in the task", 0.65),
        ];
        for _ in 0..options.rounds {
            self.round(&mut rows, options.time).await;
        }
        rows.into()
    }

    async fn round(
        &self,
        [one, aside, one_grouped, limit, some, many, grouped, many_grouped, read]: &mut [Row; 9],
        time: Duration,
    ) {
        let (shelf, alone, peer) = (&self.shelf, &self.alone, &self.grouped);
        let saved = shelf.measure(Work::Save, 1, time).await;
        one.add(saved, alone.measure(Work::Save, 1, time).await);
        let saved = shelf.measure(Work::Save, 1, time).await;
        aside.add(saved, self.aside.measure(Work::Save, 1, time).await);
        let saved = shelf.measure(Work::Save, 1, time).await;
        let least = peer.measure(Work::Save, 1, time).await;
        one_grouped.add(saved, least);
        limit.add(least, alone.measure(Work::Save, 1, time).await);
        for (tasks, row, grouped) in [(64, some, grouped), (256, many, many_grouped)] {
            let saved = shelf.measure(Work::Save, tasks, time).await;
            row.add(saved, alone.measure(Work::Save, tasks, time).await);
            let saved = shelf.measure(Work::Save, tasks, time).await;
            grouped.add(saved, peer.measure(Work::Save, tasks, time).await);
        }
        let loaded = shelf.measure(Work::Load, 16, time).await;
        read.add(loaded, alone.measure(Work::Load, 16, time).await);
    }
}
