//! Random calls answer as a model does.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! mbt_cases {
    ($then:path, $args:tt) => {
        $then! { $args Mbt
        }
    };
}
mbt_cases!(crate::macros::case_table, ());
