//! Deleting expired sessions, by their order.

use session_core::{Result, Timestamp};

use crate::{schema, tables::Tables};

/// The most expired sessions that are deleted in one transaction, so that other writes come in between.
pub(crate) const ROOM: usize = 500;

/// What a sweep did.
pub(crate) struct Swept {
    pub(crate) count: usize,
    /// Whether some may be left that were not looked at.
    pub(crate) more: bool,
}

/// Deletes at most `limit` sessions that are dead at `now`, and at most as many as this transaction has room for.
pub(crate) fn sweep(tables: &mut Tables<'_>, now: Timestamp, limit: usize) -> Result<Swept> {
    let mut count = 0;
    while count < limit {
        let Some(place) = tables.first_to_expire()?.filter(|place| schema::is_dead(place, now)) else {
            return Ok(Swept { count, more: false });
        };
        if tables.sweep_room == 0 {
            break;
        }
        tables.sweep_room -= 1;
        count += usize::from(tables.expire(&place, now)?);
    }
    Ok(Swept { count, more: true })
}
