//! The cookies that a request brings.

/// What stands in for a value that is no text: it is no ticket either.
const NO_TEXT: &str = "\u{fffd}";

/// A browser keeps 180 cookies for a site, so no honest request brings more of one name.
const VALUES_MAX: usize = 180;

/// Returns the values of all cookies called exactly `name` in these `Cookie` headers, in order.
///
/// A value is not decoded and its quotes stay; one that is not UTF-8 comes as U+FFFD. Other cookies never hide
/// ours, whatever bytes they are made of. The work is one pass over the headers without an allocation, and stops
/// after 180 values.
///
/// Split by hand, because the cookie crate trims every kind of Unicode white space: to it a cookie called
/// `\u{2000}__Host-id` has our name, while to the browser it has no prefix, and so any neighbouring host
/// may have planted it.
pub(crate) fn values<'a>(
    name: &str,
    headers: impl IntoIterator<Item = &'a [u8]>,
) -> impl Iterator<Item = &'a str> {
    headers
        .into_iter()
        .flat_map(|header| header.split(|byte| *byte == b';'))
        .filter_map(move |pair| value_of(name, pair))
        .take(VALUES_MAX)
}

fn value_of<'a>(name: &str, pair: &'a [u8]) -> Option<&'a str> {
    let value = trim(trim(pair).strip_prefix(name.as_bytes())?).strip_prefix(b"=")?;
    Some(str::from_utf8(trim(value)).unwrap_or(NO_TEXT))
}

/// Takes off spaces and tabs, which is all that HTTP counts as white space.
fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(headers: &[&'static [u8]]) -> Vec<&'static str> {
        values("__Host-id", headers.iter().copied()).collect()
    }

    #[test]
    fn ours_is_found_by_its_exact_name_and_left_as_it_is() {
        let table: &[(&'static [u8], &[&str])] = &[
            (b"", &[]),
            (b";;; ;=;==", &[]),
            (b"__Host-id", &[]),
            (b"__Host-id=", &[""]),
            (b"__Host-id=a", &["a"]),
            (b"\t __Host-id \t= a \t", &["a"]),
            (b"__Host-id=a=b==", &["a=b=="]),
            (b"__Host-id=\"a\"", &["\"a\""]),
            (b"__Host-id=%41+", &["%41+"]),
            (b"__Host-id=a b", &["a b"]),
            (b"__Host-id=a,__Host-id=b", &["a,__Host-id=b"]),
            (b"__Host-id=a;__Host-id=b; __Host-id=a", &["a", "b", "a"]),
            (b"__host-id=a; __HOST-ID=b", &[]),
            (b"x__Host-id=a; __Host-idx=b; __Host-i=c; \"__Host-id\"=d", &[]),
            (b"=__Host-id=a", &[]),
            (b"__Host%2did=a", &[]),
            (b"x=__Host-id=a", &[]),
            (b"x=\"; __Host-id=a; y=\"", &["a"]),
            (b"\xff\xfe=\xff; \xff; __Host-id=a; z=\xff", &["a"]),
            (b"__Host-id=\xff; __Host-id=a", &["\u{fffd}", "a"]),
            (b"__Host-id=\0; __Host-id=\n", &["\0", "\n"]),
            (b"__Host-id=\xc3\xa4", &["\u{e4}"]),
        ];
        for (header, expected) in table {
            assert_eq!(found(&[header]), *expected, "{}", header.escape_ascii());
        }
    }

    #[test]
    fn white_space_beyond_http_makes_another_name() {
        for space in ["\u{b}", "\u{c}", "\u{85}", "\u{a0}", "\u{2000}", "\u{3000}", "\r", "\n"] {
            let header = format!("{space}__Host-id=a; __Host-id{space}=b");
            assert_eq!(values("__Host-id", [header.as_bytes()]).count(), 0, "{space:?}");
        }
    }

    #[test]
    fn all_headers_count_in_their_order() {
        assert_eq!(found(&[b"__Host-id=a; x=1", b"y=2", b"z=3; __Host-id=b"]), ["a", "b"]);
    }

    #[test]
    fn more_of_one_name_than_a_browser_keeps_are_not_looked_at() {
        let header = "__Host-id=a;".repeat(10_000);
        assert_eq!(values("__Host-id", [header.as_bytes()]).count(), VALUES_MAX);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(name in "[!-~]{1,20}", headers in prop::collection::vec(any::<Vec<u8>>(), 0..4)) {
            let _ = values(&name, headers.iter().map(Vec::as_slice)).count();
        }

        #[test]
        fn junk_hides_nothing(
            before in any::<Vec<u8>>(),
            after in any::<Vec<u8>>(),
            value in "[A-Za-z0-9_-]{48}",
        ) {
            let header = [&before, b"; __Host-id=".as_slice(), value.as_bytes(), b"; ", &after].concat();
            let found: Vec<_> = values("__Host-id", [header.as_slice()]).collect();
            prop_assert_eq!(found, [value.as_str()]);
        }
    }
}
