//! The suite on store-shelf, as one test for each case.

use conformance_tests::stores::Shelf;

conformance_tests::suite!(Shelf, directory, cap, reopen, folder, process_crash, power_loss,);
