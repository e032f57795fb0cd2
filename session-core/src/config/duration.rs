//! Durations as people write them: a number of seconds, or a text with a unit.

use std::{fmt, time::Duration};

use serde::{Deserializer, Serializer, de};

/// The longest one, which is all the time there is for a [`Timestamp`](crate::Timestamp).
const MAX: Duration = Duration::from_millis(i64::MAX.cast_unsigned());

const EXAMPLES: &str = r#"such as "500ms", "45s", "15m", "24h" or "30d""#;

/// Writes whole seconds as a number and anything finer in whole milliseconds, so that both read back.
pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    match duration.subsec_millis() {
        0 => serializer.serialize_u64(duration.as_secs()),
        _ => serializer.collect_str(&format_args!("{}ms", duration.as_millis())),
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_any(Visitor)
}

struct Visitor;

impl de::Visitor<'_> for Visitor {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number of seconds, or a text {EXAMPLES}")
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Duration, E> {
        let seconds = u64::try_from(seconds)
            .map_err(|_| E::custom(format_args!("{seconds} seconds are negative: a duration cannot be")))?;
        self.visit_u64(seconds)
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Duration, E> {
        let duration = Duration::from_secs(seconds);
        if duration > MAX {
            return Err(E::custom(format_args!("{seconds} seconds are more than a session can ever live")));
        }
        Ok(duration)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        parse(text).map_err(E::custom)
    }
}

fn parse(text: &str) -> Result<Duration, String> {
    let Some(unit_at) = text.find(|character: char| !character.is_ascii_digit()) else {
        return Err(without_unit(text));
    };
    let (count, unit) = text.split_at(unit_at);
    let unit_millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60 * 1_000,
        "h" => 60 * 60 * 1_000,
        "d" => 24 * 60 * 60 * 1_000,
        _ => return Err(malformed(text)),
    };
    if count.is_empty() {
        return Err(malformed(text));
    }
    // All digits, so the only way to fail is to be too large.
    let millis = count.parse::<u64>().ok().and_then(|count| count.checked_mul(unit_millis));
    let duration = millis.map(Duration::from_millis).filter(|duration| *duration <= MAX);
    duration.ok_or_else(|| format!("{text:?} is more than a session can ever live"))
}

fn without_unit(text: &str) -> String {
    match text {
        "" => malformed(text),
        _ => format!("{text:?} has no unit: write the bare number for seconds, or a text {EXAMPLES}"),
    }
}

fn malformed(text: &str) -> String {
    format!("{text:?} is no duration: write a whole number and its unit, {EXAMPLES}")
}

/// The same for a duration that may be absent.
pub(super) mod optional {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Present(#[serde(with = "super")] Duration);

    pub(in crate::config) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        duration.map(Present).serialize(serializer)
    }

    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let present = Option::<Present>::deserialize(deserializer)?;
        Ok(present.map(|Present(duration)| duration))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Written(#[serde(with = "super")] Duration);

    fn read(json: &str) -> Result<Duration, String> {
        serde_json::from_str(json).map(|Written(duration)| duration).map_err(|error| error.to_string())
    }

    #[test]
    fn seconds_and_units_are_understood() {
        for (json, millis) in [
            ("0", 0),
            ("86400", 86_400_000),
            ("9223372036854775", 9_223_372_036_854_775_000),
            (r#""500ms""#, 500),
            (r#""45s""#, 45_000),
            (r#""15m""#, 900_000),
            (r#""24h""#, 86_400_000),
            (r#""30d""#, 2_592_000_000),
            (r#""007s""#, 7_000),
            (r#""9223372036854775807ms""#, 9_223_372_036_854_775_807),
        ] {
            assert_eq!(read(json), Ok(Duration::from_millis(millis)), "{json}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_to_write() {
        for (json, says) in [
            ("-1", "are negative"),
            ("1.5", "expected a whole number of seconds, or a text such as"),
            ("true", "expected a whole number of seconds"),
            ("null", "expected a whole number of seconds"),
            ("9223372036854776", "more than a session can ever live"),
            ("18446744073709551615", "more than a session can ever live"),
            (r#""""#, "write a whole number and its unit"),
            (r#"" ""#, "write a whole number and its unit"),
            (r#""s""#, "write a whole number and its unit"),
            (r#""86400""#, "has no unit"),
            (r#""-5s""#, "write a whole number and its unit"),
            (r#""+5s""#, "write a whole number and its unit"),
            (r#""1.5h""#, "write a whole number and its unit"),
            (r#""1h30m""#, "write a whole number and its unit"),
            (r#""15 m""#, "write a whole number and its unit"),
            (r#"" 15m""#, "write a whole number and its unit"),
            (r#""15M""#, "write a whole number and its unit"),
            (r#""15min""#, "write a whole number and its unit"),
            (r#""٣s""#, "write a whole number and its unit"),
            (r#""9223372036854775808ms""#, "more than a session can ever live"),
            (r#""99999999999999999999d""#, "more than a session can ever live"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(says), "{json}: {error}");
        }
    }

    #[test]
    fn whole_seconds_are_written_as_a_number() {
        let written = |millis| serde_json::to_string(&Written(Duration::from_millis(millis))).unwrap();
        assert_eq!(written(86_400_000), "86400");
        assert_eq!(written(1_500), r#""1500ms""#);
        assert_eq!(serde_json::to_string(&Written(Duration::from_micros(1_500))).unwrap(), r#""1ms""#);
    }

    proptest! {
        #[test]
        fn whatever_is_written_reads_back(millis in 0..=i64::MAX.cast_unsigned()) {
            let written = Written(Duration::from_millis(millis));
            let json = serde_json::to_string(&written).unwrap();
            prop_assert_eq!(serde_json::from_str::<Written>(&json).unwrap(), written);
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
