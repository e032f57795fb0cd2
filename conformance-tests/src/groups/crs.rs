//! Killed processes, lost power, and a medium that fails.
//!
//! What a store does between two calls is not known, so it is watched: a first run shows every step that a call takes in the
//! folder of the store, and then the process is killed before each of them. For the loss of power the steps are played on a
//! [`Disk`](crate::trace::Disk) that keeps what was synced and nothing else for certain, and the store is opened on what is left.

mod aftermath;
mod dead;
mod failing;
mod kill;
mod ledger;
mod load;
mod looking;
mod opening;
mod power;
mod recovery;
mod room;
mod scene;
mod state;

use self::{
    failing::{
        first_sessions_and_sweeps_on_a_failing_medium_are_answered_as_they_are,
        what_a_failing_medium_does_is_answered_as_it_is,
    },
    kill::killed_before_every_step,
    load::a_killed_process_keeps_every_acknowledged_write,
    looking::what_cannot_be_read_is_not_absent,
    opening::an_opening_that_is_killed_loses_nothing,
    power::{
        large_records_outlive_the_power, what_was_acknowledged_outlives_the_power,
        writes_that_share_a_sync_outlive_the_power,
    },
    recovery::what_follows_a_kill_outlives_the_power,
    room::what_finds_no_room_in_a_file_is_answered_as_it_is,
    scene::Verb,
};
use crate::{ctx::Ctx, outcome::Outcome};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! crs_cases {
    ($then:path, $args:tt) => {
        $then! { $args Crs
            crs_001 a_killed_creation_leaves_nothing_or_the_session [process_crash folder strace];
            crs_002 a_killed_save_leaves_the_old_session_or_the_new [process_crash folder strace];
            crs_003 a_killed_touch_leaves_the_old_times_or_the_new [process_crash folder strace];
            crs_004 a_killed_delete_leaves_the_session_or_nothing [process_crash folder strace];
            crs_005 a_killed_sweep_spares_the_living [process_crash folder strace];
            crs_006 an_opening_that_is_killed_loses_nothing [process_crash folder strace];
            crs_007 a_killed_process_keeps_every_acknowledged_write [process_crash];
            crs_008 what_was_acknowledged_outlives_the_power [power_loss folder strace];
            crs_009 writes_that_share_a_sync_outlive_the_power [power_loss folder strace];
            crs_010 what_follows_a_kill_outlives_the_power [power_loss folder strace];
            crs_011 what_a_failing_medium_does_is_answered_as_it_is [power_loss folder strace];
            crs_012 first_sessions_and_sweeps_on_a_failing_medium_are_answered_as_they_are [power_loss folder strace];
            crs_013 large_records_outlive_the_power [power_loss folder strace];
            crs_014 what_cannot_be_read_is_not_absent [process_crash folder strace];
            crs_015 what_finds_no_room_in_a_file_is_answered_as_it_is [process_crash folder];
        }
    };
}
crs_cases!(crate::macros::case_table, ());

/// A process is killed before every step of a creation, of the first session of all and of one among others.
async fn a_killed_creation_leaves_nothing_or_the_session(ctx: &Ctx) -> Outcome {
    killed_before_every_step(ctx, Verb::CreateFirst).await?;
    killed_before_every_step(ctx, Verb::Create).await
}

/// A process is killed before every step of a save, of small data and of large.
async fn a_killed_save_leaves_the_old_session_or_the_new(ctx: &Ctx) -> Outcome {
    killed_before_every_step(ctx, Verb::Save).await?;
    killed_before_every_step(ctx, Verb::SaveLarge).await
}

/// A process is killed before every step of a touch.
async fn a_killed_touch_leaves_the_old_times_or_the_new(ctx: &Ctx) -> Outcome {
    killed_before_every_step(ctx, Verb::Touch).await
}

/// A process is killed before every step of a delete.
async fn a_killed_delete_leaves_the_session_or_nothing(ctx: &Ctx) -> Outcome {
    killed_before_every_step(ctx, Verb::Delete).await
}

/// A process is killed before every step of a sweep, also of one that clears what other killed processes left.
async fn a_killed_sweep_spares_the_living(ctx: &Ctx) -> Outcome {
    killed_before_every_step(ctx, Verb::Sweep).await
}
