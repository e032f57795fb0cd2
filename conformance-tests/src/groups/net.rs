//! A server behind a line that breaks.
//!
//! A proxy stands between the store and its server. It breaks the line after any byte of a call, and what the call
//! answered is compared with what is there: `Ok` was done, `NotApplied` was not, `Unknown` may be either, and nothing else
//! is an answer. Then the store must answer again.
//!
//! A call is broken after every byte each way when it takes at most 96 bytes that way. Of a longer one, after each of
//! the first 48, the last 16, and 16 between in every run; after the others as far as the effort goes, in an order that the
//! seed decides.

mod call;
mod calm;
mod crowd;
mod cut;
mod lane;
mod quiet;
mod scene;
mod spots;

use self::{
    calm::an_answer_byte_by_byte_is_whole,
    crowd::clients_of_a_breaking_line_see_one_order,
    cut::{
        a_call_that_is_reset_is_told_like_one_that_is_cut,
        a_call_without_a_connection_is_told_as_far_as_it_is_known,
        a_cut_creation_is_told_as_far_as_it_is_known, a_cut_delete_is_told_as_far_as_it_is_known,
        a_cut_list_is_whole_or_a_failure, a_cut_load_finds_what_is_there_or_fails,
        a_cut_save_is_told_as_far_as_it_is_known, a_cut_sweep_is_told_as_far_as_it_is_known,
        a_cut_touch_is_told_as_far_as_it_is_known, a_server_that_never_answers_is_given_up,
    },
    quiet::{a_late_answer_is_nobody_elses, a_server_that_is_away_may_come_back},
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! net_cases {
    ($then:path, $args:tt) => {
        $then! { $args Net
            net_001 a_cut_load_finds_what_is_there_or_fails [server];
            net_002 a_cut_creation_is_told_as_far_as_it_is_known [server];
            net_003 a_cut_save_is_told_as_far_as_it_is_known [server];
            net_004 a_cut_touch_is_told_as_far_as_it_is_known [server];
            net_005 a_cut_delete_is_told_as_far_as_it_is_known [server];
            net_006 a_cut_sweep_is_told_as_far_as_it_is_known [server];
            net_007 a_cut_list_is_whole_or_a_failure [server directory];
            net_008 a_call_without_a_connection_is_told_as_far_as_it_is_known [server];
            net_009 a_call_that_is_reset_is_told_like_one_that_is_cut [server];
            net_010 a_server_that_never_answers_is_given_up [server];
            net_011 a_late_answer_is_nobody_elses [server];
            net_012 a_server_that_is_away_may_come_back [server];
            net_013 clients_of_a_breaking_line_see_one_order [server];
            net_014 an_answer_byte_by_byte_is_whole [server];
        }
    };
}
net_cases!(crate::macros::case_table, ());
