//! What the system knows of a process or a thread.

use std::fs;

/// Returns a number from the status of a process, or of this thread where it is called `thread-self`; nothing where the system does not
/// say such.
pub(crate) fn status_of(process: &str, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}
