//! The suite on store-sql with MariaDB, as one test for each case.

use conformance_tests::stores::MariaDb;

conformance_tests::suite!(MariaDb::new(), directory, cap, reopen, shared, server, process_crash, power_loss,);
