//! Files that may not grow.

use super::{
    failing::goes_on_until_it_is_killed,
    scene::{Scene, Verb},
};
use crate::{ctx::Ctx, folder::contents, outcome::Outcome};

/// How many bytes files may have: none, and fewer than a record has, so that the first write to the file of one is cut short. Beyond
/// that every write fails, but those through memory.
const LIMITS: [u64; 2] = [0, 512];

/// A write to a file fails, or is cut short and then fails: what is answered is what became of the session.
pub(super) async fn what_finds_no_room_in_a_file_is_answered_as_it_is(ctx: &Ctx) -> Outcome {
    for verb in
        [Verb::CreateFirst, Verb::Create, Verb::Save, Verb::SaveLarge, Verb::Touch, Verb::Delete, Verb::Sweep]
    {
        let clean = attempt(ctx, verb, None).await?;
        for bytes in LIMITS {
            let Files { before, after, end } = attempt(ctx, verb, Some(bytes)).await?;
            let (when, most) =
                (format!("when files could have no more than {bytes} bytes"), before.max(clean.after));
            let message = format_args!("{when}, {after} files are there after the call, not {most}");
            ctx.check(15, after <= most, message);
            let message = format_args!("{when}, {end} files are left in the end, not {}", clean.end);
            ctx.check(7, end <= clean.end, message);
        }
    }
    Ok(())
}

/// How many files there are before the call and after it, and when everything is deleted and swept.
struct Files {
    before: usize,
    after: usize,
    end: usize,
}

/// Makes the call in a second process whose files may not grow beyond this, and judges as after a failed step.
async fn attempt(ctx: &Ctx, verb: Verb, limit: Option<u64>) -> Outcome<Files> {
    let namespace = ctx.new_namespace()?;
    let when = limit.map_or("nothing failed".to_owned(), |bytes| {
        format!("a file had no room for more than {bytes} bytes")
    });
    let (second, folder) = (ctx.second_process_outliving_limits().await?, ctx.folder_of(&namespace)?);
    let store = second.open(&namespace).await?;
    let scene = Scene::set(ctx, verb, &*store).await?;
    let before = contents(&folder)?.files.len();
    if limit.is_some() {
        second.limit_files(limit)?;
    }
    let answer = ctx.answered(8, scene.call(&*store)).await?;
    if limit.is_some() {
        second.limit_files(None)?;
    }
    let after = contents(&folder)?.files.len();
    scene.is_discreet(ctx, 16, &answer, &when);
    goes_on_until_it_is_killed(ctx, &scene, (&*store, second), &namespace, (&answer, &when)).await?;
    let end = scene.judge(ctx, &namespace, &answer, &format!("when {when}")).await?;
    ctx.discard(&namespace).await;
    Ok(Files { before, after, end })
}
