//! What was asked for on the command line.

use conformance_tests::stores::{self, Certifiable};

/// What was asked for on the command line.
pub(crate) struct Arguments {
    /// The stores to certify, all without `--store`.
    pub(crate) wanted: Vec<&'static Certifiable>,
    /// A level of which cases could not be run on this machine does not count as missed.
    pub(crate) accept_not_run: bool,
}

const USAGE: &str = "usage: certify [--store NAME]… [--accept-not-run]";

impl Arguments {
    /// Reads the arguments after the name of the program; `memory` is short for `store-memory`.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut wanted, mut accept_not_run) = (Vec::new(), false);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--store" => {
                    wanted.push(find(&arguments.next().ok_or("`--store` needs the name of a store")?)?);
                }
                "--accept-not-run" => accept_not_run = true,
                _ => return Err(format!("unknown argument `{argument}`; {USAGE}")),
            }
        }
        if wanted.is_empty() {
            wanted = stores::ALL.iter().collect();
        }
        Ok(Self { wanted, accept_not_run })
    }
}

fn find(name: &str) -> Result<&'static Certifiable, String> {
    let found = stores::ALL
        .iter()
        .find(|store| store.name == name || store.name.strip_prefix("store-") == Some(name));
    found.ok_or_else(|| {
        let names: Vec<_> = stores::ALL.iter().map(|store| store.name).collect();
        format!("there is no store `{name}`; there are {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(arguments: &[&str]) -> Result<Vec<&'static str>, String> {
        let parsed = Arguments::parse(arguments.iter().map(|argument| (*argument).to_owned()))?;
        Ok(parsed.wanted.iter().map(|store| store.name).collect())
    }

    #[test]
    fn stores_are_named_in_full_or_in_short_and_all_are_run_without_a_name() {
        assert_eq!(
            names(&["--store", "disk", "--store", "store-memory"]).unwrap(),
            ["store-disk", "store-memory"]
        );
        assert_eq!(names(&["--accept-not-run"]).unwrap().len(), stores::ALL.len());
    }

    #[test]
    fn what_is_not_known_is_refused_with_what_there_is() {
        assert!(names(&["--store", "tape"]).unwrap_err().contains("store-memory, store-disk, store-shelf"));
        assert!(names(&["--store"]).unwrap_err().contains("needs the name"));
        assert!(names(&["--stores"]).unwrap_err().contains("usage"));
    }
}
