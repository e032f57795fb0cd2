//! The name of a table.

use session_core::{Error, Result};

/// The name of a table, checked so that it can stand in a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table(String);

impl Table {
    /// So that the names of its indexes are short enough for every database.
    const CHARS_MAX: usize = 48;

    pub(crate) fn parse(name: &str) -> Result<Self> {
        let refused = |why| Err(Error::Invalid { what: "name of the table", why });
        match name.as_bytes() {
            [] => refused("it is empty"),
            [b'0'..=b'9', ..] => refused("it begins with a digit"),
            all if all.len() > Self::CHARS_MAX => refused("it has more than 48 characters"),
            all if !all.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') => {
                refused("it has other characters than letters of ASCII, digits and underscores")
            }
            _ => Ok(Self(name.to_owned())),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    /// Returns it as an identifier.
    pub(crate) fn quoted(&self, quote: char) -> String {
        format!("{quote}{}{quote}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_letters_digits_and_underscores() {
        for name in ["sessions", "_s", "Sessions_2", &"s".repeat(48)] {
            assert_eq!(Table::parse(name).unwrap().name(), name);
        }
        for name in ["", "2s", "a b", "a\"b", "a`b", "a'b", "a;b", "a.b", "é", "a\0", &"s".repeat(49)] {
            assert!(matches!(Table::parse(name), Err(Error::Invalid { .. })), "{name:?}");
        }
    }
}
