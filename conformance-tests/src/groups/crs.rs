//! Killed processes.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! crs_cases {
    ($then:path, $args:tt) => {
        $then! { $args Crs
        }
    };
}
crs_cases!(crate::macros::case_table, ());
