//! The suite on store-disk, as one test for each case.

use conformance_tests::stores::Disk;

conformance_tests::suite!(Disk, directory, cap, reopen, shared, folder, medium, process_crash, power_loss,);
