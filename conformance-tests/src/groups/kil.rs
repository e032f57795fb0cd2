//! Killed stays killed, through the core.

mod kill;
mod race;
mod revoke;

use self::{kill::*, race::*, revoke::*};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! kil_cases {
    ($then:path, $args:tt) => {
        $then! { $args Kil
            kil_001 nothing_revives_a_killed_session [];
            kil_002 a_kill_of_a_session_that_was_never_stored_touches_nothing [];
            kil_003 changes_after_a_kill_start_a_new_session [];
            kil_004 a_handler_that_panics_or_is_dropped_has_not_killed [];
            kil_005 a_kill_does_not_wait_for_a_save_under_way [];
            kil_006 what_died_of_age_is_not_revived [];
            kil_007 revoking_ends_every_session_of_an_owner [directory];
            kil_008 what_the_cap_evicted_is_not_revived [cap];
            kil_009 a_kill_whose_answer_was_lost_is_no_success_until_it_is_one [];
        }
    };
}
kil_cases!(crate::macros::case_table, ());

/// How often a case is tried, with another order, other sizes and another configuration each time.
const TURNS: usize = 8;
