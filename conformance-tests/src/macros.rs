//! How the list of cases becomes tables and tests.

/// Makes the table `CASES` of a group out of its list.
macro_rules! case_table {
    (() $group:ident $($id:ident $name:ident [$($need:ident)*];)*) => {
        /// The cases of this group.
        pub(crate) static CASES: &[$crate::Case] = &[$(
            $crate::Case {
                id: {
                    const ID: [u8; stringify!($id).len()] = $crate::macros::upper(stringify!($id));
                    $crate::macros::text(&ID)
                },
                name: stringify!($name),
                group: $crate::Group::$group,
                needs: &[$($crate::capabilities::need!($need)),*],
                run: |ctx| Box::pin($name(ctx)),
            },
        )*];
    };
}
pub(crate) use case_table;

/// Returns `cas_006` as `CAS-006`.
pub(crate) const fn upper<const N: usize>(ident: &str) -> [u8; N] {
    let mut id = [0; N];
    let mut bytes = ident.as_bytes();
    let mut rest: &mut [u8] = &mut id;
    while let ([byte, bytes_left @ ..], [place, places_left @ ..]) = (bytes, rest) {
        *place = if *byte == b'_' { b'-' } else { byte.to_ascii_uppercase() };
        (bytes, rest) = (bytes_left, places_left);
    }
    id
}

/// Returns the text of an id.
pub(crate) const fn text(id: &[u8]) -> &str {
    match std::str::from_utf8(id) {
        Ok(text) => text,
        Err(_) => "",
    }
}

/// Makes one named `#[test]` for each case.
///
/// The first argument is a [`Backend`](crate::Backend), the rest are the words of what it claims, because what is ignored is decided
/// before constants are known; a test of its own compares the words with the constant. A case about something that is not
/// claimed is shown as ignored with the reason. For two stores in one file, put each into a module.
///
/// Cases that the store does not fit stand behind the words, each with the reason that its
/// [`EXCEPTIONS`](crate::Backend::EXCEPTIONS) give: `suite!(Mine, directory; except exp_007: "whole seconds")`.
///
/// ```
/// # use std::sync::Arc;
/// # use conformance_tests::{Backend, Capabilities, Namespace};
/// # use session_core::{Result, Store};
/// # use store_memory::MemoryStore;
/// struct Memory;
///
/// impl Backend for Memory {
///     const NAME: &'static str = "store-memory";
///     const CAPS: Capabilities = Capabilities::PLAIN.directory().objects();
///
///     async fn open(&self, _: &Namespace) -> Result<Arc<dyn Store>> {
///         Ok(Arc::new(MemoryStore::new()))
///     }
/// }
///
/// conformance_tests::suite!(Memory, directory, objects);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! suite {
    ($backend:expr $(, $claim:ident)* $(,)? $(; except $($id:ident: $reason:literal),+ $(,)?)?) => {
        #[test]
        fn the_words_are_what_the_constant_claims() {
            let exceptions: &[(&str, &str)] = &[$($((stringify!($id), $reason)),+)?];
            $crate::__private::compare_claims(&$backend, &[$(stringify!($claim)),*], exceptions);
        }

        #[test]
        fn a_second_process_begins_here() {
            $crate::__private::second_process($backend);
        }

        $crate::__exceptions! { ($) [$($($id $reason)+)?] }
        $crate::for_each_case!($crate::__tests, [$backend; $($claim)*]);
    };
}

/// Makes the macro that makes one test, ignored when the case is an exception.
///
/// A macro cannot compare two names, but a pattern can be made of one.
#[doc(hidden)]
#[macro_export]
macro_rules! __exceptions {
    (($d:tt) [$($id:ident $reason:literal)*]) => {
        macro_rules! __test_unless_excepted {
            $(
                ($d args:tt $id $d name:ident $d needs:tt) => {
                    $crate::__ignored! { @ $reason $id $d name }
                };
            )*
            ($d args:tt $d id:ident $d name:ident $d needs:tt) => {
                $crate::__test! { $d args $d id $d name $d needs }
            };
        }
    };
}

/// Makes the tests of one group.
#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ($args:tt $group:ident $($id:ident $name:ident $needs:tt;)*) => {
        $(__test_unless_excepted! { $args $id $name $needs })*
    };
}

