//! How a configuration is read and shown.

use std::time::Duration;

use session_core::{Config, Error, SameSite, SecretKey};

const KEY: &str = "a key of thirty-two bytes or more";
const OTHER_KEY: &str = "another key of thirty-two bytes or more";

fn key(text: &str) -> SecretKey {
    SecretKey::new(text).expect("the key is long enough")
}

fn read(json: &str) -> Result<Config, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

#[test]
fn the_default_is_what_its_documentation_says() {
    let dump = serde_json::to_value(Config::default()).unwrap();
    let documented = serde_json::json!({
        "cookie_name": "__Host-id", "cookie_domain": null, "cookie_path": "/", "same_site": "lax",
        "http_only": true, "secure": true, "partitioned": false, "cookie_max_age": null,
        "timeout": 86_400, "max_lifetime": 2_592_000, "touch_interval": 60, "rotation_grace": 30, "rotation_interval": null,
        "ignore_expiry": true, "ignore_change_ip": true, "expired_message": "Session expired",
        "max_bytes": 65_536, "store_timeout": 5,
    });
    assert_eq!(dump, documented);
    assert!(Config::default().secret_keys.is_empty());
}

#[test]
fn the_manuals_names_are_understood() {
    let config = read(&format!(
        r#"{{ "cookie_name": "webpy_session_id", "cookie_domain": null, "timeout": 86400, "ignore_expiry": true,
             "ignore_change_ip": true, "secret_key": "{KEY}", "expired_message": "Session expired",
             "httponly": true, "secure": false, "samesite": "Lax" }}"#
    ));
    assert_eq!(config.unwrap(), Config { secret_keys: vec![key(KEY)], ..Config::webpy() });
}

#[test]
fn several_secret_keys_keep_their_order() {
    let config = read(&format!(r#"{{ "secret_keys": ["{OTHER_KEY}", "{KEY}"] }}"#)).unwrap();
    assert_eq!(config.secret_keys, [key(OTHER_KEY), key(KEY)]);
    assert_ne!(config.secret_keys, [key(KEY), key(OTHER_KEY)]);
}

#[test]
fn what_cannot_be_read_is_an_error_that_says_why() {
    let both = format!(r#"{{ "secret_key": "{KEY}", "secret_keys": ["{KEY}"] }}"#);
    for (json, says) in [
        (r#"{ "cookie_nam": "id" }"#, "unknown field `cookie_nam`"),
        (r#"{ "cookieless": true }"#, "unknown field `cookieless`"),
        (r#"{ "timeout": "soon" }"#, "is no duration"),
        (r#"{ "cookie_max_age": "-1d" }"#, "is no duration"),
        (r#"{ "same_site": "LAX" }"#, "unknown variant"),
        (r#"{ "secret_key": "short" }"#, "at least 32 bytes"),
        (r#"{ "secret_keys": ["short"] }"#, "at least 32 bytes"),
        (r#"{ "secret_key": "fLjUfxqXtfNoIldA0A0J" }"#, "web.py publishes"),
        (r#"{ "secret_key": true }"#, "expected a secret key as text"),
        (&both, "duplicate field `secret_keys`"),
    ] {
        let error = read(json).unwrap_err();
        assert!(error.contains(says), "{json}: {error}");
        assert!(!error.contains(KEY) && !error.contains("short") && !error.contains("fLjU"), "{error}");
    }
}

#[test]
fn a_dump_shows_no_key_and_reads_back() {
    let config = Config {
        secret_keys: vec![key(KEY)],
        cookie_max_age: Some(Duration::from_secs(86_400)),
        store_timeout: Duration::from_millis(1_500),
        same_site: SameSite::Strict,
        ..Config::default()
    };
    let dump = serde_json::to_string(&config).unwrap();
    assert!(!dump.contains("secret") && !dump.contains(KEY), "{dump}");
    assert!(!format!("{config:?}").contains(KEY));
    assert_eq!(read(&dump).unwrap(), Config { secret_keys: Vec::new(), ..config });
}

#[test]
fn a_weak_secret_key_is_refused_and_never_shown() {
    assert!(SecretKey::new([7; 32]).is_ok());
    let published = "fLjUfxqXtfNoIldA0A0J";
    for weak in ["", "short", &"k".repeat(31), published, &published.repeat(2)] {
        let error = SecretKey::new(weak).unwrap_err();
        assert!(matches!(&error, Error::Config { field: "secret_keys", .. }), "{error}");
        assert!(weak.is_empty() || !format!("{error} {error:?}").contains(weak), "{error:?}");
    }
    assert_eq!(format!("{:?}", key(KEY)), "SecretKey(..)");
}
