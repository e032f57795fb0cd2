//! How long ago something was.

use session_tower::Timestamp;

/// Units that are worth saying, in seconds.
const UNITS: [(u64, &str); 3] = [(86_400, "day"), (3_600, "hour"), (60, "minute")];

/// Says how long before `now` something was, in its largest unit: "3 hours ago".
pub(crate) fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.since(then).as_secs();
    let Some((length, unit)) = UNITS.into_iter().find(|(length, _)| seconds >= *length) else {
        return "less than a minute ago".into();
    };
    match seconds / length {
        1 => format!("1 {unit} ago"),
        many => format!("{many} {unit}s ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_unit_is_said() {
        for (seconds, expected) in [
            (0, "less than a minute ago"),
            (59, "less than a minute ago"),
            (60, "1 minute ago"),
            (7_199, "1 hour ago"),
            (7_200, "2 hours ago"),
            (86_400, "1 day ago"),
            (30 * 86_400, "30 days ago"),
        ] {
            let (then, now) = (Timestamp::from_millis(5), Timestamp::from_millis(5 + seconds * 1_000));
            assert_eq!(ago(then, now), expected);
        }
        assert_eq!(ago(Timestamp::from_millis(5), Timestamp::from_millis(0)), "less than a minute ago");
    }
}
