//! Whoever gets hold of what a store keeps gets into no session.

use std::{fs, path::Path};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE},
};

use crate::{
    browser::Browser,
    server::{Place, lasting_stores},
};

/// How many bytes of a ticket are its key, which is no secret.
const KEY_BYTES: usize = 16;

/// A value that is kept in the session, to see that we look in the right place.
const PLANTED: &str = "planted-value";

#[tokio::test]
async fn no_store_holds_a_byte_of_a_secret() {
    for store in lasting_stores() {
        let place = Place::new();
        let mut server = place.serve(store);
        let mut browser = Browser::new(server.address);
        let mut tickets = Vec::new();
        for path in [
            &format!("/start?name={PLANTED}&first_name={PLANTED}"),
            "/login?user=ada",
            "/count",
            "/renew",
            "/count",
            "/login?user=ada",
        ] {
            browser.get(path).await;
            tickets.push(browser.cookie.strip_prefix("id=").unwrap().to_owned());
        }
        server.signal("TERM");
        server.wait();

        let mut kept = place.rows();
        read(place.path(), &mut kept);
        kept.extend(decoded(&kept));
        assert!(holds(&kept, PLANTED.as_bytes()), "{store}: the dump is not of the sessions");
        tickets.dedup();
        assert_eq!(tickets.len(), 4, "{store}");
        for ticket in tickets {
            let secret = URL_SAFE.decode(&ticket).unwrap().split_off(KEY_BYTES);
            let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
            // Eight bytes in a row are no accident, wherever they are.
            for part in secret.windows(8) {
                assert!(!holds(&kept, part), "{store} holds a part of a secret");
            }
            for text in [&ticket, &ticket[22..], &hex, &hex.to_uppercase()] {
                assert!(!holds(&kept, text.as_bytes()), "{store} holds a secret as text");
            }
        }
    }
}

/// Appends all bytes of a file, or of the files below a folder.
fn read(path: &Path, bytes: &mut Vec<u8>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            read(&entry.unwrap().path(), bytes);
        }
    } else {
        bytes.extend(fs::read(path).unwrap());
    }
}

/// Returns what is written as base64 among the bytes, as a table has its data.
///
/// Where it begins within a run of its letters cannot be told, so that each of four places is tried.
fn decoded(bytes: &[u8]) -> Vec<u8> {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    let runs = bytes.split(|byte| !is_letter(byte)).filter(|run| run.len() > 32);
    runs.flat_map(|run| (0..4).map(move |start| &run[start..]))
        .flat_map(|run| STANDARD.decode(&run[..run.len() / 4 * 4]).unwrap())
        .collect()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
