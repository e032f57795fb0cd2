//! The suite on store-memory, as one test for each case.

use conformance_tests::stores::Memory;

conformance_tests::suite!(Memory, directory, objects, cap);
