//! Files that may not grow.

use super::{
    failing::goes_on_until_it_is_killed,
    scene::{Scene, Verb},
};
use crate::{ctx::Ctx, folder::contents, outcome::Outcome};

/// How many bytes files may have: none, so that every write to one fails, and fewer than a record has, so that its first write is
/// cut short.
const LIMITS: [u64; 2] = [0, 512];

/// A write to a file fails, or is cut short and then fails: what is answered is what became of the session.
pub(super) async fn what_finds_no_room_in_a_file_is_answered_as_it_is(ctx: &Ctx) -> Outcome {
    for verb in
        [Verb::CreateFirst, Verb::Create, Verb::Save, Verb::SaveLarge, Verb::Touch, Verb::Delete, Verb::Sweep]
    {
        let (clean, clean_end) = attempt(ctx, verb, None).await?;
        for bytes in LIMITS {
            let (files, end) = attempt(ctx, verb, Some(bytes)).await?;
            let when = format!("when files could have no more than {bytes} bytes");
            let message = format_args!("{when}, {files} files are there after the call, not {clean}");
            ctx.check(15, files <= clean, message);
            let message = format_args!("{when}, {end} files are left in the end, not {clean_end}");
            ctx.check(7, end <= clean_end, message);
        }
    }
    Ok(())
}

/// Makes the call in a second process whose files may not grow beyond this, and judges as after a failed step. Returns how many files
/// there are after the call, and how many are left when everything is deleted and swept.
async fn attempt(ctx: &Ctx, verb: Verb, limit: Option<u64>) -> Outcome<(usize, usize)> {
    let namespace = ctx.new_namespace()?;
    let when = limit.map_or("nothing failed".to_owned(), |bytes| {
        format!("a file had no room for more than {bytes} bytes")
    });
    let second = ctx.second_process().await?;
    let store = second.open(&namespace).await?;
    let scene = Scene::set(ctx, verb, &*store).await?;
    if limit.is_some() {
        second.limit_files(limit)?;
    }
    let answer = ctx.answered(8, scene.call(&*store)).await?;
    if limit.is_some() {
        second.limit_files(None)?;
    }
    let files = contents(&ctx.folder_of(&namespace)?)?.files.len();
    scene.is_discreet(ctx, 16, &answer, &when);
    goes_on_until_it_is_killed(ctx, &scene, (&*store, second), &namespace, (&answer, &when)).await?;
    let left = scene.judge(ctx, &namespace, &answer, &format!("when {when}")).await?;
    ctx.discard(&namespace).await;
    Ok((files, left))
}
