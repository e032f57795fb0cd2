//! The suite on store-disk, as one test for each case.

use conformance_tests::stores::Disk;

conformance_tests::suite!(
    Disk::new().expect("there is room for a temporary folder"),
    directory,
    cap,
    reopen,
    shared,
    folder,
    medium,
    process_crash,
    power_loss,
);
