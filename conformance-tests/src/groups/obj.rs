//! Live objects end with their session.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! obj_cases {
    ($then:path, $args:tt) => {
        $then! { $args Obj
        }
    };
}
obj_cases!(crate::macros::case_table, ());
