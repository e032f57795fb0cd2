//! Nothing secret leaks, nothing foreign is touched.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! sec_cases {
    ($then:path, $args:tt) => {
        $then! { $args Sec
        }
    };
}
sec_cases!(crate::macros::case_table, ());
