//! Structs as parts of the session: merged, and read across deploys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use session_core::{Error, Typed};

use crate::support::{Lab, commit, finish, finish_quietly};

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Profile {
    visits: u32,
    name: String,
    theme: Option<String>,
}

impl Typed for Profile {
    const NAME: &'static str = "profile";
}

/// The profile as an earlier deploy knew it.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct OldProfile {
    name: String,
    visits: u16,
    beta: bool,
}

impl Typed for OldProfile {
    const NAME: &'static str = Profile::NAME;
}

/// An earlier deploy's profile that keeps what it does not know.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct TolerantProfile {
    visits: u32,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

impl Typed for TolerantProfile {
    const NAME: &'static str = Profile::NAME;
}

#[test]
fn the_default_is_read_and_stores_nothing() {
    let lab = Lab::new();
    let session = lab.open("");
    assert_eq!(session.typed::<Profile>().read().unwrap(), Profile::default());
    finish_quietly(&session);
    assert!(lab.store.keys().is_empty());
}

#[test]
fn two_requests_that_change_different_fields_both_count() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let (one, two) = (lab.open(&cookie), lab.other_process().open(&cookie));
    one.typed::<Profile>().update(|profile| profile.visits += 1).unwrap();
    one.typed::<Profile>().update(|profile| profile.name = "Ada".into()).unwrap();
    two.typed::<Profile>().update(|profile| profile.visits += 1).unwrap();
    two.typed::<Profile>().update(|profile| profile.theme = Some("dark".into())).unwrap();
    finish_quietly(&two);
    finish_quietly(&one);
    let merged = Profile { visits: 2, name: "Ada".into(), theme: Some("dark".into()) };
    assert_eq!(one.typed::<Profile>().read().unwrap(), merged);
    assert_eq!(lab.open(&cookie).typed::<Profile>().read().unwrap(), merged);
}

#[test]
fn a_struct_that_gained_lost_and_widened_fields_reads_what_is_kept() {
    let lab = Lab::new();
    let session = lab.open("");
    let old = OldProfile { name: "Ada".into(), visits: 3, beta: true };
    session.typed::<OldProfile>().replace(&old).unwrap();
    let cookie = finish(&session);
    let session = lab.open(&cookie);
    let profile = session.typed::<Profile>();
    assert_eq!(profile.read().unwrap(), Profile { visits: 3, name: "Ada".into(), theme: None });
    profile.update(|profile| profile.visits += 1).unwrap();
    finish_quietly(&session);
    assert_eq!(lab.open(&cookie).typed::<Profile>().read().unwrap().visits, 4);
}

#[test]
fn a_field_that_this_deploy_lacks_survives_its_update_where_the_struct_keeps_the_rest() {
    let lab = Lab::new();
    let session = lab.open("");
    let kept = Profile { visits: 1, name: "Ada".into(), theme: Some("dark".into()) };
    session.typed::<Profile>().replace(&kept).unwrap();
    let cookie = finish(&session);
    let session = lab.open(&cookie);
    session.typed::<TolerantProfile>().update(|profile| profile.visits += 1).unwrap();
    finish_quietly(&session);
    assert_eq!(lab.open(&cookie).typed::<Profile>().read().unwrap(), Profile { visits: 2, ..kept });
}

#[test]
fn what_is_no_such_struct_is_an_error_and_stays_until_it_is_reset_or_replaced() {
    let lab = Lab::new();
    let session = lab.open("");
    session.insert(Profile::NAME, "planted-marker").unwrap();
    let cookie = finish(&session);
    let session = lab.open(&cookie);
    let profile = session.typed::<Profile>();
    for error in [profile.read().map(drop), profile.update(|profile| profile.visits += 1)] {
        let error = error.unwrap_err();
        assert!(matches!(&error, Error::Type { name, .. } if name == "profile"), "{error}");
        assert!(!format!("{error} {error:?}").contains("planted-marker"));
    }
    commit(&session).unwrap();
    assert_eq!(lab.open(&cookie).get::<String>("profile").unwrap().unwrap(), "planted-marker");

    profile.reset();
    assert_eq!(profile.read().unwrap(), Profile::default());
    session.insert(Profile::NAME, &1).unwrap();
    profile.replace(&Profile { visits: 7, ..Profile::default() }).unwrap();
    finish_quietly(&session);
    assert_eq!(lab.open(&cookie).typed::<Profile>().read().unwrap().visits, 7);
}

#[test]
fn a_field_that_was_gained_without_a_default_is_an_error() {
    #[derive(Debug, Default, Serialize, Deserialize)]
    struct Strict {
        visits: u32,
        email: String,
    }
    impl Typed for Strict {
        const NAME: &'static str = Profile::NAME;
    }
    let lab = Lab::new();
    let session = lab.open("");
    session.typed::<Profile>().update(|profile| profile.visits = 1).unwrap();
    let error = session.typed::<Strict>().read().unwrap_err();
    assert!(matches!(error, Error::Type { .. }), "{error}");
    finish(&session);
}

#[test]
fn a_renamed_field_and_one_that_became_optional_read_what_is_kept() {
    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Renamed {
        #[serde(alias = "name")]
        full_name: String,
        visits: Option<u32>,
    }
    impl Typed for Renamed {
        const NAME: &'static str = Profile::NAME;
    }
    let lab = Lab::new();
    let session = lab.open("");
    session.typed::<Profile>().replace(&Profile { visits: 3, name: "Ada".into(), theme: None }).unwrap();
    let renamed = session.typed::<Renamed>();
    assert_eq!(renamed.read().unwrap(), Renamed { full_name: "Ada".into(), visits: Some(3) });
    renamed.update(|renamed| renamed.visits = None).unwrap();
    assert_eq!(session.typed::<Renamed>().read().unwrap().visits, None);
    finish(&session);
}
