//! What strace saw: which steps a call takes on the file system, and what of them would be left when the power goes.

mod call;
mod disk;
mod image;
mod node;
mod steps;

pub(crate) use self::{
    call::{Event, Phase, Trace},
    disk::Disk,
    image::{Image, Luck},
    steps::{Step, steps},
};
