//! Which requests from other sites carry the cookie.

use serde::{Deserialize, Serialize};

/// Which requests from other sites carry the cookie (RFC 6265bis, `SameSite`).
///
/// With serde `"strict"`, `"lax"` or `"none"`; a capital first letter is understood as well.
///
/// ```
/// use session_core::SameSite;
///
/// assert_eq!(SameSite::default(), SameSite::Lax);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SameSite {
    /// None: a link from another site, too, opens the page as a stranger.
    #[serde(alias = "Strict")]
    Strict,
    /// Links and redirects from other sites, not their forms, frames, images and scripts.
    #[default]
    #[serde(alias = "Lax")]
    Lax,
    /// All of them, for pages that other sites embed; needs `secure`, and protection against forged requests.
    #[serde(alias = "None")]
    None,
}

impl From<SameSite> for cookie::SameSite {
    fn from(same_site: SameSite) -> Self {
        match same_site {
            SameSite::Strict => Self::Strict,
            SameSite::Lax => Self::Lax,
            SameSite::None => Self::None,
        }
    }
}
