//! The loss of power, at every point of a watched run.

use std::{
    collections::{BTreeSet, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
};

use session_core::{Key, Record, Store, Timestamp};

use super::{
    kill::{Moment, watched},
    ledger::{Ledger, What, Wrong, answered},
};
use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{owner, random_keys, subject},
    outcome::{Outcome, Stop},
    rng::Rng,
    trace::{Disk, Image, Luck, Trace, files_made_outside},
};

/// One call after the other, from the first opening on: whenever the power goes, what was acknowledged is there.
pub(super) async fn what_was_acknowledged_outlives_the_power(ctx: &Ctx) -> Outcome {
    let Keys { first, beside, other } = Keys::of(ctx)?;
    let record = |len| record(ctx, len);
    let script = [
        (first, What::Create(record(700))),
        (beside, What::Create(record(20))),
        (beside, What::Save(record(3_000))),
        (first, What::Touch),
        (first, What::Save(record(10))),
        (beside, What::Delete),
        (other, What::Create(record(1_500))),
        (beside, What::Create(record(90))),
        (first, What::Delete),
        // Now the part of the folder that they share may be gone, and has to be made again.
        (beside, What::Delete),
        (beside, What::Create(record(40))),
        (other, What::Touch),
        (other, What::Save(record(1_500))),
    ];
    survive(ctx, script.into_iter().map(|call| vec![call]).collect()).await
}

/// Data of more than a page, or than a store may want to keep among its records, last as the small ones do.
pub(super) async fn large_records_outlive_the_power(ctx: &Ctx) -> Outcome {
    let Keys { first, .. } = Keys::of(ctx)?;
    let script = [(first, What::Create(record(ctx, 20))), (first, What::Save(record(ctx, 70_000)))];
    survive(ctx, script.into_iter().map(|call| vec![call]).collect()).await
}

/// Sixteen calls at once, several times: no call is acknowledged before the sync that it shares.
pub(super) async fn writes_that_share_a_sync_outlive_the_power(ctx: &Ctx) -> Outcome {
    let keys = random_keys(&mut ctx.rng(), 16);
    let all =
        |what: &dyn Fn(usize) -> What| (0..).zip(&keys).map(|(number, key)| (*key, what(number))).collect();
    let script = vec![
        all(&|number| What::Create(record(ctx, 10 + 90 * number))),
        all(&|number| What::Save(record(ctx, 1_500 - 90 * number))),
        all(&|number| if number % 2 == 0 { What::Touch } else { What::Delete }),
    ];
    survive(ctx, script).await
}

/// Keys of which two may share a part of the folder.
pub(super) struct Keys {
    pub(super) first: Key,
    pub(super) beside: Key,
    pub(super) other: Key,
}

impl Keys {
    pub(super) fn of(ctx: &Ctx) -> Outcome<Self> {
        let first = subject(ctx).key;
        let [start @ .., last] = *first.as_bytes();
        let mut bytes = [last ^ 1; Key::BYTES];
        bytes.iter_mut().zip(start).for_each(|(byte, start)| *byte = start);
        let other = random_keys(&mut Rng::of(ctx.seed(), "other"), 1);
        let other =
            other.first().copied().ok_or_else(|| Stop::Failed("there is no random key".to_owned()))?;
        Ok(Self { first, beside: Key::from_bytes(bytes), other })
    }
}

/// Returns a record of so many bytes that never expires.
pub(super) fn record(ctx: &Ctx, len: usize) -> Record {
    let data = Rng::of(ctx.seed(), &len.to_string()).bytes(len);
    let expires_at = Timestamp::from_millis(i64::MAX / 2);
    Record { data: data.into(), expires_at, owner: owner("ada"), ..subject(ctx).record }
}

/// Makes the calls in a second process, those of each part at once, and lets the power go at every point.
async fn survive(ctx: &Ctx, script: Vec<Vec<(Key, What)>>) -> Outcome {
    let namespace = ctx.new_namespace()?;
    let folder = ctx.folder_of(&namespace)?;
    let start = Disk::of(&folder).map_err(unreadable)?;
    let mut second = ctx.second_process().await?;
    let (opening, now) = (second.open(&namespace), ctx.now());
    let calls = async {
        let mut ledger = Ledger::new(opening.await?, now);
        for calls in script {
            ledger.call_all(calls).await?;
        }
        Ok(ledger)
    };
    let (ledger, trace) = watched(ctx, &mut second, &Moment::Answered, calls).await?;
    let outside = files_made_outside(&trace, &folder);
    ctx.check(7, outside.is_empty(), format_args!("a file was made outside of the folder: {outside:?}"));
    explained(&start, &trace, &folder)?;
    let mut loss = Loss::new(ctx, &folder, ledger?);
    let mut disk = start;
    for event in &trace.events {
        if let Some(number) = answered(event) {
            loss.answered.insert(number);
            loss.everywhere(&disk, &format!("the answer of call {number}")).await?;
        }
        if disk.play(event) {
            loss.everywhere(&disk, &event.name).await?;
        }
    }
    ctx.discard(&namespace).await;
    Ok(())
}

