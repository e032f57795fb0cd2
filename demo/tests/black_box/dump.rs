//! Whoever gets hold of what a store keeps gets into no session.

use std::{fs, path::Path};

use crate::{
    browser::Browser,
    secrets::{Secrets, readings},
    server::{Place, lasting_stores},
};

/// A value that is kept in the session, to see that we look in the right place.
const PLANTED: &[u8] = b"planted-value";

#[tokio::test]
async fn no_store_holds_a_byte_of_a_secret() {
    for store in lasting_stores() {
        let place = Place::new();
        let mut server = place.serve(store);
        let mut browser = Browser::new(server.address);
        let (mut secrets, mut dumps) = (Secrets::default(), Vec::new());
        for path in [
            "/start?name=planted-value&first_name=planted-value",
            "/login?user=ada",
            "/count",
            "/renew",
            "/count",
            "/login?user=ada",
        ] {
            browser.get(path).await;
            secrets.add(&browser.cookie);
            // What lies there only while the server runs, such as the log of a database, is read as well.
            dumps.push(dump(&place));
        }
        server.signal("TERM");
        server.wait();
        dumps.push(dump(&place));

        assert_eq!(secrets.len(), 4, "{store}");
        for dump in dumps {
            let is_planted = |reading: &Vec<u8>| reading.windows(PLANTED.len()).any(|part| part == PLANTED);
            assert!(readings(&dump).iter().any(is_planted), "{store}: the dump is not of the sessions");
            assert!(!secrets.are_in(&dump), "{store} holds a part of a secret");
        }
    }
}

/// Returns all bytes of the store's files, or of its rows, and of what the server has logged.
fn dump(place: &Place) -> Vec<u8> {
    let mut kept = place.rows();
    read(place.path(), &mut kept);
    kept
}

/// Appends all bytes of a file, or of the files below a folder; what goes away meanwhile is not there.
fn read(path: &Path, bytes: &mut Vec<u8>) {
    if let Ok(entries) = fs::read_dir(path) {
        for entry in entries {
            read(&entry.unwrap().path(), bytes);
        }
    } else if let Ok(file) = fs::read(path) {
        bytes.extend(file);
    }
}
