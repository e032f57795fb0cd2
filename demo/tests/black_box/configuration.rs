//! The command line and the file.

use std::{collections::BTreeMap, process::Command};

use crate::{
    browser::Browser,
    server::{Place, lasting_stores, stores},
};

const KEY: &str = "a key of thirty-two bytes or more";
const NEW_KEY: &str = "another key of thirty-two bytes or more";

#[tokio::test]
async fn without_options_sessions_are_in_a_folder_for_development() {
    let place = Place::new();
    let server = place.start(&[]);
    assert!(server.line.contains("disk:./sessions and Config::plain_http()"), "{}", server.line);
    assert!(server.line.contains("in production use --secure"), "{}", server.line);
    let mut browser = Browser::new(server.address);
    let header = browser.get("/count").await.header("set-cookie").unwrap().to_owned();
    assert!(header.starts_with("id=") && !header.contains("Secure"), "{header}");
    assert!(place.path().join("sessions").is_dir());
}

#[test]
fn sessions_in_memory_are_said_to_be_this_processs_own() {
    for store in stores() {
        let server = Place::new().serve(store);
        let said = server.line.contains("sessions in memory are this process's own: they end with it");
        assert_eq!(said, store == "memory:", "{}", server.line);
    }
}

#[tokio::test]
async fn secure_is_todays_good_practice() {
    let place = Place::new();
    let server = place.start(&["--secure", "--store", "memory:"]);
    assert!(server.line.contains("memory: and Config::default()"), "{}", server.line);
    let mut browser = Browser::new(server.address);
    let header = browser.get("/count").await.header("set-cookie").unwrap().to_owned();
    assert!(header.starts_with("__Host-id=") && header.contains("Secure"), "{header}");
    assert!(header.contains("HttpOnly") && header.contains("SameSite=Lax"), "{header}");
}

#[tokio::test]
async fn sessions_outlive_a_new_secret_key_as_long_as_the_old_one_is_listed() {
    let keys = |keys: &[&str]| format!("secret_keys = {keys:?}");
    for store in lasting_stores() {
        let place = Place::new();
        let server = place.serve_configured(store, &keys(&[KEY]));
        let mut browser = Browser::new(server.address);
        assert_eq!(browser.count().await, 1, "{store}");
        let mut idle = Browser::new(server.address);
        assert_eq!(idle.count().await, 1, "{store}");
        drop(server);
        let server = place.serve_configured(store, &keys(&[NEW_KEY, KEY]));
        browser = browser.at(&server);
        assert_eq!(browser.count().await, 2, "{store}");
        browser.get("/renew").await;
        drop(server);
        let server = place.serve_configured(store, &keys(&[NEW_KEY]));
        assert_eq!(
            browser.at(&server).count().await,
            3,
            "{store}: it moved to the new key with its new ticket"
        );
        assert_eq!(idle.at(&server).count().await, 1, "{store}: a ticket of the old key opened a session");
    }
}

#[tokio::test]
async fn two_applications_on_one_host_have_a_session_each() {
    for store in stores() {
        let places = [Place::new(), Place::new()];
        let [shop, forum] = [(0, "shop"), (1, "forum")]
            .map(|(place, name)| places[place].serve_configured(store, &format!("cookie_name = \"{name}\"")));
        // A browser sends the cookies of all ports of a host, and keeps one of each name.
        let mut jar = BTreeMap::new();
        for (server, counts) in [(&shop, [1, 2]), (&forum, [1, 2]), (&shop, [3, 4])] {
            for count in counts {
                let cookies: Vec<_> = jar.iter().map(|(name, ticket)| format!("{name}={ticket}")).collect();
                let cookies = cookies.join("; ");
                let mut browser = Browser::new(server.address).with(&cookies);
                assert_eq!(browser.count().await, count, "{store}");
                if browser.cookie != cookies {
                    let (name, ticket) = browser.cookie.split_once('=').unwrap();
                    jar.insert(name.to_owned(), ticket.to_owned());
                }
            }
        }
    }
}

