//! Errors say what is known.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! err_cases {
    ($then:path, $args:tt) => {
        $then! { $args Err
        }
    };
}
err_cases!(crate::macros::case_table, ());
