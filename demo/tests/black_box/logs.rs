//! What is logged, and what must not be.

use base64::{Engine, engine::general_purpose::URL_SAFE};

use crate::{
    browser::Browser,
    server::{Place, stores},
};

/// How many characters at the end of a ticket hold nothing but its secret.
const SECRET_CHARS: usize = 26;

/// How many bytes of a ticket are its key, which is no secret.
const KEY_BYTES: usize = 16;

const KEY: &str = "a key of thirty-two bytes or more";

#[tokio::test]
async fn no_ticket_value_or_key_is_logged_at_any_level() {
    for store in stores() {
        let place = Place::new();
        let file = place.configuration(&format!("secret_key = \"{KEY}\""));
        let mut server = place.start_logging(&["--store", &place.url(store), "--config", &file], "trace");
        let mut browser = Browser::new(server.address);
        let mut secrets = vec![KEY.to_owned(), "Lovelace".into(), "planted".into()];
        for path in [
            "/count",
            "/login?user=Lovelace",
            "/start?name=Lovelace&first_name=planted",
            "/renew",
            "/slow?ms=0",
            "/slow?ms=planted",
            "/frames",
            "/frames/1/1",
            "/planted",
            "/next",
            "/count",
            "/logout",
        ] {
            let shown = browser.cookie.clone();
            browser.get(path).await;
            secrets
                .extend([shown, browser.cookie.clone()].iter().filter_map(|cookie| secret(cookie)).flatten());
        }
        let mut connection = browser.connect().await;
        for cookie in ["id=planted", "id=\"planted\"; other=planted"] {
            connection.get("/count", cookie).await.unwrap();
        }
        server.signal("TERM");
        server.wait();
        let log = server.log();
        assert!(log.contains("answered") && log.contains("/count"), "{store}: nothing is logged: {log}");
        assert!(secrets.len() > 16, "{store}: too little was planted");
        for secret in secrets {
            assert!(!log.contains(&secret), "{store}: {secret} is logged: {log}");
        }
    }
}

/// Returns the secret of a ticket as it is sent, and as somebody might print it.
fn secret(cookie: &str) -> Option<[String; 2]> {
    let ticket = cookie.strip_prefix("id=")?;
    let secret = URL_SAFE.decode(ticket).unwrap().split_off(KEY_BYTES);
    let hex = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    Some([ticket.get(ticket.len() - SECRET_CHARS..)?.into(), hex])
}
