//! What strace saw: which steps a call takes on the file system, and what of them would be left when the power goes.

mod call;
mod disk;
mod image;
mod looks;
mod node;
mod outside;
mod steps;

pub(crate) use self::{
    call::{Event, Phase, Trace},
    disk::Disk,
    image::{Image, Luck},
    looks::looks,
    outside::files_made_outside,
    steps::{Step, steps},
};
