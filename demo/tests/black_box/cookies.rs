//! Cookies that the demo did not make, or not like that.

use crate::{
    browser::{Browser, number},
    client::Answer,
    server::{Place, stores},
};

/// As long as a ticket and spelled like one, but nobody was given it.
const UNKNOWN: &str = "AAECAwQFBgcICQoLDA0ODwAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// How many characters of a ticket hold nothing but the session's key.
const KEY_CHARS: usize = 21;

fn hostile() -> Vec<Vec<u8>> {
    let texts = [
        "/etc/passwd",
        "../../x",
        "%0A",
        "%0D%0ASet-Cookie: id=x",
        "\"",
        "\"quoted\"",
        "'; drop table sessions; --",
        "<script>",
        "",
        "=",
        UNKNOWN,
        &UNKNOWN[1..],
    ];
    let mut values: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    values.push(vec![b'a'; 5_000]);
    values.push(format!("\"{UNKNOWN}\"").into_bytes());
    values.push(vec![0xff, 0xfe]);
    values
}

async fn send(browser: &Browser, cookies: &[&[u8]]) -> Answer {
    let mut connection = browser.connect().await;
    connection.send("GET", "/count", cookies).await.unwrap()
}

#[tokio::test]
async fn a_hostile_cookie_starts_a_fresh_session_and_is_never_adopted() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let browser = Browser::new(server.address);
        for value in hostile() {
            let shown = format!("{store} {}", String::from_utf8_lossy(&value));
            let cookie = [b"id=", value.as_slice()].concat();
            let first = send(&browser, &[&cookie]).await;
            assert_eq!(number(&first), 1, "{shown}");
            let ticket = first.cookie().unwrap().strip_prefix("id=").unwrap().to_owned();
            assert_ne!(ticket.as_bytes(), value, "{shown}");
            assert_ne!(ticket.get(..KEY_CHARS).unwrap(), &UNKNOWN[..KEY_CHARS], "{shown}");
            assert_eq!(number(&send(&browser, &[&cookie]).await), 1, "{shown}");
            assert_eq!(browser.with(&format!("id={ticket}")).count().await, 2, "{shown}");
        }
    }
}

#[tokio::test]
async fn a_nul_is_refused_before_it_is_a_cookie() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut browser = Browser::new(server.address);
        let answer = send(&browser, &[b"id=a\0b"]).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (400, None), "{store}");
        assert_eq!(browser.count().await, 1, "{store}");
    }
}

#[tokio::test]
async fn a_malformed_cookie_beside_the_good_one_does_not_hide_it() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut browser = Browser::new(server.address);
        let mut count = browser.count().await;
        let good = browser.cookie.clone().into_bytes();
        for value in hostile() {
            let bad = [b"id=", value.as_slice()].concat();
            let (before, after) = ([&bad, &b"; "[..], &good].concat(), [&good, &b"; "[..], &bad].concat());
            let arrangements: [&[&[u8]]; 4] = [&[&before], &[&after], &[&bad, &good], &[&good, &bad]];
            for cookies in arrangements {
                count += 1;
                let answer = send(&browser, cookies).await;
                assert_eq!(number(&answer), count, "{store} {}", String::from_utf8_lossy(&value));
                assert_eq!(answer.header("set-cookie"), None, "{store}");
            }
        }
    }
}
