//! A dead session is an absent one.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! exp_cases {
    ($then:path, $args:tt) => {
        $then! { $args Exp
        }
    };
}
exp_cases!(crate::macros::case_table, ());
