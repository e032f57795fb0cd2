//! The server, from its first line to its last request.

use std::{io::Write, net::SocketAddr, time::Duration};

use axum::{Router, middleware, serve::ListenerExt};
use session_tower::{SessionLayer, Sessions, sweep_every};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    time::{sleep, timeout},
};

use crate::{
    headers,
    in_flight::{InFlight, count},
    logs, refusal, routes, same_origin,
    settings::Settings,
    store_url::Opened,
    with_causes,
};

/// How long requests in flight may go on after the signal to end; `/slow` takes half of it at most.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// How long connections may stay open after the signal on which no request is in flight: one that is idle is closed at
/// once, but one that has sent half of a request's head would be waited for.
const LAST_CONNECTIONS: Duration = Duration::from_millis(500);

const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// Serves at `address` until SIGTERM or Ctrl-C, and then until the requests in flight are answered.
pub(crate) async fn serve(address: &str, settings: Settings) -> crate::Result<()> {
    let (sessions, store_end) = open(&settings).await?;
    let listener = TcpListener::bind(address).await.map_err(|error| {
        format!("cannot serve at {address}: {error}; choose another address, such as --listen 127.0.0.1:8081")
    })?;
    let end = end()?;
    announce(listener.local_addr()?, &settings);
    let sweep = tokio::spawn(sweep_every(sessions.clone(), SWEEP_INTERVAL));
    let in_flight = InFlight::default();
    let application = application(sessions).layer(middleware::from_fn_with_state(in_flight.clone(), count));
    let served = serve_until(end, listener, application, in_flight).await;
    sweep.abort();
    store_end.await;
    served
}

/// Returns the sessions, and what is to be awaited in the end.
async fn open(settings: &Settings) -> crate::Result<(Sessions, impl Future<Output = ()> + use<>)> {
    let Settings { store: url, cap, config, .. } = settings;
    let Opened { store, end } =
        url.open(*cap).await.map_err(|error| format!("cannot open {url}: {}", with_causes(&error)))?;
    // The manual's initializer: it fills a new session, and stores nothing by itself.
    Ok((Sessions::shared(store, config.clone())?.initial("count", &0)?, end))
}

/// Returns a future that waits for the signal to end; from now on neither signal kills the process.
fn end() -> crate::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// What nobody should find out by losing sessions.
const IN_MEMORY: &str = "; sessions in memory are this process's own: they end with it, when it restarts after a \
                         rebuild too, and no other process finds them; for those, use disk:PATH";

/// Says in one line what is served, on what, and what to use instead in production.
fn announce(address: SocketAddr, settings: &Settings) {
    let Settings { store, cap, base, file, .. } = settings;
    let cap = cap.map_or(String::new(), |cap| format!(", {cap} at most,"));
    let file = file.as_ref().map_or(String::new(), |file| format!(", changed by {}", file.display()));
    let alone = if store.is_in_memory() { IN_MEMORY } else { "" };
    let production = base.in_production();
    // It serves as well when nobody reads this.
    let _ = writeln!(
        std::io::stdout(),
        "serving http://{address} with sessions in {store}{cap} and {base}{file}; {production}{alone}"
    );
}

fn application(sessions: Sessions) -> Router {
    routes::router(sessions.clone())
        .fallback(refusal::no_such_page)
        .layer(middleware::from_fn(same_origin::check))
        .layer(SessionLayer::new(sessions).on_error(refusal::failure))
        .layer(middleware::map_response(headers::add))
        .layer(middleware::from_fn(logs::log))
}

async fn serve_until(
    end: impl Future<Output = ()>,
    listener: TcpListener,
    application: Router,
    in_flight: InFlight,
) -> crate::Result<()> {
    let (ending, ended) = oneshot::channel::<()>();
    // Small answers would otherwise wait for each other.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let service = application.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async { drop(ended.await) });
    tokio::select! {
        served = server => served?,
        () = async {
            end.await;
            tracing::info!("ending: no new requests, those in flight are answered");
            drop(ending);
            if timeout(LAST_REQUESTS, in_flight.none()).await.is_err() {
                tracing::warn!("requests in flight took too long and were dropped");
                return;
            }
            sleep(LAST_CONNECTIONS).await;
        } => {}
    }
    Ok(())
}
