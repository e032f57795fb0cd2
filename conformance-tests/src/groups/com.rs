//! Combined commits, through the core.

mod combine;
mod lifetime;
mod model;
mod unknown;

use self::{combine::*, lifetime::*, model::*, unknown::*};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! com_cases {
    ($then:path, $args:tt) => {
        $then! { $args Com
            com_001 a_list_that_answered_unknown_is_never_replayed [];
            com_002 a_dropped_commit_and_a_later_one_apply_once [];
            com_003 everyone_is_answered_whoever_polls_goes_away [];
            com_004 what_fails_in_one_list_fails_its_owner_only [];
            com_005 a_replay_never_shortens_a_lifetime [];
            com_006 take_spares_a_newer_value [];
            com_007 equal_data_writes_nothing [];
            com_008 increments_from_threads_and_processes_add_up [];
            com_009 among_random_faults_every_answer_is_true [];
            com_010 what_certainly_failed_waits_for_the_next_commit [];
            com_011 interleaved_requests_keep_what_a_map_keeps [];
            com_012 a_session_of_exactly_max_bytes_is_kept [];
            com_013 a_key_that_is_taken_is_never_written_over [];
            com_014 a_shorter_timeout_ends_a_session_earlier [];
        }
    };
}
com_cases!(crate::macros::case_table, ());

/// How often a case is tried, with another order, other sizes and another configuration each time.
const TURNS: usize = 8;
