//! How many increments of one session are lost when requests come at the same time.

use crate::{
    Result,
    bench::{Bench, ROUNDS},
    load::Load,
    results::Row,
    stores::{self, Side},
};

/// A server of the counter and maybe a peer's, and the loads they are put under.
pub(crate) struct Lost {
    pub(crate) ours: Side,
    pub(crate) peer: Option<Side>,
    pub(crate) specs: Vec<Spec>,
}

/// A row: so many connections, to a handler that awaits or does not.
pub(crate) struct Spec {
    pub(crate) name: String,
    load: Load,
}

/// How many increments a round has, over all connections.
const INCREMENTS: usize = 256;

pub(super) fn jobs() -> Vec<Lost> {
    stores::KEPT_ALIKE.into_iter().map(|(ours, peer)| Lost { ours, peer, specs: specs(ours) }).collect()
}

fn specs(ours: Side) -> Vec<Spec> {
    let loads = [2, 16, 64]
        .into_iter()
        .flat_map(|connections| [false, true].map(|awaits| Load { connections, cookies: 1, awaits }));
    let spec = |load: Load| {
        let awaits = if load.awaits { ", 2 ms awaited" } else { "" };
        Spec {
            name: format!("increments lost, {}: {} connections{awaits}", ours.name, load.connections),
            load,
        }
    };
    loads.map(spec).collect()
}

impl Lost {
    pub(super) async fn run(&self, bench: &Bench) -> Result<Vec<Row>> {
        let ours = bench.start(&self.ours, &["serve"], &[])?;
        let peer = self.peer.map(|peer| bench.start(&peer, &["serve"], &[])).transpose()?;
        let mut rows = Vec::new();
        for spec in &self.specs {
            bench.shows(&spec.name);
            let (mut by_ours, mut by_peer) = (0, 0);
            for _ in 0..ROUNDS {
                by_ours += spec.load.lost(&ours.process, INCREMENTS).await?;
                if let Some(peer) = &peer {
                    by_peer += spec.load.lost(&peer.process, INCREMENTS).await?;
                }
            }
            let peer = self.peer.map(|peer| (peer.title, by_peer));
            rows.push(Row::lost(&spec.name, (self.ours.title, by_ours), peer, ROUNDS * INCREMENTS));
            bench.has_measured();
        }
        Ok(rows)
    }
}
