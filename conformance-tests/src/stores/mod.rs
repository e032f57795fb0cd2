//! The backends of our own stores, for tests and for the program `certify`.

mod disk;
mod memory;

pub use self::{disk::Disk, memory::Memory};
