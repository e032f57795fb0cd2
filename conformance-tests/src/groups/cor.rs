//! Damaged records are refused.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! cor_cases {
    ($then:path, $args:tt) => {
        $then! { $args Cor
        }
    };
}
cor_cases!(crate::macros::case_table, ());
