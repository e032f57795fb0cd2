//! Every 16 bytes are a key.

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! key_cases {
    ($then:path, $args:tt) => {
        $then! { $args Key
        }
    };
}
key_cases!(crate::macros::case_table, ());
