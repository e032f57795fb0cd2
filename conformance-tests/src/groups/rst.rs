//! Closing and opening again.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! rst_cases {
    ($then:path, $args:tt) => {
        $then! { $args Rst
        }
    };
}
rst_cases!(crate::macros::case_table, ());
