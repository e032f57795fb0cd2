//! What the name of a row says of a store's work.

/// A work of a store, such as `disk: save 1 KiB, 64 tasks`.
#[derive(Debug, PartialEq)]
pub(super) struct Case<'a> {
    /// What is compared, `disk`.
    pub(super) label: &'a str,
    pub(super) work: &'a str,
    pub(super) bytes: u32,
    pub(super) tasks: u32,
    /// How many there are, in a row that shows how cost grows with them.
    pub(super) sessions: Option<u32>,
}

impl<'a> Case<'a> {
    /// Reads the name of a row; others than those of stores have no case.
    pub(super) fn read(name: &'a str) -> Option<Self> {
        let (label, case) = name.split_once(": ")?;
        let mut parts = case.split(", ");
        let mut work = parts.next()?.split(' ');
        let (work, size, unit) = (work.next()?, work.next()?.parse::<u32>().ok()?, work.next()?);
        let bytes = if unit == "KiB" { 1_024 * size } else { size };
        let mut number = || parts.next()?.split(' ').next()?.parse().ok();
        Some(Self { label, work, bytes, tasks: number()?, sessions: number() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_tasks_are_read_from_the_name_of_a_row() {
        let case = |label, work, bytes, tasks| Some(Case { label, work, bytes, tasks, sessions: None });
        assert_eq!(Case::read("disk: save 1 KiB, 64 tasks"), case("disk", "save", 1_024, 64));
        assert_eq!(Case::read("memory, moka: mix 100 B, 1 task"), case("memory, moka", "mix", 100, 1));
        let grown = Case::read("disk: load 1 KiB, 64 tasks, 1000 sessions").unwrap();
        assert_eq!((grown.tasks, grown.sessions), (64, Some(1_000)));
    }

    #[test]
    fn what_is_no_work_of_a_store_is_no_case() {
        assert_eq!(Case::read("counter, disk: p50, one cookie, 64 connections"), None);
        assert_eq!(Case::read("memory: open and read one value, 1 KiB, 64 tasks"), None);
        assert_eq!(Case::read("million: sweep, none expired, SQLite"), None);
    }
}
