//! Stores that are wrong on purpose, one flaw each: they show that the suite sees what it claims to see.
//!
//! Each is a plain store in a map in which one step is done wrong. `caught_by` names a case that must fail on it.
#![doc = include_str!("../../MATRIX.md")]
#![doc = include_str!("../../ON_DISK.md")]

mod call;
mod flaw;
mod interlude;
mod opener;
mod turn;
mod world;

mod alike;
mod at_once;
mod bnd;
mod can;
mod cas;
mod copies;
mod cor;
mod cre;
mod crs;
mod crud;
mod ends;
mod err;
mod exp;
mod gc;
mod handles;
mod key;
mod late;
mod laws;
mod lin;
mod lst;
mod many;
mod mbt;
mod mpr;
mod net;
mod obj;
#[cfg(unix)]
mod on_disk;
mod refused;
mod rst;
mod rti;
mod sec;
mod tch;
mod val;

use std::{fmt, sync::Arc};

pub(crate) use self::{
    call::{Page, Put, Save, Touch},
    flaw::{Flaw, pause},
    turn::in_turn,
    world::{Gone, World},
};
use self::{interlude::interlude, opener::Saboteurs};
use crate::{backend::Opener, check::check_opener, options::Options, process::serve_by_name, report::Report};

/// A store that is wrong on purpose.
pub struct Saboteur {
    /// A short name, such as `expiry_off_by_one`.
    pub name: &'static str,
    /// What is wrong with it, as a sentence.
    pub flaw: &'static str,
    /// The id of a case that must fail on it, every time.
    pub caught_by: &'static str,
    pub(crate) open: fn(&'static str) -> Arc<dyn Opener>,
}

impl Saboteur {
    /// Runs the suite on the store.
    pub async fn check(&self, options: Options) -> Report {
        // In a second process the first call of all finds the saboteur that is meant.
        serve_by_name(|name| {
            on_disk().chain(honest_on_disk()).find(|it| it.name == name).map(|it| (it.open)(it.name))
        });
        check_opener((self.open)(self.name), options).await
    }
}

impl fmt::Debug for Saboteur {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Saboteur({})", self.name)
    }
}

/// Returns the store in which nothing is wrong, with which the saboteurs are compared.
#[must_use]
pub fn honest() -> Saboteur {
    let open = |name| Saboteurs::open(name, Honest);
    Saboteur { name: "honest", flaw: "Nothing is wrong with it.", caught_by: "", open }
}

/// Returns the stores in files in which nothing is wrong: one that processes share, and one for a single process.
#[cfg(unix)]
pub fn honest_on_disk() -> impl Iterator<Item = &'static Saboteur> {
    [&on_disk::HONEST, &on_disk::HONEST_ALONE].into_iter()
}

/// Returns the saboteurs in files, for the cases about killed processes, lost power and several processes.
#[cfg(unix)]
pub fn on_disk() -> impl Iterator<Item = &'static Saboteur> {
    on_disk::SABOTEURS.iter()
}

/// Returns the store behind a server in which nothing is wrong, with which saboteurs behind servers are compared.
#[must_use]
pub fn honest_behind_a_server() -> Saboteur {
    net::honest()
}

struct Honest;

impl Flaw for Honest {}

/// Returns all saboteurs.
pub fn all() -> impl Iterator<Item = &'static Saboteur> {
    [
        crud::SABOTEURS,
        crud::twins::SABOTEURS,
        cre::SABOTEURS,
        cas::SABOTEURS,
        exp::SABOTEURS,
        exp::clock::SABOTEURS,
        exp::epoch::SABOTEURS,
        tch::SABOTEURS,
        lst::SABOTEURS,
        lst::owners::SABOTEURS,
        lst::places::SABOTEURS,
        lst::alike::SABOTEURS,
        lst::instant::SABOTEURS,
        lst::times::SABOTEURS,
        bnd::SABOTEURS,
        bnd::again::SABOTEURS,
        bnd::handles::SABOTEURS,
        bnd::late::SABOTEURS,
        bnd::room::SABOTEURS,
        bnd::told::SABOTEURS,
        gc::SABOTEURS,
        key::SABOTEURS,
        val::SABOTEURS,
        val::large::SABOTEURS,
        sec::SABOTEURS,
        cor::SABOTEURS,
        cor::kept::SABOTEURS,
        cor::lists::SABOTEURS,
        cor::unread::SABOTEURS,
        err::SABOTEURS,
        rti::SABOTEURS,
        rst::SABOTEURS,
        rst::caps::SABOTEURS,
        rst::lists::SABOTEURS,
        rst::many::SABOTEURS,
        rst::odd::SABOTEURS,
        rst::room::SABOTEURS,
        obj::SABOTEURS,
        obj::ends::SABOTEURS,
        obj::keys::SABOTEURS,
        obj::others::SABOTEURS,
        obj::race::SABOTEURS,
        obj::turns::SABOTEURS,
        lin::aftermath::SABOTEURS,
        lin::others::SABOTEURS,
        lin::reads::SABOTEURS,
        lin::writes::SABOTEURS,
        mbt::SABOTEURS,
        can::halves::SABOTEURS,
        can::idle::SABOTEURS,
        can::leaks::SABOTEURS,
        can::untold::SABOTEURS,
        can::wakers::SABOTEURS,
        can::zombies::SABOTEURS,
        crs::SABOTEURS,
        mpr::SABOTEURS,
        net::SABOTEURS,
    ]
    .into_iter()
    .chain(beside_the_groups())
    .flatten()
}

/// Returns those that are sorted by what they have in common, and not by the group of their case.
fn beside_the_groups() -> [&'static [Saboteur]; 9] {
    [
        laws::SABOTEURS,
        copies::SABOTEURS,
        late::SABOTEURS,
        ends::SABOTEURS,
        many::SABOTEURS,
        refused::SABOTEURS,
        handles::SABOTEURS,
        alike::SABOTEURS,
        at_once::SABOTEURS,
    ]
}

/// Makes the table `SABOTEURS` of a file: flaw types that implement [`Flaw`], each with the case that catches it.
macro_rules! saboteurs {
    ($($name:ident $flaw:ident caught by $case:literal: $words:literal;)*) => {
        $(#[doc = $words] struct $flaw;)*

        /// The saboteurs of this file.
        pub(crate) static SABOTEURS: &[$crate::saboteurs::Saboteur] = &[$(
            $crate::saboteurs::Saboteur {
                name: stringify!($name),
                flaw: $words,
                caught_by: $case,
                open: |name| $crate::saboteurs::Saboteurs::open(name, $flaw),
            },
        )*];
    };
}
use saboteurs;
