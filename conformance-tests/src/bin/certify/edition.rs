//! Which suite a certificate is of.

use std::fmt::{self, Write};

use conformance_tests::Case;
use sha2::{Digest, Sha256};

/// The suite that was run: its version, and what its cases are.
pub(crate) struct Edition {
    pub(crate) version: &'static str,
    pub(crate) cases: usize,
    /// The SHA-256 in hex over a line `ID title level` for each case, sorted.
    pub(crate) sha256: String,
}

impl Edition {
    /// Returns the edition of this program.
    pub(crate) fn of_this_suite() -> Self {
        let lines: Vec<String> = conformance_tests::cases().map(line).collect();
        Self { version: env!("CARGO_PKG_VERSION"), cases: lines.len(), sha256: digest(lines) }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "suite {}, {} cases, sha256 {}", self.version, self.cases, self.sha256)
    }
}

fn line(case: &Case) -> String {
    format!("{} {} {:?}\n", case.id, case.title(), case.level())
}

fn digest(mut lines: Vec<String>) -> String {
    lines.sort();
    let mut hex = String::new();
    for byte in Sha256::digest(lines.concat()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> String {
        digest(lines.iter().map(|line| (*line).to_owned()).collect())
    }

    #[test]
    fn the_digest_names_the_cases_whatever_their_order() {
        // printf 'CAS-001 a\nCRE-001 b\n' | sha256sum
        let known = "9234f8cffead2731c6ec54310b7446daf70b312c821b6e4552bd120e8f74504e";
        assert_eq!(of(&["CAS-001 a\n", "CRE-001 b\n"]), known);
        assert_eq!(of(&["CAS-001 a\n", "CRE-001 b\n"]), of(&["CRE-001 b\n", "CAS-001 a\n"]));
        assert_ne!(of(&["CAS-001 a\n"]), of(&["CAS-001 b\n"]));
    }
}
