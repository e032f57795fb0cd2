//! The lines of strace as calls of the system that begin and end.

use std::{collections::HashMap, path::PathBuf};

/// Everything that strace saw, in its order.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) events: Vec<Event>,
}

/// A call of the system that begins, or that has ended.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) thread: u32,
    pub(crate) phase: Phase,
    pub(crate) name: String,
    pub(crate) arguments: Vec<Argument>,
    /// What it returned, and for a file that was opened where it is; nothing while it has not ended.
    pub(crate) result: i64,
    pub(crate) opened: Option<PathBuf>,
}

/// Whether a call begins or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Begun,
    Ended,
    Failed,
}

/// A part of what is between the brackets of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// Words and numbers.
    Words(String),
    /// A string, whatever bytes it is made of.
    Bytes(Vec<u8>),
    /// What an open file is, after its number.
    Place(PathBuf),
}

impl Trace {
    /// Parses what strace wrote with `-f -y -xx`.
    pub(crate) fn parse(text: &str) -> Self {
        let (mut trace, mut begun) = (Self::default(), HashMap::new());
        for line in text.lines() {
            let Some((thread, call)) = line.split_once(char::is_whitespace) else { continue };
            let Ok(thread) = thread.parse() else { continue };
            trace.read(thread, call.trim_start(), &mut begun);
        }
        trace
    }

    fn read<'a>(&mut self, thread: u32, call: &'a str, begun: &mut HashMap<u32, &'a str>) {
        if let Some(start) = call.strip_suffix("<unfinished ...>") {
            begun.insert(thread, start);
            self.events.extend(Event::parse(thread, Phase::Begun, start));
        } else if let Some((_, end)) =
            call.strip_prefix("<... ").and_then(|call| call.split_once(" resumed>"))
        {
            let whole = format!("{}{end}", begun.remove(&thread).unwrap_or_default());
            self.events.extend(Event::parse(thread, Phase::Ended, &whole));
        } else if let Some(event) = Event::parse(thread, Phase::Begun, call) {
            self.events.push(event);
            self.events.extend(Event::parse(thread, Phase::Ended, call));
        }
    }
}

impl Event {
    /// Parses a call; one that should have ended is nothing where its process did not live to see that.
    fn parse(thread: u32, phase: Phase, text: &str) -> Option<Self> {
        // So a call ends that was not carried out, because the suite had it fail.
        let text = text.strip_suffix(" (INJECTED)").unwrap_or(text);
        let (name, rest) = text.split_once('(')?;
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return None;
        }
        // Strings are in hexadecimal, so nothing in them looks like the end.
        let (inner, outer) =
            rest.rsplit_once(") ").map_or((rest, ""), |(inner, outer)| (inner, outer.trim_start()));
        let outer = outer.strip_prefix("= ").unwrap_or_default();
        let (number, opened) = outer.split_once('<').map_or((outer, None), |(number, rest)| {
            (number, rest.split_once('>').map(|(path, _)| path_of(&unhex(path))))
        });
        let result = number.split_whitespace().next().and_then(number_of);
        let (phase, result) = match phase {
            Phase::Begun => (phase, 0),
            Phase::Ended | Phase::Failed => match result? {
                result @ 0.. => (Phase::Ended, result),
                result => (Phase::Failed, result),
            },
        };
        Some(Self { thread, phase, name: name.to_owned(), arguments: arguments(inner), result, opened })
    }

    /// Returns the strings, in their order.
    pub(crate) fn strings(&self) -> impl Iterator<Item = &[u8]> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Bytes(bytes) => Some(&**bytes),
            _ => None,
        })
    }

    /// Returns what the open files in the arguments are, in their order.
    pub(crate) fn places(&self) -> impl Iterator<Item = &PathBuf> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Place(path) => Some(path),
            _ => None,
        })
    }

    /// Returns the paths of the arguments: each string beside the open folder before it, if there is one.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        let (mut folder, mut paths) = (None, Vec::new());
        for argument in &self.arguments {
            match argument {
                Argument::Words(_) => {}
                Argument::Place(path) => folder = Some(path.clone()),
                Argument::Bytes(bytes) => {
                    let here = folder.take().or_else(|| std::env::current_dir().ok()).unwrap_or_default();
                    paths.push(here.join(path_of(bytes)));
                }
            }
        }
        paths
    }

    /// Returns the last number among the arguments.
    pub(crate) fn last_number(&self) -> Option<u64> {
        self.arguments.iter().rev().find_map(|argument| match argument {
            Argument::Words(words) => words.rsplit(", ").find_map(|word| word.trim().parse().ok()),
            _ => None,
        })
    }

    /// Returns the words of the arguments.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Words(words) => Some(&**words),
            _ => None,
        })
    }

    pub(crate) fn says(&self, word: &str) -> bool {
        self.words().any(|words| words.contains(word))
    }
}

