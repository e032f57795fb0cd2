//! Stores in files that are wrong on purpose: what shows when a process is killed, when the power goes, or when two processes
//! share a folder.

mod change;
mod door;
mod files;
mod lock;
mod memory;
mod opener;
mod store;
mod walk;

use std::sync::Arc;

use self::opener::OnDisk;
use crate::{backend::Opener, saboteurs::Saboteur};

macro_rules! flaws {
    ($($name:ident $flaw:ident caught by $case:literal: $words:literal;)*) => {
        /// What is wrong with a store in files.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Flaw {
            Honest,
            $(#[doc = $words] $flaw,)*
        }

        /// The saboteurs on a disk.
        pub(crate) static SABOTEURS: &[Saboteur] = &[$(
            Saboteur {
                name: stringify!($name),
                flaw: $words,
                caught_by: $case,
                open: |name| opener(name, Flaw::$flaw),
            },
        )*];
    };
}

flaws! {
    creates_empty_first CreatesEmptyFirst caught by "CRS-001": "A creation first takes the name with an empty file.";
    writes_in_place WritesInPlace caught by "CRS-002": "A save writes over the old record.";
    unlinks_first UnlinksFirst caught by "CRS-002": "A save removes the old record before it renames the new one.";
    one_temp_name OneTempName caught by "CRS-002": "All saves of a session stage under one name, which must not be there.";
    lock_is_a_file LockIsAFile caught by "CRS-002": "A lock is a file that is created and removed.";
    answers_before_it_writes AnswersBeforeItWrites caught by "CRS-007": "A save is answered and written a moment later.";
    leaves_temp_files LeavesTempFiles caught by "CRS-002": "Nobody removes what killed processes staged.";
    publishes_leftovers PublishesLeftovers caught by "CRS-002": "Opening publishes whatever killed processes staged.";
    rewrites_the_folder RewritesTheFolder caught by "CRS-002": "A save copies its folder, removes it and puts the copy in its place.";
    touches_in_two_steps TouchesInTwoSteps caught by "CRS-003": "A touch writes one time after the other.";
    empties_before_it_deletes EmptiesBeforeItDeletes caught by "CRS-004": "A delete empties the record before it removes it.";
    sweeps_by_moving_the_living SweepsByMovingTheLiving caught by "CRS-005": "A sweep moves the living aside and back.";
    sweeps_by_a_list SweepsByAList caught by "CRS-005": "A sweep writes down first what it deletes, and takes it for deleted from then on.";
    opens_by_moving_everything OpensByMovingEverything caught by "CRS-006": "Opening moves everything aside and back.";
    leaves_a_draft LeavesADraft caught by "CRS-006": "Opening writes a draft that nobody removes when it was killed.";
    opens_what_was_closed OpensWhatWasClosed caught by "CRS-006": "What was not closed is not opened again.";
    clears_what_was_not_closed ClearsWhatWasNotClosed caught by "CRS-006": "What was not closed is cleared when it is opened.";
    syncs_no_bytes SyncsNoBytes caught by "CRS-008": "The bytes of a record are not synced.";
    syncs_no_names SyncsNoNames caught by "CRS-008": "The folder is not synced after a rename.";
    syncs_after_the_rename SyncsAfterTheRename caught by "CRS-008": "The bytes are synced when the record is renamed already.";
    syncs_another_file SyncsAnotherFile caught by "CRS-008": "A save syncs the lock file instead of what it wrote.";
    syncs_every_fourth SyncsEveryFourth caught by "CRS-008": "Every fourth write syncs.";
    anchors_no_folder AnchorsNoFolder caught by "CRS-008": "The name of a new folder is not synced.";
    anchors_no_root AnchorsNoRoot caught by "CRS-008": "The name of the store's own folder is not synced.";
    answers_before_it_syncs AnswersBeforeItSyncs caught by "CRS-008": "A write is answered and synced a moment later.";
    deletes_unsynced DeletesUnsynced caught by "CRS-008": "A delete is not synced.";
    touches_unsynced TouchesUnsynced caught by "CRS-008": "A touch is not synced.";
    trusts_half_a_record TrustsHalfARecord caught by "CRS-008": "A record is written in place, and what there is of it is read.";
    rides_on_a_running_sync RidesOnARunningSync caught by "CRS-009": "A write that finds another one syncing takes that sync for its own.";
    trusts_a_folder_that_is_there TrustsAFolderThatIsThere caught by "CRS-010": "Only who creates a folder syncs its name.";
    trusts_a_root_that_is_there TrustsARootThatIsThere caught by "CRS-010": "Only who creates the store's own folder syncs its name.";
    remembers_what_it_loaded RemembersWhatItLoaded caught by "MPR-001": "A load is answered from memory once a process has seen the session.";
    remembers_that_nothing_was_there RemembersThatNothingWasThere caught by "MPR-001": "What was absent once is absent until this process creates it.";
    judges_by_memory JudgesByMemory caught by "MPR-001": "A write is judged by the revision this process knows.";
    locks_its_own_process LocksItsOwnProcess caught by "MPR-002": "The lock keeps out no other process.";
    locks_the_record LocksTheRecord caught by "MPR-003": "The lock is on the record, which is replaced.";
    goes_on_without_the_lock GoesOnWithoutTheLock caught by "MPR-002": "A lock that is busy is done without.";
    creates_before_it_locks CreatesBeforeItLocks caught by "MPR-003": "A creation looks before it locks.";
    revisions_begin_at_one RevisionsBeginAtOne caught by "MPR-005": "Every first revision is 1.";
    a_late_save_revives ALateSaveRevives caught by "MPR-005": "A save of what this process once knew brings it back.";
    sweeps_by_memory SweepsByMemory caught by "MPR-006": "A sweep goes by the ends that this process saw first.";
    breaks_a_lock BreaksALock caught by "MPR-008": "A lock that is held for long is broken.";
    waits_for_ever WaitsForEver caught by "MPR-008": "A lock is waited for without end.";
    lists_what_it_listed ListsWhatItListed caught by "MPR-009": "The names are read once.";
    lets_everybody_in LetsEverybodyIn caught by "MPR-010": "Who does not share does not refuse anybody either.";
    refuses_without_words RefusesWithoutWords caught by "MPR-010": "A second process is refused and not told why.";
    stays_locked StaysLocked caught by "MPR-010": "Closing does not unlock.";
    empties_before_it_refuses EmptiesBeforeItRefuses caught by "MPR-010": "A second process clears the store and then is refused.";
    shares_with_nobody SharesWithNobody caught by "MPR-010": "It claims to be shared and refuses a second process.";
}

/// The store in files in which nothing is wrong.
pub(crate) static HONEST: Saboteur = Saboteur {
    name: "honest_on_disk",
    flaw: "Nothing is wrong with it.",
    caught_by: "",
    open: |name| opener(name, Flaw::Honest),
};

/// The same for one process.
pub(crate) static HONEST_ALONE: Saboteur = Saboteur {
    name: "honest_alone_on_disk",
    flaw: "Nothing is wrong with it, and it refuses a second process.",
    caught_by: "",
    open: |name| Arc::new(OnDisk { name, flaw: Flaw::Honest, is_shared: false }),
};

fn opener(name: &'static str, flaw: Flaw) -> Arc<dyn Opener> {
    let is_shared = !matches!(
        flaw,
        Flaw::LetsEverybodyIn | Flaw::RefusesWithoutWords | Flaw::StaysLocked | Flaw::EmptiesBeforeItRefuses
    );
    Arc::new(OnDisk { name, flaw, is_shared })
}
