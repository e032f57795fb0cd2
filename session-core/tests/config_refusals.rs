//! What a configuration refuses, and the presets, which it never does.

use std::time::Duration;

use session_core::{Config, SameSite, SecretKey};

const KEY: &str = "a key of thirty-two bytes or more";
const OTHER_KEY: &str = "another key of thirty-two bytes or more";
const DAY: Duration = Duration::from_secs(86_400);

fn key(text: &str) -> SecretKey {
    SecretKey::new(text).expect("the key is long enough")
}

fn changed(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::default();
    change(&mut config);
    config
}

fn named(name: &str) -> Config {
    changed(|config| config.cookie_name = name.into())
}

/// A configuration whose name promises nothing, so that the other rules can be seen alone.
fn plain(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::plain_http();
    change(&mut config);
    config
}

#[track_caller]
fn assert_refused(config: &Config, field: &str, says: &str) {
    let error = config.validate().expect_err(says).to_string();
    let names_the_field = error.starts_with(&format!("configuration parameter `{field}`: "));
    assert!(names_the_field && error.contains(says), "{field} ({says}): {error}");
}

#[test]
fn every_preset_is_valid() {
    let levels = [Config::aal1(), Config::aal2(), Config::aal3()];
    for config in
        [Config::default(), Config::plain_http(), Config::webpy(), Config::karrigell()].iter().chain(&levels)
    {
        config.validate().unwrap();
    }
}

#[test]
fn the_presets_of_the_assurance_levels_keep_to_their_lifetimes() {
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let level = |timeout, max_lifetime| Config { timeout, max_lifetime, ..Config::default() };
    assert_eq!(Config::aal1(), level(hours(24), hours(30 * 24)));
    assert_eq!(Config::aal2(), level(hours(1), hours(24)));
    assert_eq!(Config::aal3(), level(hours(1) / 4, hours(12)));
}

#[test]
fn the_presets_differ_from_the_default_only_where_they_say() {
    let plain = Config { cookie_name: "id".into(), secure: false, ..Config::default() };
    assert_eq!(Config::plain_http(), plain);
    assert_eq!(Config::webpy(), Config { cookie_name: "webpy_session_id".into(), ..plain.clone() });
    let timeout = Duration::from_secs(900);
    assert_eq!(Config::karrigell(), Config { cookie_name: "sessionId".into(), timeout, ..plain });
}

#[test]
fn names_are_refused_that_no_browser_would_keep_or_that_mislead() {
    for bad in
        ["", "a b", "a;b", "a=b", "a,b", "a\"b", "a\r\nb", "a\0", "ä", "(a)", "[a]", "a/b", "a:b", "a@b"]
    {
        assert_refused(&named(bad), "cookie_name", "is no cookie name");
    }
    named(&"n".repeat(4048)).validate().unwrap();
    assert_refused(&named(&"n".repeat(4049)), "cookie_name", "at most 4048 bytes");
    for alike in [
        "__host-id",
        "__HOST-id",
        "__secure-id",
        "__SeCuRe-id",
        "__http-id",
        "__host-Http-id",
        "__Host-http-id",
    ] {
        assert_refused(&named(alike), "cookie_name", "only looks as if");
    }
    for good in
        ["__Host-id", "__Secure-id", "__Http-id", "__Host-Http-id", "_Host-id", "Host-id", "__Hostid", "$!~"]
    {
        named(good).validate().unwrap();
    }
}

#[test]
fn a_prefix_is_kept_to() {
    let with = |name: &str, change: fn(&mut Config)| {
        changed(|config| {
            config.cookie_name = name.into();
            change(config);
        })
    };
    for name in ["__Host-id", "__Secure-id", "__Http-id", "__Host-Http-id"] {
        assert_refused(&with(name, |config| config.secure = false), "secure", "set it to true");
    }
    for name in ["__Http-id", "__Host-Http-id"] {
        assert_refused(&with(name, |config| config.http_only = false), "http_only", "set it to true");
    }
    for name in ["__Host-id", "__Host-Http-id"] {
        let domain = |config: &mut Config| config.cookie_domain = Some("example.com".into());
        assert_refused(&with(name, |config| config.cookie_path = "/a".into()), "cookie_path", "the path `/`");
        assert_refused(&with(name, domain), "cookie_domain", "leave it out");
    }
    let wide = |config: &mut Config| {
        config.cookie_path = "/a".into();
        config.cookie_domain = Some("example.com".into());
    };
    with("__Secure-id", wide).validate().unwrap();
    with("__Http-id", wide).validate().unwrap();
    with("__Host-id", |config| config.http_only = false).validate().unwrap();
}

