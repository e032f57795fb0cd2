//! `cargo run -p session-tower --example hyper`, then open <http://127.0.0.1:8080> and reload.
//!
//! A counter on hyper and tower alone: no framework, and no extractors.

use std::convert::Infallible;

use http::{Request, Response};
use http_body_util::Full;
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use session_tower::{Config, Error, LazySession, PeerAddress, SessionLayer, Sessions};
use store_memory::MemoryStore;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, service_fn};

type Body = Full<Bytes>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    serve(TcpListener::bind("127.0.0.1:8080").await?).await
}

/// Serves everybody who comes to `listener`, with sessions in memory.
pub(crate) async fn serve(listener: TcpListener) -> Result<(), Box<dyn std::error::Error>> {
    let sessions = Sessions::new(MemoryStore::new(), Config::plain_http())?;
    loop {
        let (stream, peer) = listener.accept().await?;
        let service = ServiceBuilder::new()
            // Without it there is no `ignore_change_ip = false`, and no address in a list of the user's sessions.
            .map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(PeerAddress(peer.ip()));
                request
            })
            .layer(SessionLayer::new(sessions.clone()))
            .service(service_fn(answer));
        let connection =
            http1::Builder::new().serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        // What became of one connection is nothing to the others.
        tokio::spawn(async move { drop(connection.await) });
    }
}

/// Gives every error its page; the layer finds the error in it, and logs it.
async fn answer(request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    Ok(count(&request).await.unwrap_or_else(|error| error.to_response()))
}

async fn count(request: &Request<Incoming>) -> Result<Response<Body>, Error> {
    let lazy = request.extensions().get::<LazySession>().ok_or(Error::NoLayer)?;
    let session = lazy.open().await?;
    session.update("count", |count: &mut u64| *count += 1)?;
    session.commit().await?;
    Ok(Response::new(format!("{}\n", session.get::<u64>("count")?.unwrap_or(0)).into()))
}
