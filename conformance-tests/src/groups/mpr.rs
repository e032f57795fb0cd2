//! Two processes on one store.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! mpr_cases {
    ($then:path, $args:tt) => {
        $then! { $args Mpr
        }
    };
}
mpr_cases!(crate::macros::case_table, ());
