//! Where a request comes from.

use std::net::IpAddr;

use http::{Extensions, HeaderMap};

use crate::proxies::Proxies;

/// The address that the connection of a request comes from, as an extension of the request.
///
/// Whoever accepts the connections puts it there. With axum it is not needed: the feature `connect-info` finds
/// `axum::extract::ConnectInfo<SocketAddr>`, for which the application is served with
/// `into_make_service_with_connect_info::<SocketAddr>()`. Where both are there, this one counts.
///
/// ```
/// use session_tower::PeerAddress;
///
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(PeerAddress([127, 0, 0, 1].into()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub IpAddr);

/// Returns the visitor's address: the peer's, or what a listed proxy says.
pub(crate) fn of(headers: &HeaderMap, extensions: &Extensions, proxies: Option<&Proxies>) -> Option<IpAddr> {
    let peer = peer(extensions)?.to_canonical();
    match proxies {
        Some(proxies) => proxies.visitor(peer, headers),
        None => Some(peer),
    }
}

fn peer(extensions: &Extensions) -> Option<IpAddr> {
    match extensions.get() {
        Some(PeerAddress(address)) => Some(*address),
        None => connect_info(extensions),
    }
}

#[cfg(feature = "connect-info")]
fn connect_info(extensions: &Extensions) -> Option<IpAddr> {
    use axum::extract::ConnectInfo;
    extensions.get().map(|ConnectInfo(peer): &ConnectInfo<std::net::SocketAddr>| peer.ip())
}

#[cfg(not(feature = "connect-info"))]
fn connect_info(_: &Extensions) -> Option<IpAddr> {
    None
}
