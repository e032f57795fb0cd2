//! Stores in files that are wrong on purpose: what shows when a process is killed, when the power goes, or when two processes
//! share a folder.

mod change;
mod door;
mod files;
mod index;
mod later;
mod lock;
mod meet;
mod memory;
mod opener;
mod private;
mod side;
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
    never_answers_a_creation NeverAnswersACreation caught by "CRS-001": "A creation is carried out and never answered.";
    writes_in_place WritesInPlace caught by "CRS-002": "A save writes over the old record.";
    never_answers_a_save NeverAnswersASave caught by "CRS-002": "A save is carried out and never answered.";
    unlinks_first UnlinksFirst caught by "CRS-002": "A save removes the old record before it renames the new one.";
    one_temp_name OneTempName caught by "CRS-002": "All saves of a session stage under one name, which must not be there.";
    lock_is_a_file LockIsAFile caught by "CRS-002": "A lock is a file that is created and removed.";
    waits_for_a_lock_file WaitsForALockFile caught by "CRS-002": "A lock is a file, which is waited for without end.";
    answers_before_it_writes AnswersBeforeItWrites caught by "CRS-007": "A save is answered at once and written by the next one.";
    leaves_temp_files LeavesTempFiles caught by "CRS-002": "Nobody removes what killed processes staged.";
    publishes_leftovers PublishesLeftovers caught by "CRS-002": "Opening publishes whatever killed processes staged.";
    indexes_before_it_writes IndexesBeforeItWrites caught by "CRS-002": "An index of owners is written before the record.";
    indexes_after_it_wrote IndexesAfterItWrote caught by "CRS-002": "An index of owners is written after the record.";
    rewrites_the_folder RewritesTheFolder caught by "CRS-002": "A save copies its folder, removes it and puts the copy in its place.";
    touches_in_two_steps TouchesInTwoSteps caught by "CRS-003": "A touch writes one time after the other.";
    never_answers_a_touch NeverAnswersATouch caught by "CRS-003": "A touch is carried out and never answered.";
    sets_the_end_afterwards SetsTheEndAfterwards caught by "CRS-003": "A sweep goes by the time of a file, which is set after the rename.";
    empties_before_it_deletes EmptiesBeforeItDeletes caught by "CRS-004": "A delete empties the record before it removes it.";
    never_answers_a_delete NeverAnswersADelete caught by "CRS-004": "A delete is carried out and never answered.";
    deletes_when_closed DeletesWhenClosed caught by "CRS-004": "A delete is kept in mind until the store is closed.";
    deletes_by_moving_aside DeletesByMovingAside caught by "CRS-004": "A delete moves the record aside first, where nobody removes it.";
    never_answers_a_sweep NeverAnswersASweep caught by "CRS-005": "A sweep is carried out and never answered.";
    sweeps_by_moving_the_living SweepsByMovingTheLiving caught by "CRS-005": "A sweep moves the living aside and back.";
    sweeps_by_a_list SweepsByAList caught by "CRS-005": "A sweep writes down first what it deletes, and takes it for deleted from then on.";
    opens_by_moving_everything OpensByMovingEverything caught by "CRS-006": "Opening moves everything aside and back.";
    leaves_a_draft LeavesADraft caught by "CRS-006": "Opening writes a draft that nobody removes when it was killed.";
    opens_what_was_closed OpensWhatWasClosed caught by "CRS-006": "What was not closed is not opened again.";
    waits_until_it_was_closed WaitsUntilItWasClosed caught by "CRS-006": "Opening waits until whoever had it open has closed it.";
    prepares_a_new_folder_only PreparesANewFolderOnly caught by "CRS-006": "Only who creates the store's own folder creates what else it needs.";
    clears_what_was_not_closed ClearsWhatWasNotClosed caught by "CRS-006": "What was not closed is cleared when it is opened.";
    syncs_no_bytes SyncsNoBytes caught by "CRS-008": "The bytes of a record are not synced.";
    syncs_no_names SyncsNoNames caught by "CRS-008": "The folder is not synced after a rename.";
    syncs_after_the_rename SyncsAfterTheRename caught by "CRS-008": "The bytes are synced when the record is renamed already.";
    syncs_no_index SyncsNoIndex caught by "CRS-008": "An index of owners is not synced.";
    syncs_no_side_files SyncsNoSideFiles caught by "CRS-013": "What is more than a page goes to a file of its own, which is not synced.";
    stages_outside StagesOutside caught by "CRS-008": "Records are staged where the system keeps temporary files.";
    syncs_another_file SyncsAnotherFile caught by "CRS-008": "A save syncs the lock file instead of what it wrote.";
    syncs_another_folder SyncsAnotherFolder caught by "CRS-008": "A write syncs the folder above that of the record.";
    syncs_the_folder_first SyncsTheFolderFirst caught by "CRS-008": "The folder is synced before the rename.";
    syncs_a_folder_once SyncsAFolderOnce caught by "CRS-008": "A folder is synced by the first write to it.";
    removes_empty_folders RemovesEmptyFolders caught by "CRS-008": "A delete removes the folder, whose name the next creation takes for synced.";
    syncs_every_fourth SyncsEveryFourth caught by "CRS-008": "Every fourth write syncs.";
    anchors_no_folder AnchorsNoFolder caught by "CRS-008": "The name of a new folder is not synced.";
    anchors_no_root AnchorsNoRoot caught by "CRS-008": "The name of the store's own folder is not synced.";
    answers_before_it_syncs AnswersBeforeItSyncs caught by "CRS-008": "A write is answered at once and synced by the next one.";
    deletes_unsynced DeletesUnsynced caught by "CRS-008": "A delete is not synced.";
    touches_unsynced TouchesUnsynced caught by "CRS-008": "A touch is not synced.";
    trusts_half_a_record TrustsHalfARecord caught by "CRS-008": "A record is written in place, and what there is of it is read.";
    rides_on_a_running_sync RidesOnARunningSync caught by "CRS-009": "A write that finds another one syncing takes that sync for its own.";
    trusts_a_folder_that_is_there TrustsAFolderThatIsThere caught by "CRS-010": "Only who creates a folder syncs its name.";
    trusts_a_root_that_is_there TrustsARootThatIsThere caught by "CRS-010": "Only who creates the store's own folder syncs its name.";
    rewrites_what_it_finds RewritesWhatItFinds caught by "CRS-010": "Opening writes all records anew, and syncs none.";
    deletes_nothing_without_a_sync DeletesNothingWithoutASync caught by "CRS-010": "A delete of what is gone already syncs nothing.";
    counts_what_was_staged CountsWhatWasStaged caught by "CRS-002": "A sweep counts the staged files that it removes.";
    overlooks_a_failed_sync OverlooksAFailedSync caught by "CRS-011": "A sync that failed is overlooked.";
    syncs_again_after_a_failure SyncsAgainAfterAFailure caught by "CRS-011": "A sync that failed is done again.";
    says_that_nothing_was_done SaysThatNothingWasDone caught by "CRS-011": "A write whose last sync failed is said not to have been done.";
    overlooks_a_failed_removal OverlooksAFailedRemoval caught by "CRS-012": "A sweep counts what it failed to remove.";
    keeps_the_lock_when_it_fails KeepsTheLockWhenItFails caught by "CRS-011": "A write that fails keeps the lock.";
    overlooks_a_failed_anchor OverlooksAFailedAnchor caught by "CRS-012": "That the name of a new folder could not be synced is overlooked.";
    takes_a_full_medium_for_a_broken_one TakesAFullMediumForABrokenOne caught by "CRS-012": "A file that finds no room is answered as one that cannot be written.";
    errors_show_the_data ErrorsShowTheData caught by "CRS-011": "An error of a sync shows the record.";
    takes_the_unreadable_for_absent TakesTheUnreadableForAbsent caught by "CRS-014": "A record that cannot be read is absent.";
    deletes_nothing_it_cannot_see DeletesNothingItCannotSee caught by "CRS-014": "A delete takes a record that it cannot look at for gone.";
    writes_what_fits WritesWhatFits caught by "CRS-015": "A write that is cut short counts as a write.";
    overlooks_a_failed_write OverlooksAFailedWrite caught by "CRS-015": "A write that failed is overlooked.";
    leaves_what_it_could_not_write LeavesWhatItCouldNotWrite caught by "CRS-015": "A staged file that could not be written is left behind.";
    lists_what_it_can_read ListsWhatItCanRead caught by "CRS-014": "A list goes without what cannot be read.";
    remembers_what_it_loaded RemembersWhatItLoaded caught by "MPR-001": "A load is answered from memory once a process has seen the session.";
    remembers_that_nothing_was_there RemembersThatNothingWasThere caught by "MPR-001": "What was absent once is absent until this process creates it.";
    judges_by_memory JudgesByMemory caught by "MPR-001": "A write is judged by the revision this process knows.";
    locks_its_own_process LocksItsOwnProcess caught by "MPR-002": "The lock keeps out no other process.";
    locks_the_record LocksTheRecord caught by "MPR-003": "The lock is on the record, which is replaced.";
    goes_on_without_the_lock GoesOnWithoutTheLock caught by "MPR-002": "A lock that is busy is done without.";
    removes_the_lock_it_holds RemovesTheLockItHolds caught by "MPR-002": "The file of a lock is removed while it is held.";
    releases_before_it_publishes ReleasesBeforeItPublishes caught by "MPR-002": "A save is judged under the lock and written after it.";
    keeps_the_lock KeepsTheLock caught by "MPR-002": "The first process that writes keeps the lock.";
    creates_before_it_locks CreatesBeforeItLocks caught by "MPR-003": "A creation looks before it locks.";
    stages_before_it_locks StagesBeforeItLocks caught by "MPR-003": "All processes stage a session under one name, before they lock.";
    revisions_begin_at_one RevisionsBeginAtOne caught by "MPR-005": "Every first revision is 1.";
    counts_its_creations CountsItsCreations caught by "MPR-005": "A first revision is how many sessions this process has created.";
    a_late_save_revives ALateSaveRevives caught by "MPR-005": "A save of what this process once knew brings it back.";
    sweeps_by_memory SweepsByMemory caught by "MPR-006": "A sweep goes by the ends that this process saw first.";
    touches_keep_the_revision TouchesKeepTheRevision caught by "MPR-006": "A touch leaves the revision as it is.";
    breaks_a_lock BreaksALock caught by "MPR-008": "A lock that is held for long is broken.";
    touches_without_the_lock TouchesWithoutTheLock caught by "MPR-008": "A touch keeps out its own process only.";
    creates_without_the_lock CreatesWithoutTheLock caught by "MPR-008": "A creation keeps out its own process only.";
    a_refused_save_lands_later ARefusedSaveLandsLater caught by "MPR-008": "A save that is told of a busy lock goes on waiting for it.";
    waits_for_ever WaitsForEver caught by "MPR-008": "A lock is waited for without end.";
    lists_what_it_listed ListsWhatItListed caught by "MPR-009": "The names are read once.";
    reads_once_for_its_lists ReadsOnceForItsLists caught by "MPR-009": "A list shows of a session what the first one has read, or this process has written.";
    lets_everybody_in LetsEverybodyIn caught by "MPR-010": "Who does not share does not refuse anybody either.";
    refuses_without_words RefusesWithoutWords caught by "MPR-010": "A second process is refused and not told why.";
    stays_locked StaysLocked caught by "MPR-010": "Closing does not unlock.";
    empties_before_it_refuses EmptiesBeforeItRefuses caught by "MPR-010": "A second process clears the store and then is refused.";
    unlocks_for_all_its_handles UnlocksForAllItsHandles caught by "MPR-010": "The lock is that of the process, and whichever handle is closed gives it back.";
    waits_at_the_door WaitsAtTheDoor caught by "MPR-010": "A second process waits until the first one has closed.";
    shares_with_nobody SharesWithNobody caught by "MPR-010": "It claims to be shared and refuses a second process.";
    deletes_without_the_lock DeletesWithoutTheLock caught by "MPR-011": "A delete does without the lock.";
    sweeps_by_a_stale_list SweepsByAStaleList caught by "MPR-012": "A sweep finds out what is dead before it locks.";
    writes_in_place_and_can_undo WritesInPlaceAndCanUndo caught by "MPR-013": "A save writes in place, and only a crash is undone.";
    keeps_what_was_refused KeepsWhatWasRefused caught by "CAN-004": "A write that is refused leaves what it staged.";
    notes_beside_its_folder NotesBesideItsFolder caught by "SEC-001": "A delete is noted in a file beside the folder.";
    saves_are_open_to_others SavesAreOpenToOthers caught by "SEC-007": "The file of a save or of a touch is open to others.";
    believes_a_length BelievesALength caught by "COR-012": "A load allocates what the record says to need, before it looks at the checksum.";
    clears_what_others_stage ClearsWhatOthersStage caught by "MPR-014": "Opening removes whatever is staged, whoever does that.";
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
        Flaw::LetsEverybodyIn
            | Flaw::RefusesWithoutWords
            | Flaw::StaysLocked
            | Flaw::EmptiesBeforeItRefuses
            | Flaw::UnlocksForAllItsHandles
            | Flaw::WaitsAtTheDoor
    );
    Arc::new(OnDisk { name, flaw, is_shared })
}
