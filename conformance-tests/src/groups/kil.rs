//! Killed stays killed, through the core.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! kil_cases {
    ($then:path, $args:tt) => {
        $then! { $args Kil
        }
    };
}
kil_cases!(crate::macros::case_table, ());
