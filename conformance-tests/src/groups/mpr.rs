//! Two processes on one store.
//!
//! The second process is this program once more. Two processes can share only what outlives one, so the cases need
//! `process_crash` beside `shared`; where a store is not shared, a second process must be refused.

mod beside;
mod crowd;
mod door;
mod held;
mod seen;
mod slow;
mod stopped;

use self::{
    beside::{a_reader_beside_a_writer_sees_whole_sessions, opening_and_closing_disturbs_nobody},
    crowd::{
        a_sweep_spares_what_another_process_keeps_alive, clients_of_two_processes_see_one_order,
        increments_of_two_processes_add_up, one_of_two_creators_wins,
    },
    door::a_second_process_is_let_in_or_refused,
    held::a_killed_process_holds_up_nobody,
    seen::{
        the_directory_shows_what_another_process_wrote, what_one_process_deletes_stays_deleted,
        what_one_process_writes_the_other_sees,
    },
    stopped::{
        a_stopped_process_writes_nothing_stale, a_stopped_sweep_spares_what_was_touched,
        a_stopped_write_revives_nothing,
    },
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! mpr_cases {
    ($then:path, $args:tt) => {
        $then! { $args Mpr
            mpr_001 what_one_process_writes_the_other_sees [shared process_crash];
            mpr_002 increments_of_two_processes_add_up [shared process_crash];
            mpr_003 one_of_two_creators_wins [shared process_crash];
            mpr_004 clients_of_two_processes_see_one_order [shared process_crash];
            mpr_005 what_one_process_deletes_stays_deleted [shared process_crash];
            mpr_006 a_sweep_spares_what_another_process_keeps_alive [shared process_crash];
            mpr_007 a_killed_process_holds_up_nobody [shared process_crash folder strace];
            mpr_008 a_stopped_process_writes_nothing_stale [shared process_crash folder strace];
            mpr_009 the_directory_shows_what_another_process_wrote [shared process_crash directory];
            mpr_010 a_second_process_is_let_in_or_refused [process_crash];
            mpr_011 a_stopped_write_revives_nothing [shared process_crash folder strace];
            mpr_012 a_stopped_sweep_spares_what_was_touched [shared process_crash folder strace];
            mpr_013 a_reader_beside_a_writer_sees_whole_sessions [shared process_crash];
            mpr_014 opening_and_closing_disturbs_nobody [shared process_crash];
        }
    };
}
mpr_cases!(crate::macros::case_table, ());
