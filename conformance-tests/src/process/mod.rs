//! A second process with the store of a backend in it: this program once more.
//!
//! It is started with a variable in its environment that tells where the first process listens. Whichever of the ways into the
//! suite it comes to sees that, connects, and serves the stores of the backend, so nobody writes a line for it. It ends with
//! its connection, and so with the first process.

mod entry;
mod remote;
mod second;
mod serve;
mod status;
mod strace;
mod wire;

pub(crate) use self::{
    entry::{Invitation, Rerun, Start},
    remote::{Remote, answered_tag},
    second::Second,
    serve::{serve, serve_by_name},
    status::status_of,
    strace::{Injection, Strace},
};
