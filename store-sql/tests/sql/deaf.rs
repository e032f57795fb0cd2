//! A way to a server that ends in silence.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::servers::with_authority;

/// Returns a URL by which a server hears everything until somebody says `last`, and whether that was said: from then on
/// nothing is passed on, and nobody hangs up.
pub(crate) async fn relay_until(url: &str, last: &'static [u8]) -> (String, impl Fn() -> bool) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (here, mut server) = (listener.local_addr().unwrap(), String::new());
    let relayed = with_authority(url, |user, host| {
        host.clone_into(&mut server);
        format!("{user}@{here}")
    });
    let is_silent = Arc::new(AtomicBool::new(false));
    let silence = Arc::clone(&is_silent);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            let ((from_client, to_client), (from_server, to_server)) =
                (client.into_split(), server.into_split());
            tokio::spawn(pass_on(from_client, to_server, last, Arc::clone(&silence)));
            tokio::spawn(pass_on(from_server, to_client, b"", Arc::clone(&silence)));
        }
    });
    (relayed, move || is_silent.load(Ordering::Relaxed))
}

async fn pass_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, last: &[u8], silence: Arc<AtomicBool>) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if !last.is_empty() && buffer[..read].windows(last.len()).any(|window| window == last) {
            silence.store(true, Ordering::Relaxed);
        }
        if !silence.load(Ordering::Relaxed) && to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
