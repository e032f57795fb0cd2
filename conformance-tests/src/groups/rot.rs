//! Rotation and login, through the core.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! rot_cases {
    ($then:path, $args:tt) => {
        $then! { $args Rot
        }
    };
}
rot_cases!(crate::macros::case_table, ());
