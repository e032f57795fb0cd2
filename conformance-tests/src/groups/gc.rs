//! Sweeping dead sessions.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! gc_cases {
    ($then:path, $args:tt) => {
        $then! { $args Gc
        }
    };
}
gc_cases!(crate::macros::case_table, ());
