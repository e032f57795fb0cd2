//! The most sessions the file may hold.

use session_core::{Result, Timestamp};

use crate::{schema, tables::Tables};

/// Evicts until one session more fits: the dead, then those without an owner, then the rest, and of each the one that
/// expired or was used first. The one being created is not there yet, so it is never the one that goes.
pub(crate) fn make_room(tables: &mut Tables<'_>, max: usize, now: Timestamp) -> Result<()> {
    let max = u64::try_from(max.max(1)).unwrap_or(u64::MAX);
    while tables.len()? >= max && evict_one(tables, now)? {}
    Ok(())
}

/// Evicts who goes next, and returns whether there was anybody.
fn evict_one(tables: &mut Tables<'_>, now: Timestamp) -> Result<bool> {
    if let Some(place) = tables.first_to_expire()?.filter(|place| schema::is_dead(place, now)) {
        return tables.expire(&place, now).map(|_| true);
    }
    match tables.first_to_evict()? {
        Some(place) => tables.evict(&place).map(|()| true),
        None => Ok(false),
    }
}
