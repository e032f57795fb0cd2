//! How changes reach the store: replayed on the newest data, many lists in one save.
//!
//! A handle collects its changes in a [`List`]. Lists for one session that meet in one process wait in a [`Line`];
//! all that wait are saved together in one round, a compare-and-swap that is replayed on newer data when another
//! process was faster. A round is one future that every waiting commit may poll ([`shared`]), so a commit that is
//! dropped, idle or panicking takes nobody with it. A list whose session nobody else changes needs none of that while
//! the store answers at once ([`lone`]).

mod change;
mod create;
mod entry;
mod join;
mod line;
mod list;
mod lone;
mod round;
mod shared;
mod standing;
mod swap;

pub(crate) use self::{
    change::{Change, Closure},
    entry::{Entry, Kept, Start, Verdict, broken_by_panic},
    join::Join,
    line::{Line, Lines},
    list::{List, login_of, refuse_growth, replay},
    lone::Lone,
    standing::{Asker, Standing, standing},
};
