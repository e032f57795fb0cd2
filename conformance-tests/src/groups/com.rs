//! Combined commits, through the core.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! com_cases {
    ($then:path, $args:tt) => {
        $then! { $args Com
        }
    };
}
com_cases!(crate::macros::case_table, ());
