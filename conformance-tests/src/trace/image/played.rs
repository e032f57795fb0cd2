//! A disk that plays a few lines of strace, and what is left of it.

use super::*;
use crate::trace::Trace;

/// The folder of the store; nothing lies there but what the lines make.
pub(super) const STORE: &str = "/nowhere/store";

/// How many kinds of luck are tried where each change has its own.
pub(super) const SEEDS: u64 = 200;

/// Opens the store's folder and a file in it, whose names last.
pub(super) const FILE_THAT_LASTS: &str = r#"
1 openat(AT_FDCWD</>, "/nowhere/store/a", O_RDWR|O_CREAT, 0600) = 5</nowhere/store/a>
1 fsync(4</nowhere/store>) = 0
"#;

/// Returns a disk with a store's folder whose name lasts, after some more lines.
pub(super) fn disk(lines: &[&str]) -> Disk {
    let mut disk = Disk::of(Path::new(STORE)).unwrap();
    play(&mut disk, "1 mkdir(\"/nowhere/store\", 0700) = 0\n1 fsync(3</nowhere>) = 0");
    lines.iter().for_each(|lines| play(&mut disk, lines));
    disk
}

/// Plays lines of strace in which strings and paths are not in hexadecimal.
pub(super) fn play(disk: &mut Disk, lines: &str) {
    let trace = Trace::parse(&lines.lines().map(hexed).collect::<Vec<_>>().join("\n"));
    assert!(!trace.events.is_empty(), "nothing can be read in {lines}");
    for event in &trace.events {
        disk.play(event);
    }
}

/// Writes what is in quotes or brackets in hexadecimal, as strace does.
fn hexed(line: &str) -> String {
    let (mut hexed, mut close) = (String::new(), None);
    for (at, letter) in line.char_indices() {
        let is_mark = line[at..].starts_with("<unfinished") || line[at..].starts_with("<... ");
        match (close, letter) {
            (Some(end), _) if letter == end => (close, hexed) = (None, hexed + &letter.to_string()),
            (Some('!'), _) => hexed.push(letter),
            (Some(_), _) => hexed += &format!("\\x{:02x}", u32::from(letter)),
            (None, '<') if is_mark => (close, hexed) = (Some('!'), hexed + "<"),
            (None, '"') => (close, hexed) = (Some('"'), hexed + "\""),
            (None, '<') => (close, hexed) = (Some('>'), hexed + "<"),
            (None, _) => hexed.push(letter),
        }
    }
    hexed
}

/// Returns the names in the store's folder and what is in the files.
pub(super) fn left(disk: &Disk, luck: Luck) -> BTreeMap<String, String> {
    let below = |path: &PathBuf| Some(path.strip_prefix("store").ok()?.to_str()?.to_owned());
    let text = |content: &Option<Vec<u8>>| String::from_utf8(content.clone().unwrap_or_default()).unwrap();
    let named = Image::of(disk, luck).0;
    named
        .iter()
        .filter_map(|(path, content)| Some((below(path).filter(|name| !name.is_empty())?, text(content))))
        .collect()
}

pub(super) fn files<const N: usize>(files: [(&str, &str); N]) -> BTreeMap<String, String> {
    files.map(|(name, content)| (name.to_owned(), content.to_owned())).into()
}