fn arguments(text: &str) -> Vec<Argument> {
    let (mut arguments, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find(['"', '<']) {
        let (words, quoted) = rest.split_at(at);
        let (open, quoted) = quoted.split_at(1);
        if !words.is_empty() {
            arguments.push(Argument::Words(words.to_owned()));
        }
        let close = if open == "<" { '>' } else { '"' };
        let (inner, left) = quoted.split_once(close).unwrap_or((quoted, ""));
        let bytes = unhex(inner);
        arguments.push(if open == "<" { Argument::Place(path_of(&bytes)) } else { Argument::Bytes(bytes) });
        rest = left;
    }
    if !rest.is_empty() {
        arguments.push(Argument::Words(rest.to_owned()));
    }
    arguments
}

/// Returns what a call returned: a number, or an address in hexadecimal.
fn number_of(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(address) => i64::from_str_radix(address, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Returns the bytes of `\x2f\x61`.
fn unhex(text: &str) -> Vec<u8> {
    text.split("\\x").skip(1).filter_map(|byte| u8::from_str_radix(byte.get(..2)?, 16).ok()).collect()
}

/// Returns a path as the system shows it, which says of a file without a name that it was deleted.
fn path_of(bytes: &[u8]) -> PathBuf {
    let bytes = bytes.strip_suffix(b" (deleted)").unwrap_or(bytes);
    String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = r#"12    openat(AT_FDCWD<\x2f\x61>, "\x62", O_RDWR|O_CREAT, 0600) = 5<\x2f\x61\x2f\x62>
13    pwrite64(5<\x2f\x61\x2f\x62>, "\x29\x20\x3d", 3, 4096 <unfinished ...>
12    renameat(4</x>, "\x62", 4<\x2f\x61>, "\x63") = -1 ENOENT (No such file or directory)
13    <... pwrite64 resumed>)      = 3
12    fsync(5<\x2f\x61\x2f\x62>) = -1 EIO (Input/output error) (INJECTED)
13    fsync(5<\x2f\x61\x2f\x62>)                 = ?
13    +++ killed by SIGKILL +++
"#;

    #[test]
    fn calls_begin_and_end_and_fail() {
        let trace = Trace::parse(LINES);
        let seen: Vec<_> = trace.events.iter().map(|event| (event.name.as_str(), event.phase)).collect();
        let (begun, ended, failed) = (Phase::Begun, Phase::Ended, Phase::Failed);
        assert_eq!(
            seen,
            [
                ("openat", begun),
                ("openat", ended),
                ("pwrite64", begun),
                ("renameat", begun),
                ("renameat", failed),
                ("pwrite64", ended),
                ("fsync", begun),
                ("fsync", failed),
                ("fsync", begun)
            ]
        );
    }

    #[test]
    fn a_file_that_is_mapped_was_mapped() {
        let line = r"12 mmap(NULL, 32768, PROT_READ|PROT_WRITE, MAP_SHARED, 5<\x2f\x61>, 0) = 0x7f4a1c000000";
        let trace = Trace::parse(line);
        assert_eq!(trace.events[1].result, 0x7f4a_1c00_0000);
        assert_eq!(trace.events[1].places().collect::<Vec<_>>(), [&PathBuf::from("/a")]);
    }

    #[test]
    fn arguments_are_bytes_numbers_and_places() {
        let trace = Trace::parse(LINES);
        let opened = &trace.events[1];
        assert_eq!(opened.paths(), [PathBuf::from("/a/b")]);
        assert_eq!((opened.result, opened.opened.clone()), (5, Some("/a/b".into())));
        assert!(opened.says("O_CREAT"));
        let written = &trace.events[5];
        assert_eq!(written.strings().collect::<Vec<_>>(), [b") ="]);
        assert_eq!(written.last_number(), Some(4096));
        assert_eq!(written.places().collect::<Vec<_>>(), [&PathBuf::from("/a/b")]);
    }
}