/// Makes sure that the calls explain what lies in the folder: only then something can be said of what would be left.
pub(super) fn explained(start: &Disk, trace: &Trace, folder: &Path) -> Outcome {
    let mut disk = start.clone();
    for event in &trace.events {
        disk.play(event);
    }
    if let Some(call) = &disk.unknown {
        return Err(Stop::NotRun(format!("the store writes in a way that a trace does not show: {call}")));
    }
    match disk.unexplained(folder).map_err(unreadable)?.first() {
        Some(path) => Err(Stop::NotRun(format!("the trace does not explain what is in {}", path.display()))),
        None => Ok(()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives it away")]
pub(super) fn unreadable(error: io::Error) -> Stop {
    Stop::Failed(format!("the folder of the store cannot be read: {error}"))
}

/// The loss of power, again and again.
pub(super) struct Loss<'a> {
    ctx: &'a Ctx,
    folder: PathBuf,
    ledger: Ledger,
    /// The numbers of the calls that were answered so far.
    pub(super) answered: BTreeSet<u32>,
    tried: HashSet<u64>,
    rng: Rng,
    more: Box<dyn Iterator<Item = usize> + Send>,
}

impl<'a> Loss<'a> {
    pub(super) fn new(ctx: &'a Ctx, folder: &Path, ledger: Ledger) -> Self {
        let more = Box::new(ctx.rounds(100, 2_000));
        let (folder, rng) = (folder.to_owned(), Rng::of(ctx.seed(), "luck"));
        Self { ctx, folder, ledger, answered: BTreeSet::new(), tried: HashSet::new(), rng, more }
    }

    /// Lets the power go, with every kind of luck.
    pub(super) async fn everywhere(&mut self, disk: &Disk, after: &str) -> Outcome {
        for luck in [Luck::Nothing, Luck::Names, Luck::Bytes] {
            self.goes(disk, luck, after).await?;
        }
        for _ in 0..3 {
            let luck = Luck::Mixed(self.rng.number());
            if self.more.next().is_some() {
                self.goes(disk, luck, after).await?;
            }
        }
        Ok(())
    }

    /// Opens a store on what is left, and judges it, unless the same was judged before.
    pub(super) async fn goes(&mut self, disk: &Disk, luck: Luck, after: &str) -> Outcome {
        let image = Image::of(disk, luck);
        if !self.tried.insert(fingerprint(&image, self.answered.len())) {
            return Ok(());
        }
        let (ctx, namespace) = (self.ctx, self.ctx.new_namespace()?);
        image.lay_out(&self.folder, &ctx.folder_of(&namespace)?).map_err(unreadable)?;
        let opened = ctx.answered(1, ctx.open_namespace(&namespace)).await?;
        let message = format!("the power went after {after} ({luck}), and it cannot be opened: {opened:?}");
        if ctx.check(1, opened.is_ok(), message) {
            let (store, when) = (opened?, format!("after {after} ({luck})"));
            ctx.answered(5, judge(ctx, &self.ledger, &self.answered, &*store, &when)).await??;
        }
        ctx.discard(&namespace).await;
        Ok(())
    }
}

/// Lists are looked at where there are fewer sessions than this.
const FEW: usize = 10;

/// Judges what is left of the calls of which these were answered, and whether the store goes on.
async fn judge(
    ctx: &Ctx,
    ledger: &Ledger,
    answered: &BTreeSet<u32>,
    store: &dyn Store,
    when: &str,
) -> Outcome {
    let now = ctx.now();
    for key in ledger.keys() {
        let wrong = match store.load(&key, now).await {
            Ok(found) => ledger.judge(&key, answered, found.as_ref()),
            // What cannot be loaded is lost, unless it may as well not be there.
            Err(error) => Some(match ledger.judge(&key, answered, None) {
                None => Wrong::Half(format!("loading failed: {error:?}")),
                Some(_) => Wrong::Lost(format!("loading failed: {error:?}")),
            }),
        };
        let (lost, half) = match wrong {
            None => (None, None),
            Some(Wrong::Lost(words)) => (Some(words), None),
            Some(Wrong::Half(words)) => (None, Some(words)),
        };
        let words = lost.as_deref().unwrap_or_default();
        ctx.check(
            2,
            lost.is_none(),
            format_args!("the power went {when}, what was acknowledged is lost: {words}"),
        );
        let words = half.as_deref().unwrap_or_default();
        ctx.check(
            3,
            half.is_none(),
            format_args!("the power went {when}, half of a write is there: {words}"),
        );
    }
    let mut keys = ledger.keys();
    // Where many write at once there are many points at which the power may go, and a list takes longer than a load.
    if keys.len() < FEW {
        let Keys { first, beside, other } = Keys::of(ctx)?;
        // Others than those of the ledger may be there, where a process was killed before.
        keys.extend([first, beside, other]);
        ctx.lists_agree(6, store, keys.iter(), now, format!("the power went {when}")).await?;
    }
    let mut more = subject(ctx);
    more.key = Key::from_bytes([0x5e; Key::BYTES]);
    let created = more.create(store, now).await;
    ctx.answers(4, &created, Answer::Ok, format_args!("the power went {when}, the next creation"));
    if let Ok(stored) = created {
        ctx.finds(4, store, &more.key, now, Some(&stored), "what was created after the power went").await;
    }
    Ok(())
}

fn fingerprint(image: &Image, answered: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    (image, answered).hash(&mut hasher);
    hasher.finish()
}
