//! Where a visitor comes from, where that counts.

use std::net::{IpAddr, Ipv4Addr};

use session_core::{Config, Error, Found, Shut};

use crate::support::{Lab, add_one, finish, finish_quietly};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

fn open_from(
    lab: &Lab,
    cookie: &str,
    address: Option<IpAddr>,
) -> session_core::Result<session_core::Session> {
    pollster::block_on(lab.sessions.open(&[cookie], address))
}

#[test]
fn another_address_is_shut_out_where_that_counts_and_the_session_stays() {
    let lab = Lab::with(Config { ignore_change_ip: false, ..Config::default() });
    let session = open_from(&lab, "", Some(HOME)).unwrap();
    add_one(&session);
    let cookie = finish(&session);

    let shut = open_from(&lab, &cookie, Some(ELSEWHERE)).unwrap();
    assert_eq!(shut.found(), Found::Shut(Shut::Address));
    assert!(shut.is_empty());
    finish_quietly(&shut);
    let home = open_from(&lab, &cookie, Some(HOME)).unwrap();
    assert_eq!((home.found(), home.get::<u64>("count").unwrap()), (Found::Live, Some(1)));
    assert!(matches!(open_from(&lab, &cookie, None), Err(Error::Invalid { what: "client address", .. })));
}

#[test]
fn another_address_is_nothing_special_by_default() {
    let lab = Lab::new();
    let session = open_from(&lab, "", Some(HOME)).unwrap();
    add_one(&session);
    let cookie = finish(&session);
    assert_eq!(open_from(&lab, &cookie, Some(ELSEWHERE)).unwrap().found(), Found::Live);
    assert_eq!(open_from(&lab, &cookie, None).unwrap().found(), Found::Live);
}

#[test]
fn a_late_ticket_from_another_address_is_shut_out_too() {
    let lab = Lab::with(Config { ignore_change_ip: false, ..Config::default() });
    let session = open_from(&lab, "", Some(HOME)).unwrap();
    add_one(&session);
    let cookie = finish(&session);
    let session = open_from(&lab, &cookie, Some(HOME)).unwrap();
    session.rotate();
    finish(&session);
    assert_eq!(open_from(&lab, &cookie, Some(HOME)).unwrap().found(), Found::Late);
    assert_eq!(open_from(&lab, &cookie, Some(ELSEWHERE)).unwrap().found(), Found::Shut(Shut::Address));
}

#[test]
fn a_session_without_an_address_opens_from_nowhere_where_that_counts() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let strict = Lab::on(lab.store, Config { ignore_change_ip: false, ..Config::default() });
    assert_eq!(open_from(&strict, &cookie, Some(HOME)).unwrap().found(), Found::Shut(Shut::Address));
}

#[test]
fn a_login_moves_the_session_to_its_address() {
    let lab = Lab::new();
    let session = open_from(&lab, &lab.visitor(), Some(ELSEWHERE)).unwrap();
    session.login("ada").unwrap();
    finish(&session);
    let listed = pollster::block_on(lab.sessions.owned_by("ada")).unwrap();
    assert_eq!(listed[0].address, Some(ELSEWHERE));
}
