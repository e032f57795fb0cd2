//! Files that a process makes elsewhere than in its folder.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use super::{Event, Phase, Trace};

/// Places that are no medium.
const NO_MEDIUM: [&str; 3] = ["/dev", "/proc", "/sys"];

/// Returns the files outside of `folder` that were opened so that they are there from then on.
pub(crate) fn files_made_outside(trace: &Trace, folder: &Path) -> Vec<PathBuf> {
    // strace names what is open without any links on the way.
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let made = trace.events.iter().filter(|event| event.phase == Phase::Ended && makes_a_file(event));
    let mut outside: Vec<_> = made.filter_map(|event| event.opened.clone()).collect();
    outside.retain(|path| {
        !path.starts_with(&folder) && !NO_MEDIUM.iter().any(|elsewhere| path.starts_with(elsewhere))
    });
    // What is removed at once, as by a database that sorts, is no file of the store.
    outside.retain(|path| path.exists() || is_moved(trace, path));
    outside
}

fn is_moved(trace: &Trace, path: &Path) -> bool {
    let Some(name) = path.file_name().map(OsStr::as_encoded_bytes) else { return false };
    let moves = trace.events.iter().filter(|event| event.name.starts_with("rename"));
    moves.flat_map(Event::strings).any(|text| text.ends_with(name))
}

fn makes_a_file(event: &Event) -> bool {
    match event.name.as_str() {
        "open" | "openat" | "openat2" => event.says("O_CREAT"),
        name => name == "creat",
    }
}