/// Makes one test, ignored when a need is not among the claims.
#[doc(hidden)]
#[macro_export]
macro_rules! __test {
    ([$backend:expr; $($claim:ident)*] $id:ident $name:ident [$($need:ident)*]) => {
        $crate::__test! { @judge [$($need)*] [$($claim)*] [$($claim)*] [$backend] $id $name }
    };
    // All needs are met.
    (@judge [] $left:tt $claims:tt [$backend:expr] $id:ident $name:ident) => {
        mod $id {
            #[allow(unused_imports, reason = "the backend may be named by a path of any kind")]
            use super::*;

            #[test]
            fn $name() {
                $crate::__private::test($backend, stringify!($id), module_path!());
            }
        }
    };
    // What a machine has is known when the test runs.
    (@judge [strace $($needs:ident)*] $left:tt $claims:tt $($rest:tt)*) => {
        $crate::__test! { @judge [$($needs)*] $claims $claims $($rest)* }
    };
    // The first need is the first claim that is left: on to the next need.
    (@judge [directory $($needs:ident)*] [directory $($left:ident)*] $claims:tt $($rest:tt)*) => {
        $crate::__test! { @judge [$($needs)*] $claims $claims $($rest)* }
    };
    (@judge [objects $($needs:ident)*] [objects $($left:ident)*] $claims:tt $($rest:tt)*) => {
        $crate::__test! { @judge [$($needs)*] $claims $claims $($rest)* }
    };
    (@judge [cap $($needs:ident)*] [cap $($left:ident)*] $claims:tt $($rest:tt)*) => {
        $crate::__test! { @judge [$($needs)*] $claims $claims $($rest)* }
    };
    (@judge [reopen $($needs:ident)*] [reopen $($left:ident)*] $claims:tt $($rest:tt)*) => {
        $crate::__test! { @judge [$($needs)*] $claims $claims $($rest)* }
    };
    (@judge [shared $($needs:ident)*] [shared $($left:ident)*] $claims:tt $($rest:tt)*) => {
        $crate::__test! { @judge [$($needs)*] $claims $claims $($rest)* }
    };
    (@judge [folder $($needs:ident)*] [folder $($left:ident)*] $claims:tt $($rest:tt)*) => {
        $crate::__test! { @judge [$($needs)*] $claims $claims $($rest)* }
    };
    (@judge [medium $($needs:ident)*] [medium $($left:ident)*] $claims:tt $($rest:tt)*) => {
        $crate::__test! { @judge [$($needs)*] $claims $claims $($rest)* }
    };
    (@judge [server $($needs:ident)*] [server $($left:ident)*] $claims:tt $($rest:tt)*) => {
        $crate::__test! { @judge [$($needs)*] $claims $claims $($rest)* }
    };
    (@judge [process_crash $($needs:ident)*] [process_crash $($left:ident)*] $claims:tt $($rest:tt)*) => {
        $crate::__test! { @judge [$($needs)*] $claims $claims $($rest)* }
    };
    (@judge [power_loss $($needs:ident)*] [power_loss $($left:ident)*] $claims:tt $($rest:tt)*) => {
        $crate::__test! { @judge [$($needs)*] $claims $claims $($rest)* }
    };
    // The first need is another claim: look further.
    (@judge $needs:tt [$other:ident $($left:ident)*] $claims:tt $($rest:tt)*) => {
        $crate::__test! { @judge $needs [$($left)*] $claims $($rest)* }
    };
    // The first need is none of the claims.
    (@judge [$need:ident $($needs:ident)*] [] $claims:tt [$backend:expr] $id:ident $name:ident) => {
        $crate::__ignored! { $need $id $name }
    };
}

/// Makes one test that is ignored, with the reason, which has to be a literal: the test harness shows no other.
#[doc(hidden)]
#[macro_export]
macro_rules! __ignored {
    (directory $($test:tt)*) => { $crate::__ignored! { @ "the store does not claim `directory`" $($test)* } };
    (objects $($test:tt)*) => { $crate::__ignored! { @ "the store does not claim `objects`" $($test)* } };
    (cap $($test:tt)*) => { $crate::__ignored! { @ "the store does not claim `cap`" $($test)* } };
    (reopen $($test:tt)*) => { $crate::__ignored! { @ "the store does not claim `reopen`" $($test)* } };
    (shared $($test:tt)*) => { $crate::__ignored! { @ "the store does not claim `shared`" $($test)* } };
    (folder $($test:tt)*) => { $crate::__ignored! { @ "the store does not claim `folder`" $($test)* } };
    (medium $($test:tt)*) => { $crate::__ignored! { @ "the store does not claim `medium`" $($test)* } };
    (server $($test:tt)*) => { $crate::__ignored! { @ "the store does not claim `server`" $($test)* } };
    (process_crash $($test:tt)*) => { $crate::__ignored! { @ "the store does not claim `process_crash`" $($test)* } };
    (power_loss $($test:tt)*) => { $crate::__ignored! { @ "the store does not claim `power_loss`" $($test)* } };
    (@ $reason:literal $id:ident $name:ident) => {
        mod $id {
            #[test]
            #[ignore = $reason]
            fn $name() {}
        }
    };
}
