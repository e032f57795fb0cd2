//! The examples, as a visitor sees them.

#![allow(dead_code, reason = "nobody calls their main here")]

#[path = "../../examples/background.rs"]
mod background;
#[path = "../../examples/counter.rs"]
mod counter;
#[path = "../../examples/hyper.rs"]
mod hyper;
#[path = "../../examples/login.rs"]
mod login;
#[path = "../../examples/typed.rs"]
mod typed;

use std::{fs, path::Path, time::Duration};

use tokio::{net::TcpListener, time::sleep};

use crate::support::{Answer, Browser, ask};

#[tokio::test]
async fn the_counter_counts_and_begins_anew() {
    let browser = Browser::new(counter::application().unwrap());
    for count in ["1\n", "2\n"] {
        assert_eq!(browser.get("/").await.text, count);
    }
    assert_eq!(browser.get("/reset").await.status, 303);
    assert_eq!(browser.get("/").await.text, "1\n");
}

#[tokio::test]
async fn hyper_counts_too() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let serving = async {
        tokio::select! {
            _ = hyper::serve(listener) => panic!("it serves for ever"),
            () = async {
                let first = ask(server, "").await;
                let (_, cookie) = first.split_once("set-cookie: ").unwrap();
                let (cookie, _) = cookie.split_once(';').unwrap();
                let second = ask(server, cookie).await;
                assert!(first.ends_with("\r\n\r\n1\n") && second.ends_with("\r\n\r\n2\n"), "{first}\n{second}");
            } => {}
        }
    };
    serving.await;
}

#[tokio::test]
async fn a_cart_is_filled_by_whoever_adds() {
    let browser = Browser::new(typed::application().unwrap());
    let empty = "Cart { items: {}, gift: false }\n";
    assert_eq!(browser.get("/").await.text, empty);
    assert_eq!(browser.cookie(), None);
    for path in ["/add/apples", "/add/apples", "/add/pears", "/gift"] {
        assert_eq!(browser.get(path).await.status, 303);
    }
    assert_eq!(browser.get("/").await.text, "Cart { items: {\"apples\": 2, \"pears\": 1}, gift: true }\n");
    assert_eq!(browser.other().get("/").await.text, empty);
}

fn csrf(page: &Answer) -> String {
    let (_, value) = page.text.split_once("name=\"csrf\" value=\"").unwrap();
    value[..64].into()
}

#[tokio::test]
async fn a_login_and_a_renewal_put_a_new_ticket_in_force_and_a_logout_ends_the_session() {
    let browser = Browser::new(login::application().unwrap());
    let page = browser.get("/").await;
    let before = browser.cookie();
    let form =
        |user: &str, password: &str, csrf: &str| format!("user={user}&password={password}&csrf={csrf}");
    let wrong = browser.post("/login", &form("ada", "byron", &csrf(&page))).await;
    assert_eq!((wrong.status.as_u16(), browser.cookie()), (401, before.clone()));
    let theirs = browser.other().get("/").await;
    assert_eq!(browser.post("/login", &form("ada", "lovelace", &csrf(&theirs))).await.status, 403);
    assert!(browser.get("/").await.text.contains("not logged in"));

    assert_eq!(browser.post("/login", &form("ada", "lovelace", &csrf(&page))).await.status, 303);
    let logged_in = browser.cookie();
    let home = browser.get("/").await;
    assert!(home.text.contains("logged in as ada") && logged_in != before, "{}", home.text);
    // A page from before the login is worth nothing after it.
    assert_eq!(browser.post("/renew", &format!("csrf={}", csrf(&page))).await.status, 403);
    let old = browser.other();
    old.set_cookie(&before.unwrap());
    assert!(!old.get("/").await.text.contains("as ada"));

    assert_eq!(browser.post("/renew", &format!("csrf={}", csrf(&home))).await.status, 303);
    assert_ne!(browser.cookie(), logged_in);
    // The page from before the renewal is still good.
    assert_eq!(browser.post("/logout", &format!("csrf={}", csrf(&home))).await.status, 303);
    assert_eq!(browser.cookie(), None);
    old.set_cookie(&logged_in.unwrap());
    assert!(old.get("/").await.text.contains("not logged in"));
}

#[tokio::test(start_paused = true)]
async fn a_task_goes_on_after_the_response_until_the_session_is_forgotten() {
    let browser = Browser::new(background::application().unwrap());
    assert!(browser.get("/").await.text.contains("Nothing was started"));
    browser.get("/start").await;
    // The clock of the runtime is paused, and jumps to whatever happens next.
    for (milliseconds, done) in
        [(100, "0 of 10"), (1_000, "2 of 10"), (10_000, "10 of 10"), (1_000, "10 of 10")]
    {
        sleep(Duration::from_millis(milliseconds)).await;
        assert!(browser.get("/").await.text.contains(done), "{done}");
    }
    browser.get("/start").await;
    let cookie = browser.cookie().unwrap();
    browser.get("/forget").await;
    sleep(Duration::from_secs(2)).await;
    browser.set_cookie(&cookie);
    assert!(browser.get("/").await.text.contains("Nothing was started"));
}

#[test]
fn every_example_is_short_driven_here_and_begins_with_its_command() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let driven = fs::read_to_string(here.join("tests/http/examples.rs")).unwrap();
    for entry in fs::read_dir(here.join("examples")).unwrap() {
        let path = entry.unwrap().path();
        let (name, text) = (path.file_stem().unwrap().to_str().unwrap(), fs::read_to_string(&path).unwrap());
        let command = format!("//! `cargo run -p session-tower --example {name}`");
        assert!(text.starts_with(&command), "{name} does not begin with {command}");
        assert!(text.lines().count() < 100, "{name} has {} lines", text.lines().count());
        assert!(
            driven.contains(&format!("{name}::application()")) || driven.contains(&format!("{name}::serve("))
        );
    }
}
