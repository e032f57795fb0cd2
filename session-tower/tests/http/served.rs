//! The layer under axum's own server.

use std::net::SocketAddr;

use session_tower::Config;
use tokio::net::TcpListener;

use crate::support::{World, ask, routes};

#[tokio::test]
async fn axum_tells_the_address_and_sends_the_cookie() {
    let world = World::with(Config { ignore_change_ip: false, ..Config::plain_http() });
    let app = routes().layer(world.layer()).into_make_service_with_connect_info::<SocketAddr>();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });

    let first = ask(server, "").await;
    let (_, cookie) = first.split_once("set-cookie: ").unwrap();
    let (cookie, _) = cookie.split_once(';').unwrap();
    let second = ask(server, cookie).await;
    assert!(first.ends_with("\r\n\r\n1") && second.ends_with("\r\n\r\n2"), "{first}\n{second}");
    serving.abort();
}
