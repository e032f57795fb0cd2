//! Stores that are wrong on purpose, one flaw each: they show that the suite sees what it claims to see.
//!
//! Each is a plain store in a map in which one step is done wrong. `caught_by` names a case that must fail on it.
#![doc = include_str!("../../MATRIX.md")]

mod flaw;
mod interlude;
mod opener;

mod bnd;
mod can;
mod cas;
mod copies;
mod cor;
mod cre;
mod crs;
mod crud;
mod err;
mod exp;
mod gc;
mod key;
mod laws;
mod lin;
mod lst;
mod mbt;
mod mpr;
mod obj;
mod rst;
mod sec;
mod tch;
mod val;

use std::{fmt, sync::Arc};

pub(crate) use self::flaw::{Flaw, Save, Touch, World, pause};
use self::{interlude::interlude, opener::Saboteurs};
use crate::{check::check_opener, options::Options, report::Report};

/// A store that is wrong on purpose.
pub struct Saboteur {
    /// A short name, such as `expiry_off_by_one`.
    pub name: &'static str,
    /// What is wrong with it, as a sentence.
    pub flaw: &'static str,
    /// The id of a case that must fail on it, every time.
    pub caught_by: &'static str,
    make: fn() -> Arc<dyn Flaw>,
}

impl Saboteur {
    /// Runs the suite on the store.
    pub async fn check(&self, options: Options) -> Report {
        check_opener(Arc::new(Saboteurs::new(self.name, (self.make)())), options).await
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
    Saboteur { name: "honest", flaw: "Nothing is wrong with it.", caught_by: "", make: || Arc::new(Honest) }
}

struct Honest;

impl Flaw for Honest {}

/// Returns all saboteurs.
pub fn all() -> impl Iterator<Item = &'static Saboteur> {
    [
        crud::SABOTEURS,
        cre::SABOTEURS,
        cas::SABOTEURS,
        exp::SABOTEURS,
        tch::SABOTEURS,
        lst::SABOTEURS,
        bnd::SABOTEURS,
        gc::SABOTEURS,
        key::SABOTEURS,
        val::SABOTEURS,
        sec::SABOTEURS,
        cor::SABOTEURS,
        err::SABOTEURS,
        rst::SABOTEURS,
        obj::SABOTEURS,
        lin::reads::SABOTEURS,
        lin::writes::SABOTEURS,
        mbt::SABOTEURS,
        can::leaks::SABOTEURS,
        can::zombies::SABOTEURS,
        crs::SABOTEURS,
        mpr::SABOTEURS,
        laws::SABOTEURS,
        copies::SABOTEURS,
    ]
    .into_iter()
    .flatten()
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
                make: || std::sync::Arc::new($flaw),
            },
        )*];
    };
}
use saboteurs;
