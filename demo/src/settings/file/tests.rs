//! What files say, and what is wrong in them.

use std::{num::NonZero, time::Duration};

use session_tower::{SameSite, SecretKey};

use super::*;

const KEY: &str = "a key of thirty-two bytes or more";

fn fault(text: &str) -> String {
    parse(text, Base::PlainHttp).unwrap_err().to_string()
}

#[test]
fn a_file_says_where_sessions_are_and_how_they_behave() {
    let text = format!(
        "store = \"disk:/srv/sessions\"\nmax_sessions = 1000\ntimeout = \"15m\"\nsamesite = \"Strict\"\nsecret_key = \"{KEY}\"\n\
         ignore_expiry = false\nmax_lifetime = 86400\n"
    );
    let file = parse(&text, Base::PlainHttp).unwrap();
    assert_eq!(file.store.unwrap().to_string(), "disk:/srv/sessions");
    assert_eq!(file.cap.map(NonZero::get), Some(1_000));
    let expected = Config {
        timeout: Duration::from_secs(15 * 60),
        max_lifetime: Duration::from_secs(86_400),
        same_site: SameSite::Strict,
        secret_keys: vec![SecretKey::new(KEY).unwrap()],
        ignore_expiry: false,
        ..Config::plain_http()
    };
    assert_eq!(file.config, expected);
}

#[test]
fn the_example_changes_nothing() {
    for base in [Base::PlainHttp, Base::Secure] {
        let file = parse(include_str!("../../../demo.toml"), base).unwrap();
        assert_eq!(file.config, base.config());
        assert_eq!(file.store.unwrap().to_string(), "disk:./sessions");
    }
}

#[test]
fn a_fault_names_line_and_field() {
    for (text, says) in [
        ("\n\ntimeuot = 3", ", line 3, `timeuot`: unknown field"),
        ("# a\ntimeout = \"soon\"", ", line 2, `timeout`: \"soon\" is no duration"),
        ("timeout = 15m", ", line 1, `timeout`: "),
        ("secure = true\ntimeout = -1", ", line 2, `timeout`: -1 seconds are negative"),
        ("secure = \"yes\"", ", line 1, `secure`: invalid type: string \"yes\", expected a boolean"),
        ("\nsame_site = \"LAX\"", ", line 2, `same_site`: unknown variant"),
        ("\ncookie_max_age = \"500ms\"", ", line 2, `cookie_max_age`: less than a second"),
        ("timeout = 1\nmax_bytes = 1", ", line 2, `max_bytes`: "),
        ("timeout = 1\nmax_bytes = -1", ", line 2, `max_bytes`: invalid value"),
        ("timeout = 1\n\nmax_lifetime = \"500ms\"", ", line 3, `max_lifetime`: it is less than `timeout`"),
        ("secure = false\nsamesite = \"none\"", ", line 2, `samesite`: `none` needs `secure`"),
        ("timeout = 1\ntimeout = 2", ", line 2, `timeout`: duplicate key"),
        ("timeout = 1\n[cookie]\nname = 1", ", line 2, `cookie`: unknown field"),
        (
            "timeout = 1\nhttponly = true\nhttp_only = true",
            ", line 3, `http_only`: `http_only` and `httponly` are the same",
        ),
        ("\nstore = \"redis://h\"", ", line 2, `store`: there is no kind of store called `redis:`"),
        ("stroe = \"memory:\"", ", line 1, `stroe`: unknown field `stroe`, expected one of `cookie_name`"),
        ("\nmax_sessions = 0", ", line 2, `max_sessions`: it is no number from 1 on"),
        ("\nmax_sessions = -1", ", line 2, `max_sessions`: it is no number from 1 on"),
        ("\nmax_sessions = \"many\"", ", line 2, `max_sessions`: it is no number from 1 on"),
        ("\nmax_sessions: 3", ", line 2, `max_sessions`: "),
        ("\nstore = true", ", line 2, `store`: it is no text"),
        ("timeout", ", line 1, `timeout`: "),
        ("= 3", ", line 1: "),
        ("timeout = 1\nhunter2: 3", ", line 2: "),
        ("timeout = 1\n  secure: true", ", line 2, `secure`: "),
        ("timeout = 1\nstore: \"memory:\"", ", line 2, `store`: "),
        ("cookie_name = \"__Host-id\"", ", `secure`: a `__Host-` cookie needs it"),
    ] {
        let fault = fault(text);
        assert!(fault.starts_with(says), "{text:?}: {fault}");
        assert_eq!(
            fault.contains("unknown field"),
            fault.ends_with(", `store` or `max_sessions`"),
            "{fault}"
        );
    }
}

#[test]
fn no_fault_shows_a_secret_key() {
    let short = "hunter2hunter2";
    let digits = "90210902109021";
    for (text, says) in [
        (format!("secret_key = \"\"\"\n{short}=\"\"\" {short}"), ", line 2: "),
        (format!("secret_key = \"{short}\""), ", line 1, `secret_key`: a key needs at least"),
        (
            format!("\nsecret_keys = [\"{KEY}\", \"{short}\"]"),
            ", line 2, `secret_keys`: a key needs at least",
        ),
        (
            format!("\nsecret_keys = [\n\"{KEY}\",\n\"{KEY}\"\n]"),
            ", line 2, `secret_keys`: a key is listed twice",
        ),
        (format!("\nsecret_key = {digits}"), ", line 2, `secret_key`: a key is a text in quotation marks"),
        (format!("\nsecret_key = {digits}{digits}"), ", line 2, `secret_key`: a key is a text"),
        (format!("\nsecret_keys = [\n{digits}]"), ", line 2, `secret_keys`: a key is a text"),
        (format!("secret_key = {{ {short} = 1 }}"), ", line 1, `secret_key`: a key is a text"),
        (format!("secret_key.{short} = 1"), ", line 1, `secret_key`: a key is a text"),
        (format!("secret_key = {short}"), ", line 1, `secret_key`: "),
        (format!("secret_key = \"{short}"), ", line 1, `secret_key`: "),
        (format!("secret_key = '{short}\"\ntimeout = 1"), ", line 1, `secret_key`: "),
        (format!("secret_key \"{short}\""), ", line 1, `secret_key`: "),
        (format!("timeout = \"1s\"\nsecret_key: \"{short}\""), ", line 2, `secret_key`: "),
        (
            format!("secret_key = \"{KEY}\"\nsecret_keys = [\"{KEY}\"]"),
            ", line 2, `secret_keys`: `secret_keys` and `secret_key` are the same",
        ),
        (format!("secret_key = \"{KEY}\"\nsecret_key = \"{KEY}\""), ", line 2, `secret_key`: duplicate"),
        (format!("[[secret_key]]\n{short} = 1"), ", line 1, `secret_key`: a key is a text"),
    ] {
        let fault = fault(&text);
        assert!(fault.starts_with(says), "{text:?}: {fault}");
        assert!(!fault.contains(short) && !fault.contains(digits) && !fault.contains(KEY), "{fault}");
    }
}

#[test]
fn secure_on_the_command_line_is_not_undone_by_a_file() {
    let text = "cookie_name = \"id\"\nsecure = false";
    assert!(!parse(text, Base::PlainHttp).unwrap().config.secure);
    let fault = parse(text, Base::Secure).unwrap_err().to_string();
    assert!(fault.starts_with(", line 2, `secure`: it is false, but --secure was given"), "{fault}");
    assert!(parse("cookie_name = \"id\"", Base::Secure).unwrap().config.secure);
}
