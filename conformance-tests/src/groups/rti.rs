//! Runtimes, threads and blocking.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! rti_cases {
    ($then:path, $args:tt) => {
        $then! { $args Rti
        }
    };
}
rti_cases!(crate::macros::case_table, ());
