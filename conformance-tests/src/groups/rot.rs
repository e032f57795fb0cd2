//! Rotation and login, through the core.

mod login;
mod rotation;
mod unknown;

use self::{login::*, rotation::*, unknown::*};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! rot_cases {
    ($then:path, $args:tt) => {
        $then! { $args Rot
            rot_001 changes_in_flight_across_a_rotation_are_kept [];
            rot_002 of_rotations_that_meet_one_gets_the_cookie [];
            rot_003 a_late_rotation_is_dropped [];
            rot_004 across_a_login_a_request_sees_and_changes_nothing_but_may_kill [];
            rot_005 a_login_that_comes_late_begins_a_session_of_its_own [];
            rot_006 a_rotation_whose_answer_never_arrived_strands_nobody [];
            rot_007 an_unknown_rotation_login_or_first_save_is_settled [];
            rot_008 lists_of_one_round_are_judged_one_by_one [];
            rot_009 a_login_as_another_owner_carries_nothing_over [];
            rot_010 a_crash_leaves_the_session_as_before_or_as_after [];
            rot_011 the_old_ticket_reads_and_adds_until_the_grace_is_over [];
            rot_012 a_wrong_secret_is_shut_out_and_later_a_stranger [];
            rot_013 an_unknown_rotation_that_another_write_overtook_is_replayed_once [];
            rot_014 tickets_of_an_older_secret_key_open_and_move_with_the_next_rotation [];
            rot_015 what_was_kept_before_a_login_is_there_and_nothing_from_after_it [];
            rot_016 a_lost_login_of_a_session_with_an_owner_is_an_error [];
        }
    };
}
rot_cases!(crate::macros::case_table, ());

/// How often a case is tried, with another order, other sizes and another configuration each time.
const TURNS: usize = 8;