#[tokio::test]
async fn a_file_says_where_and_how_and_the_command_line_comes_first() {
    let place = Place::new();
    let folder = place.path().join("elsewhere");
    let text =
        format!("store = \"disk:{}\"\ncookie_name = \"shop\"\nsecret_key = \"{KEY}\"", folder.display());
    let file = place.configuration(&text);
    let server = place.start(&["--config", &file]);
    assert!(server.line.contains("elsewhere and Config::plain_http(), changed by"), "{}", server.line);
    let mut browser = Browser::new(server.address);
    assert_eq!(browser.count().await, 1);
    assert!(browser.cookie.starts_with("shop="), "{}", browser.cookie);
    assert!(folder.is_dir());
    let server = place.start(&["--config", &file, "--store", "memory:"]);
    assert!(server.line.contains("in memory: and"), "{}", server.line);
    assert_eq!(browser.at(&server).count().await, 1);
}

#[test]
fn a_file_sets_the_cap_and_the_command_line_comes_first() {
    let place = Place::new();
    let file = place.configuration("store = \"memory:\"\nmax_sessions = 1000");
    let server = place.start(&["--config", &file]);
    assert!(server.line.contains("memory:, 1000 at most, and"), "{}", server.line);
    let server = place.start(&["--config", &file, "--max-sessions", "7"]);
    assert!(server.line.contains("memory:, 7 at most, and"), "{}", server.line);
}

#[test]
fn a_bad_file_is_refused_with_its_name_the_line_and_the_field() {
    let place = Place::new();
    for (text, says) in [
        ("\ncookie_nmae = \"id\"", "demo.toml, line 2, `cookie_nmae`: unknown field"),
        ("\n\ntimeout = \"soon\"", "demo.toml, line 3, `timeout`: "),
        ("timeout = 0", "demo.toml, line 1, `timeout`: it is zero"),
        ("# none\nmax_bytes = 1", "demo.toml, line 2, `max_bytes`: "),
        ("timeout = 15m", "demo.toml, line 1, `timeout`: "),
        ("store = \"redis://host\"", "demo.toml, line 1, `store`: there is no kind of store called `redis:`"),
    ] {
        let said = place.refused(&["--config", &place.configuration(text)]);
        assert!(said.contains(says), "{text:?}: {said}");
    }
    let said = place.refused(&["--config", "nowhere.toml"]);
    assert!(said.contains("cannot read nowhere.toml"), "{said}");
    let said = place.refused(&["--secure", "--config", &place.configuration("secure = false")]);
    assert!(said.contains("line 1, `secure`: it is false, but --secure was given"), "{said}");
}

#[test]
fn a_refused_key_is_not_shown() {
    let place = Place::new();
    for value in [
        "\"hunter2hunter2\"",
        "902109021090210",
        "\"hunter2hunter2",
        "hunter2hunter2",
        "[\"hunter2hunter2\"]",
    ] {
        let said = place.refused(&["--config", &place.configuration(&format!("secret_key = {value}"))]);
        assert!(said.contains("demo.toml, line 1, `secret_key`: "), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("90210"), "{said}");
    }
}

#[test]
fn a_store_that_is_none_is_refused_with_what_there_is() {
    let place = Place::new();
    for (url, says) in [
        (
            "redis://me:hunter2@host",
            "there is no kind of store called `redis:`; write memory:, disk:PATH, shelf:PATH, sqlite:PATH, postgres://",
        ),
        ("sessions", "write memory:, disk:PATH, shelf:PATH, sqlite:PATH, postgres://"),
        ("disk:", "something is missing behind the colon; write disk:PATH"),
        ("memory:here", "nothing may follow the colon; write memory:"),
    ] {
        let said = place.refused(&["--store", url]);
        assert!(said.contains("--store: ") && said.contains(says), "{url}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    std::fs::write(place.path().join("file"), "").unwrap();
    let said = place.refused(&["--store", "disk:file"]);
    assert!(said.contains("cannot open disk:file: "), "{said}");
    for scheme in ["postgres", "mysql"] {
        let said = place.refused(&["--store", &format!("{scheme}:me:hunter2@host/sessions")]);
        assert!(said.contains(&format!("cannot open {scheme}: ")) && said.contains("postgres://"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn the_help_names_every_kind_of_store() {
    let help = Command::new(env!("CARGO_BIN_EXE_demo")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for store in ["memory:", "disk:PATH", "shelf:PATH", "sqlite:PATH", "postgres://", "mysql://"] {
        assert!(help.contains(store), "{store}: {help}");
    }
}

#[test]
fn a_port_that_is_taken_is_said_so() {
    let place = Place::new();
    let server = place.serve("memory:");
    let taken = server.address.to_string();
    let said = place.refused_at(&taken, &["--store", "memory:"]);
    assert!(said.contains(&format!("cannot serve at {taken}: ")) && said.contains("--listen"), "{said}");
}
