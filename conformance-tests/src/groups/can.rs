//! Dropped futures.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! can_cases {
    ($then:path, $args:tt) => {
        $then! { $args Can
        }
    };
}
can_cases!(crate::macros::case_table, ());
