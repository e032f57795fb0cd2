//! The pages in `docs/`: what they point to is there.

#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().into()
}

/// Returns the files below `folder` whose names end so, but for what cargo builds and git keeps.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        let name = name.to_str().unwrap();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(files(&path, ending));
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found
}

fn pages() -> Vec<(PathBuf, String)> {
    let pages: Vec<_> = files(&repository().join("docs"), ".md");
    assert!(pages.len() > 6, "there are more pages than {pages:?}");
    pages.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// Returns what stands between backticks and is a sentence, as the names of tests are.
fn names_of_tests(page: &str) -> impl Iterator<Item = &str> {
    let is_sentence = |text: &&str| {
        text.matches('_').count() > 2
            && !text.starts_with('_')
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    page.split('`').filter(is_sentence)
}

#[test]
fn every_test_that_a_page_names_is_there() {
    let sources: Vec<_> =
        files(&repository(), ".rs").iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let mut named = 0;
    for (path, page) in pages() {
        for name in names_of_tests(&page) {
            let definition = format!("fn {name}(");
            let there = sources.iter().any(|source| source.contains(&definition));
            assert!(there, "{} names {name}, and there is no such test", path.display());
            named += 1;
        }
    }
    assert!(named > 100, "only {named} tests are named");
}

#[test]
fn every_requirement_has_its_row() {
    let page = fs::read_to_string(repository().join("docs/standards.md")).unwrap();
    for number in 1..=48 {
        let row = format!("\n| S{number:02} | ");
        assert_eq!(page.matches(&row).count(), 1, "{row}");
    }
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    for (path, page) in pages() {
        for (link, _) in page.split("](").skip(1).filter_map(|rest| rest.split_once(')')) {
            let (file, _) = link.split_once('#').unwrap_or((link, ""));
            let there = link.starts_with("https://") || path.parent().unwrap().join(file).exists();
            assert!(there, "{} links to {link}, and there is no such file", path.display());
        }
    }
}
