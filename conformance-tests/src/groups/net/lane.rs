//! A store whose line to its server breaks, and the same sessions seen directly.

use std::{sync::Arc, time::Duration};

use session_core::Store;

use crate::{
    ctx::Ctx,
    groups::net::{call::Call, scene::Scene},
    namespace::Namespace,
    outcome::{Outcome, Stop},
    proxy::{Break, Proxy, Trap, Way},
    rng::Rng,
};

/// How long a store may wait for its server where the line breaks: no healthy server takes as long.
pub(super) const AMPLE: Duration = Duration::from_secs(10);

/// The same where nothing will come.
pub(super) const SHORT: Duration = Duration::from_millis(300);

/// Whether the call finds a connection that knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connection {
    Warm,
    /// There is none, so that it is made while the line breaks.
    None,
}

/// A namespace of its own, opened twice: directly, and through a proxy.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) proxy: Proxy,
    pub(super) namespace: Namespace,
    pub(super) direct: Arc<dyn Store>,
    pub(super) store: Arc<dyn Store>,
}

impl Lane {
    pub(super) async fn open(ctx: &Ctx, limit: Duration) -> Outcome<Self> {
        let (namespace, direct) = ctx.open_other().await?;
        let no_port = |error| Stop::NotRun(format!("no port of the loopback is free: {error}"));
        let proxy = Proxy::before(ctx.server()?).await.map_err(no_port)?;
        let store = ctx.open_through(&namespace, proxy.address(), limit).await?;
        Ok(Self { proxy, namespace, direct, store })
    }

    /// Returns how many bytes a call of this kind takes to the server, and back.
    pub(super) async fn measure(
        &self,
        ctx: &Ctx,
        call: Call,
        connection: Connection,
        rng: &mut Rng,
    ) -> Outcome<(usize, usize)> {
        let mut scene = Scene::set(ctx, &*self.direct, call, rng).await?;
        self.prepare(&mut scene, connection).await?;
        self.proxy.disarm();
        scene.act(&*self.store).await??;
        let (there, back) = self.proxy.passed();
        let is_seen = there > 0 && back > 0;
        ctx.check(
            8,
            is_seen,
            format_args!("not one byte of a {call:?} went through the address it was given"),
        );
        scene.clear().await?;
        Ok((there, back))
    }

    /// Makes a call of this kind while the line breaks, checks what it answered, and that the store recovers.
    pub(super) async fn break_at(
        &self,
        ctx: &Ctx,
        call: Call,
        connection: Connection,
        trap: Trap,
        rng: &mut Rng,
    ) -> Outcome {
        let mut scene = Scene::set(ctx, &*self.direct, call, rng).await?;
        self.prepare(&mut scene, connection).await?;
        self.proxy.arm(trap);
        let told = scene.act(&*self.store).await?;
        if self.proxy.is_sprung() && trap.then == Break::Stall {
            self.proxy.cut_all().await;
        }
        self.proxy.disarm();
        self.proxy.settled().await;
        scene.judge(&told, trap).await?;
        scene.recovers(&*self.store, trap).await?;
        scene.clear().await
    }

    async fn prepare(&self, scene: &mut Scene<'_>, connection: Connection) -> Outcome {
        match connection {
            Connection::Warm => scene.rehearse(&*self.store).await,
            Connection::None => {
                self.proxy.cut_all().await;
                // It notices now that the connection is gone, and if it makes another one, that is cut too.
                self.proxy.arm(Trap { way: Way::ToServer, after: 0, then: Break::Close });
                scene.glance(&*self.store).await
            }
        }
    }
}
