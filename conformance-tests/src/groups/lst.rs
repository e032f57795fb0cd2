//! Listing sessions.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! lst_cases {
    ($then:path, $args:tt) => {
        $then! { $args Lst
        }
    };
}
lst_cases!(crate::macros::case_table, ());
