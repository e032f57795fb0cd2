//! Recorded histories are linearizable.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! lin_cases {
    ($then:path, $args:tt) => {
        $then! { $args Lin
        }
    };
}
lin_cases!(crate::macros::case_table, ());
