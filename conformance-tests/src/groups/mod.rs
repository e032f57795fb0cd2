//! The registry of cases: each group is a file, with its list of cases at the top.
//!
//! A case is a line in the list of its group and an asynchronous function of that name, which is a sentence. Ids are
//! never used again for another law. What a case needs of the store or of the machine stands in brackets in the list,
//! in the words of `Need`. A case notes every check under a number of its own, goes on after a check that did not hold, and
//! leaves with `?` only when a call fails on which the rest stands.

mod bnd;
mod can;
mod cas;
mod com;
mod coo;
mod cor;
mod cre;
mod crs;
mod crud;
mod err;
mod exp;
mod gc;
mod key;
mod kil;
mod lin;
mod lst;
mod mbt;
mod mpr;
mod neg;
mod net;
mod obj;
mod rot;
mod rst;
mod rti;
mod sec;
mod tch;
mod val;

use crate::case::Case;

/// Returns all cases, group by group.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    let groups = [
        crud::CASES,
        cre::CASES,
        cas::CASES,
        exp::CASES,
        tch::CASES,
        lst::CASES,
        bnd::CASES,
        gc::CASES,
        key::CASES,
        val::CASES,
        sec::CASES,
        cor::CASES,
        err::CASES,
        neg::CASES,
        rti::CASES,
        rst::CASES,
        obj::CASES,
        lin::CASES,
        mbt::CASES,
        can::CASES,
        crs::CASES,
        mpr::CASES,
        net::CASES,
        rot::CASES,
        kil::CASES,
        com::CASES,
        coo::CASES,
    ];
    groups.into_iter().flatten()
}

/// Hands the list of every group to a macro, in the shape `$then! { $args Group id name [needs]; … }`.
///
/// This is how tests are made of cases; the lists themselves stand in the files of the groups.
#[macro_export]
macro_rules! for_each_case {
    ($then:path, $args:tt) => {
        $crate::crud_cases!($then, $args);
        $crate::cre_cases!($then, $args);
        $crate::cas_cases!($then, $args);
        $crate::exp_cases!($then, $args);
        $crate::tch_cases!($then, $args);
        $crate::lst_cases!($then, $args);
        $crate::bnd_cases!($then, $args);
        $crate::gc_cases!($then, $args);
        $crate::key_cases!($then, $args);
        $crate::val_cases!($then, $args);
        $crate::sec_cases!($then, $args);
        $crate::cor_cases!($then, $args);
        $crate::err_cases!($then, $args);
        $crate::neg_cases!($then, $args);
        $crate::rti_cases!($then, $args);
        $crate::rst_cases!($then, $args);
        $crate::obj_cases!($then, $args);
        $crate::lin_cases!($then, $args);
        $crate::mbt_cases!($then, $args);
        $crate::can_cases!($then, $args);
        $crate::crs_cases!($then, $args);
        $crate::mpr_cases!($then, $args);
        $crate::net_cases!($then, $args);
        $crate::rot_cases!($then, $args);
        $crate::kil_cases!($then, $args);
        $crate::com_cases!($then, $args);
        $crate::coo_cases!($then, $args);
    };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_id_is_of_its_group_and_used_once() {
        let mut seen = BTreeSet::new();
        for case in cases() {
            assert!(seen.insert(case.id), "{} is there twice", case.id);
            let (letters, number) = case.id.split_once('-').unwrap();
            assert_eq!(letters, case.group.letters(), "{}", case.id);
            assert!(number.len() == 3 && number.parse::<u16>().is_ok(), "{}", case.id);
        }
    }
}
