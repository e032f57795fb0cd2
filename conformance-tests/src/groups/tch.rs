//! Touching moves the times and nothing else.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! tch_cases {
    ($then:path, $args:tt) => {
        $then! { $args Tch
        }
    };
}
tch_cases!(crate::macros::case_table, ());
