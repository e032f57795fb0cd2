//! Cookies, through the core.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! coo_cases {
    ($then:path, $args:tt) => {
        $then! { $args Coo
        }
    };
}
coo_cases!(crate::macros::case_table, ());