#[test]
fn paths_and_domains_are_refused_that_break_the_header_or_mean_nothing() {
    let path = |path: &str| plain(|config| config.cookie_path = path.into());
    for (bad, says) in [
        ("", "begin with `/`"),
        ("a", "begin with `/`"),
        ("/;Domain=evil.example", "percent-encode"),
        ("/a\r\nb", "percent-encode"),
        ("/a b", "percent-encode"),
        ("/ä", "percent-encode"),
        ("/\u{7f}", "percent-encode"),
    ] {
        assert_refused(&path(bad), "cookie_path", says);
    }
    path(&format!("/{}", "p".repeat(1023))).validate().unwrap();
    assert_refused(&path(&format!("/{}", "p".repeat(1024))), "cookie_path", "at most 1024 bytes");

    let domain = |domain: &str| plain(|config| config.cookie_domain = Some(domain.into()));
    for bad in [
        "",
        "a..b",
        "a.",
        "-a.b",
        "a-.b",
        "a b",
        "a;b",
        "a,b",
        "http://a.b",
        "a.b:80",
        "a.b/",
        "ä.de",
        "*.a.b",
        "a_b.c",
        "[::1]",
    ] {
        assert_refused(&domain(bad), "cookie_domain", "is no host name");
    }
    assert_refused(&domain(&format!("{}.com", "a".repeat(64))), "cookie_domain", "is no host name");
    assert_refused(&domain(&["a"; 128].join(".")), "cookie_domain", "is no host name");
    assert_refused(&domain(".example.com"), "cookie_domain", "begins with a dot");
    assert_refused(&domain("127.0.0.1"), "cookie_domain", "an address");
    for good in
        ["example.com", "Example.COM", "localhost", "xn--4ca.example", "3.example", &["a"; 127].join(".")]
    {
        domain(good).validate().unwrap();
    }
}

#[test]
fn every_other_refusal_names_its_field_and_what_to_write() {
    let zero = Duration::ZERO;
    let sliver = Duration::from_micros(999);
    let table = [
        (plain(|c| c.same_site = SameSite::None), "same_site", "needs `secure`"),
        (plain(|c| c.partitioned = true), "partitioned", "needs `secure`"),
        (changed(|c| c.cookie_max_age = Some(zero)), "cookie_max_age", "removes the cookie"),
        (
            changed(|c| c.cookie_max_age = Some(Duration::from_millis(999))),
            "cookie_max_age",
            "removes the cookie",
        ),
        (changed(|c| c.cookie_max_age = Some(401 * DAY)), "cookie_max_age", "400 days"),
        (changed(|c| c.timeout = zero), "timeout", "it is zero"),
        (changed(|c| c.timeout = sliver), "timeout", "it is zero"),
        (changed(|c| c.max_lifetime = zero), "max_lifetime", "it is zero"),
        (changed(|c| c.timeout = 31 * DAY), "max_lifetime", "raise `max_lifetime` or lower `timeout`"),
        (changed(|c| c.touch_interval = zero), "touch_interval", "it is zero"),
        (changed(|c| c.rotation_grace = Duration::from_secs(3601)), "rotation_grace", "at most `1h`"),
        (
            changed(|c| {
                c.rotation_grace = zero;
                c.rotation_interval = Some(zero);
            }),
            "rotation_interval",
            "it is zero",
        ),
        (
            changed(|c| c.rotation_interval = Some(Duration::from_secs(29))),
            "rotation_interval",
            "raise `rotation_interval` or lower",
        ),
        (
            changed(|c| c.secret_keys = vec![key(KEY), key(OTHER_KEY), key(KEY)]),
            "secret_keys",
            "listed twice",
        ),
        (changed(|c| c.max_bytes = 1023), "max_bytes", "at least 1024"),
        (changed(|c| c.store_timeout = zero), "store_timeout", "it is zero"),
    ];
    for (config, field, says) in &table {
        assert_refused(config, field, says);
    }
}

#[test]
fn what_is_just_inside_a_limit_is_accepted() {
    changed(|c| {
        c.same_site = SameSite::None;
        c.partitioned = true;
        c.cookie_max_age = Some(400 * DAY);
        c.timeout = Duration::from_millis(1);
        c.max_lifetime = Duration::from_millis(1);
        c.touch_interval = Duration::from_millis(1);
        c.rotation_grace = Duration::from_secs(3600);
        c.rotation_interval = Some(Duration::from_secs(3600));
        c.secret_keys = vec![key(KEY), key(OTHER_KEY)];
        c.max_bytes = 1024;
        c.store_timeout = Duration::from_millis(1);
    })
    .validate()
    .unwrap();
    changed(|c| {
        c.cookie_max_age = Some(Duration::from_secs(1));
        c.timeout = 30 * DAY;
        c.rotation_grace = Duration::ZERO;
    })
    .validate()
    .unwrap();
}
