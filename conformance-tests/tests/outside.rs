//! A store in a crate of its own, outside of the workspace, joins with the words of the guide.
//!
//! The crate is made of what stands in `CUSTOM_STORE.md` and in `examples/custom_store.rs`, with paths in place of versions, and
//! built offline with the lock file and the target folder of the workspace.

#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

use std::{fs, path::Path, process::Command};

const GUIDE: &str = include_str!("../CUSTOM_STORE.md");
const EXAMPLE: &str = include_str!("../examples/custom_store.rs");

/// The last line of the guide's test, which the other ways in replace.
const SUITE: &str = "conformance_tests::suite!(Mine);";

const MAIN: &str = "fn main() -> std::process::ExitCode { conformance_tests::main(Mine) }";

const CHECK: &str = "#[test]
fn nothing_is_found_about_what_is_absent() {
    let options = conformance_tests::Options::default().only(|case| case.name.contains(\"absent\"));
    let report = pollster::block_on(conformance_tests::check(Mine, options));
    assert!(report.is_clean() && report.tally().passed > 2, \"{report}\");
}";

const EXCEPTIONS: &str = "const CAPS: Capabilities = Capabilities::PLAIN;
    const EXCEPTIONS: &'static [conformance_tests::Exception] = &[conformance_tests::Exception {
        id: \"CRUD-004\",
        reason: \"nothing is ever gone\",
        url: \"https://example.com\",
    }];";

#[test]
fn a_store_outside_of_the_workspace_joins_with_the_words_of_the_guide() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside");
    write_crate(&folder);
    let all = tested(&folder, &["--tests", "--", "absent"]);
    for line in [
        "test crud_004::a_deleted_session_is_absent ... ok",
        "CRUD-004::a_deleted_session_is_absent ... ok",
        "test nothing_is_found_about_what_is_absent ... ok",
        "test crud_004::a_deleted_session_is_absent ... ignored, nothing is ever gone",
        "test obj_003::an_absent_session_takes_no_object ... ignored, the store does not claim `objects`",
    ] {
        assert!(all.contains(line), "there is no line {line:?} in {all}");
    }
    let skipped = tested(&folder, &["--test", "program", "--", "--ignored", "no_object"]);
    let line = "OBJ-003::an_absent_session_takes_no_object ... ignored";
    assert!(skipped.contains(line), "what is skipped is not shown so when it is asked for: {skipped}");
    let compared = tested(&folder, &["--test", "excepted", "the_words"]);
    assert!(compared.contains("test the_words_are_what_the_constant_claims ... ok"), "{compared}");
}

/// Tests the crate, and returns what was shown.
fn tested(folder: &Path, arguments: &[&str]) -> String {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    let cargo = cargo.current_dir(folder).args(["test", "--offline", "--no-fail-fast"]).args(arguments);
    let tested = cargo.env("CARGO_TARGET_DIR", target).output().unwrap();
    let shown =
        [tested.stdout, tested.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(tested.status.success(), "{shown}");
    // Test programs put their lines into columns.
    shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// Writes the crate: the store of the example, and a test for each way in.
fn write_crate(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::create_dir_all(folder.join("tests")).unwrap();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    fs::write(folder.join("Cargo.toml"), manifest(workspace)).unwrap();
    fs::write(folder.join("src/lib.rs"), library()).unwrap();
    assert!(EXAMPLE.lines().count() <= 80, "the guide promises a store in eighty lines");
    let test = block("```rust,ignore\nuse std");
    assert!(test.contains(SUITE) && test.lines().count() <= 20, "the guide promises a dozen lines or so");
    let write = |name: &str, text: String| fs::write(folder.join("tests").join(name), text).unwrap();
    write("conformance.rs", test.clone());
    write("program.rs", test.replace(SUITE, MAIN));
    write("report.rs", test.replace(SUITE, CHECK));
    let excepted = "conformance_tests::suite!(Mine; except crud_004: \"nothing is ever gone\");";
    let plain = "const CAPS: Capabilities = Capabilities::PLAIN;";
    write("excepted.rs", test.replace(plain, EXCEPTIONS).replace(SUITE, excepted));
}

/// The guide's dependencies, found in the workspace, and what a crate needs besides.
fn manifest(workspace: &Path) -> String {
    let path = |name: &str| format!("path = {:?}", workspace.join(name));
    let dependencies = block("```toml\n")
        .replace("session-core = \"0.1\"", &format!("session-core = {{ {} }}", path("session-core")))
        .replace("version = \"0.1\"", &path("conformance-tests"));
    format!(
        "[package]\nname = \"my-store\"\nedition = \"2024\"\n\n{dependencies}pollster = \"1\"\n\n\
         [[test]]\nname = \"program\"\nharness = false\n\n[workspace]\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n"
    )
}

/// The store of the example, under another name and with a way to open it.
fn library() -> String {
    let (uses, rest) = EXAMPLE.split_once("/// Sessions in a map").unwrap();
    let (store, _) = rest.split_once("/// How the suite opens").unwrap();
    let kept =
        |line: &&str| !["//!", "    process", "use conformance"].iter().any(|not| line.starts_with(not));
    let uses = uses.lines().filter(kept).collect::<Vec<_>>().join("\n").replace("Arc, ", "");
    let store = store.replace("struct CustomStore", "pub struct MyStore").replace("CustomStore", "MyStore");
    format!(
        "{uses}\n/// Sessions in a map{store}\nimpl MyStore {{\n    pub async fn open(_: {path}) -> Result<Self> {{\n        \
         Ok(Self::default())\n    }}\n}}\n",
        path = "std::path::PathBuf"
    )
}

/// Returns the code block of the guide that begins like this, from behind its fence.
fn block(beginning: &str) -> String {
    let fence = beginning.find('\n').unwrap() + 1;
    let from = GUIDE.find(beginning).unwrap() + fence;
    let text = &GUIDE[from..];
    text[..text.find("```").unwrap()].to_owned()
}
