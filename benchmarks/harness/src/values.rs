//! What a session holds: the same names and texts for everyone who is compared.

use crate::random::Random;

/// The values of one session, whose last one changes with every save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// Names and texts, in ascending order of names but for the last, which is [`Values::CHANGE`].
    pub pairs: Vec<(String, String)>,
}

impl Values {
    /// The name of the value that changes.
    pub const CHANGE: &'static str = "change";

    /// How long a text is, at most.
    const TEXT_BYTES: usize = 425;
    const CHANGE_BYTES: usize = 16;
    const NAME_BYTES: usize = 8;

    /// Returns values whose names and texts have as many bytes in all, and at least 40: 2 values in 100 or 200 bytes,
    /// 4 in 1 KiB, 20 in 8 KiB. The texts do not compress.
    #[must_use]
    pub fn of(bytes: usize) -> Self {
        let left = bytes.max(40) - Self::CHANGE.len() - Self::CHANGE_BYTES;
        let count = left.div_ceil(Self::NAME_BYTES + Self::TEXT_BYTES);
        let mut random = Random::new(7);
        let mut pairs: Vec<_> = (0..count)
            .map(|n| {
                let share = left / count + usize::from(n < left % count);
                (format!("value_{n:02}"), random.text(share - Self::NAME_BYTES))
            })
            .collect();
        pairs.push((Self::CHANGE.into(), Self::change(0)));
        Self { pairs }
    }

    /// Returns the name of a value that is neither the first nor the last where there are more than two.
    #[must_use]
    pub fn middle(&self) -> &str {
        &self.pairs[(self.pairs.len() - 1) / 2].0
    }

    /// Returns the text of the value that changes, as long as every other such text.
    #[must_use]
    pub fn change(number: u64) -> String {
        format!("{number:016x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_as_many_as_were_asked_for() {
        for (bytes, count) in [(100, 2), (200, 2), (1_024, 4), (8_192, 20)] {
            let values = Values::of(bytes);
            let all: usize = values.pairs.iter().map(|(name, text)| name.len() + text.len()).sum();
            assert_eq!((all, values.pairs.len()), (bytes, count));
        }
    }
}
