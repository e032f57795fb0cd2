//! The suite on store-sql with PostgreSQL, as one test for each case.

use conformance_tests::stores::Postgres;

conformance_tests::suite!(Postgres::new(), directory, cap, reopen, shared, server, process_crash, power_loss,);
