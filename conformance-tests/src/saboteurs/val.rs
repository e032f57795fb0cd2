//! Flaws of data.

pub(super) mod large;

use async_trait::async_trait;
use bytes::Bytes;
use session_core::{Owner, Record, Result, Revision};

use super::{Flaw, Save, World, saboteurs};

saboteurs! {
    data_are_cut_at_64_kib DataAreCutAt64Kib caught by "VAL-001": "Data end after 65,535 bytes.";
    data_are_cut_at_a_mebibyte DataAreCutAtAMebibyte caught by "VAL-002": "Data end after 1,048,576 bytes.";
    data_end_at_nul DataEndAtNul caught by "VAL-004": "Data end at the first NUL.";
    data_are_text DataAreText caught by "VAL-004": "Data are kept as UTF-8.";
    data_lose_zeros_at_the_end DataLoseZerosAtTheEnd caught by "VAL-005": "Zeros at the end of data are not kept.";
    data_are_trimmed DataAreTrimmed caught by "VAL-008": "Spaces around data are not kept.";
    null_is_nothing NullIsNothing caught by "VAL-008": "Data that read NULL are empty.";
    owners_have_64_bytes OwnersHave64Bytes caught by "VAL-009": "Owners end after 64 bytes.";
}

#[async_trait]
impl Flaw for DataAreCutAt64Kib {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let data = call.record.data.slice(..call.record.data.len().min(65_535));
        world.with(|sessions| call.of(&Record { data, ..call.record.clone() }, sessions))
    }
}

#[async_trait]
impl Flaw for DataAreCutAtAMebibyte {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let data = call.record.data.slice(..call.record.data.len().min(1 << 20));
        world.with(|sessions| call.of(&Record { data, ..call.record.clone() }, sessions))
    }
}

#[async_trait]
impl Flaw for DataEndAtNul {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let data =
            call.record.data.split(|byte| *byte == 0).next().map(Bytes::copy_from_slice).unwrap_or_default();
        world.with(|sessions| call.of(&Record { data, ..call.record.clone() }, sessions))
    }
}

#[async_trait]
impl Flaw for DataAreText {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let data = Bytes::from(String::from_utf8_lossy(&call.record.data).into_owned());
        world.with(|sessions| call.of(&Record { data, ..call.record.clone() }, sessions))
    }
}

#[async_trait]
impl Flaw for DataLoseZerosAtTheEnd {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let data = without_zeros(&call.record.data);
        world.with(|sessions| call.of(&Record { data, ..call.record.clone() }, sessions))
    }
}

#[async_trait]
impl Flaw for DataAreTrimmed {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let data = Bytes::copy_from_slice(call.record.data.trim_ascii());
        world.with(|sessions| call.of(&Record { data, ..call.record.clone() }, sessions))
    }
}

#[async_trait]
impl Flaw for NullIsNothing {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let data = if call.record.data == "NULL" { Bytes::new() } else { call.record.data.clone() };
        world.with(|sessions| call.of(&Record { data, ..call.record.clone() }, sessions))
    }
}

#[async_trait]
impl Flaw for OwnersHave64Bytes {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let short = call.record.owner.as_ref().and_then(|owner| owner.as_str().get(..64));
        let owner = short.and_then(|name| Owner::new(name).ok()).or_else(|| call.record.owner.clone());
        world.with(|sessions| call.of(&Record { owner, ..call.record.clone() }, sessions))
    }
}

fn without_zeros(data: &Bytes) -> Bytes {
    let zeros = data.iter().rev().take_while(|byte| **byte == 0).count();
    data.slice(..data.len() - zeros)
}
