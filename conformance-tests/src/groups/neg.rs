//! What is claimed is there, and nothing else.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! neg_cases {
    ($then:path, $args:tt) => {
        $then! { $args Neg
        }
    };
}
neg_cases!(crate::macros::case_table, ());
