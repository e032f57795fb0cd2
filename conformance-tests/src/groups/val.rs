//! Any bytes of any length are data.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! val_cases {
    ($then:path, $args:tt) => {
        $then! { $args Val
        }
    };
}
val_cases!(crate::macros::case_table, ());
