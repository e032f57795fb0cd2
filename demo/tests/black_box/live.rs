//! Objects that are no bytes.

use crate::{
    browser::Browser,
    server::{Place, lasting_stores},
};

async fn loads(browser: &mut Browser) -> u64 {
    let answer = browser.get("/live").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let loads = answer.body.split("<dt>Loads</dt><dd>").nth(1).and_then(|rest| rest.split('<').next());
    loads.expect("the page says how many").parse().unwrap()
}

#[tokio::test]
async fn an_object_lives_in_memory_until_its_session_ends() {
    let place = Place::new();
    let server = place.serve("memory:");
    let (mut ada, mut grace) = (Browser::new(server.address), Browser::new(server.address));
    assert_eq!((loads(&mut ada).await, loads(&mut ada).await), (1, 2));
    assert_eq!(loads(&mut grace).await, 1);
    ada.get("/renew").await;
    ada.get("/login?user=Ada").await;
    assert_eq!(loads(&mut ada).await, 3);
    ada.get("/logout").await;
    assert_eq!(loads(&mut ada).await, 1);
    assert_eq!(loads(&mut grace).await, 2);
}

#[tokio::test]
async fn every_other_store_says_which_one_takes_objects() {
    for store in lasting_stores() {
        let place = Place::new();
        let server = place.serve(store);
        let answer = Browser::new(server.address).get("/live").await;
        assert_eq!(answer.status, 501, "{store}");
        assert!(
            answer.body.contains("this store does not support live objects, store-memory does"),
            "{store}"
        );
    }
}
