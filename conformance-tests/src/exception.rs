//! Cases that a store does not fit.

use std::fmt;

/// A case that a store does not fit by design, and why.
///
/// It is shown as skipped with the reason, never as passed, and the level of which it is a part is not shown to be kept.
///
/// ```
/// use conformance_tests::Exception;
///
/// const EXCEPTIONS: &[Exception] = &[Exception {
///     id: "EXP-007",
///     reason: "the server keeps times in whole seconds",
///     url: "https://example.com/issues/7",
/// }];
/// # assert!(EXCEPTIONS[0].to_string().contains("whole seconds"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The id of the case, such as `EXP-007`.
    pub id: &'static str,
    /// Why the store does not fit it.
    pub reason: &'static str,
    /// Where one can read more of it.
    pub url: &'static str,
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store does not fit: {} ({})", self.reason, self.url)
    }
}
