//! What must not be in a text.

use session_core::Result;

/// An owner whose name is in no word.
pub(crate) const SECRET_OWNER: &str = "hunter2";

/// Returns the words of an error and of all its causes.
pub(crate) fn words<T>(answer: &Result<T>) -> Vec<String> {
    let Err(error) = answer else { return Vec::new() };
    let mut texts = vec![format!("{error:?}"), error.to_string()];
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        texts.extend([format!("{error:?}"), error.to_string()]);
        cause = error.source();
    }
    texts
}

/// Returns whether a text tells the secret: as it is, as a list of numbers, or in hex.
pub(crate) fn tells(text: &str, secret: &str) -> bool {
    let numbers = secret.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    text.contains(secret) || text.contains(&numbers) || text.to_lowercase().contains(&hex)
}
