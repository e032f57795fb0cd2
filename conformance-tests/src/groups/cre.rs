//! Creating a session where there is none.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! cre_cases {
    ($then:path, $args:tt) => {
        $then! { $args Cre
        }
    };
}
cre_cases!(crate::macros::case_table, ());
