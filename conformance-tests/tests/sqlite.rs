//! The suite on store-sql with SQLite, as one test for each case.

use conformance_tests::stores::Sqlite;

conformance_tests::suite!(Sqlite, directory, cap, reopen, shared, folder, process_crash, power_loss,);
