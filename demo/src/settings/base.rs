//! What the configuration starts from.

use std::fmt;

use session_tower::Config;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// What the configuration starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// `Config::plain_http()`, for development.
    PlainHttp,
    /// `Config::default()`, behind HTTPS.
    Secure,
}

impl Base {
    /// Returns the base that `--secure`, or its absence, chooses.
    pub(crate) fn chosen(secure: bool) -> Self {
        if secure { Self::Secure } else { Self::PlainHttp }
    }

    /// Adds to `file` what it leaves out, as far as reading alone would not fill it in like this base.
    ///
    /// What a file leaves out is read as in `Config::default()`, from which `Config::plain_http()` differs in these two.
    pub(super) fn complete(self, file: &mut DeTable<'_>) {
        let Config { cookie_name, secure, .. } = self.config();
        for (name, value) in
            [("cookie_name", DeValue::String(cookie_name.into())), ("secure", DeValue::Boolean(secure))]
        {
            file.entry(Spanned::new(0..0, name.into())).or_insert(Spanned::new(0..0, value));
        }
    }

    /// Returns what to use instead in production, or what it needs there.
    pub(crate) fn in_production(self) -> &'static str {
        match self {
            Self::PlainHttp => {
                "for development only: in production use --secure behind HTTPS, and your own secret_keys"
            }
            Self::Secure => {
                "its cookie needs HTTPS: put a proxy with TLS in front, and set your own secret_keys"
            }
        }
    }

    pub(super) fn config(self) -> Config {
        match self {
            Self::PlainHttp => Config::plain_http(),
            Self::Secure => Config::default(),
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PlainHttp => "Config::plain_http()",
            Self::Secure => "Config::default()",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::file;

    #[test]
    fn an_empty_file_is_the_base() {
        for base in [Base::PlainHttp, Base::Secure] {
            assert_eq!(file::parse("", base).unwrap().config, base.config());
        }
    }

    #[test]
    fn a_file_changes_only_what_it_names() {
        for base in [Base::PlainHttp, Base::Secure] {
            let read = file::parse("max_bytes = 2048", base).unwrap().config;
            assert_eq!(read, Config { max_bytes: 2048, ..base.config() });
        }
        let read = file::parse(r#"cookie_name = "shop""#, Base::PlainHttp).unwrap().config;
        assert_eq!(read, Config { cookie_name: "shop".into(), ..Config::plain_http() });
    }
}
