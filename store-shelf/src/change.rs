//! What each call does to the tables. A change that is refused has changed nothing.

use session_core::{Error, Expect, Key, Record, Result, Revision, Timestamp};

use crate::{cap, tables::Tables};

/// Writes the whole record under `key` if `expect` is what is there.
pub(crate) fn save(
    tables: &mut Tables<'_>,
    key: &Key,
    record: &Record,
    expect: Expect,
    now: Timestamp,
    max_sessions: Option<usize>,
) -> Result<Revision> {
    let found = tables.head(key)?;
    let counted = found.as_ref().filter(|head| expect.counts(head.expires_at, now));
    // Only a session that is created needs a random one, for which the operating system is asked.
    let fresh = match expect {
        Expect::Absent => Revision::first()?,
        Expect::Revision(revision) => revision,
    };
    let revision = expect.judge(counted.map(|head| head.revision), fresh)?;
    if let (Expect::Absent, Some(max)) = (expect, max_sessions) {
        cap::make_room(tables, max, now)?;
    }
    tables.put(key, record, revision, found.as_ref())?;
    Ok(revision)
}

/// Sets both times of the live session at revision `expect`.
pub(crate) fn touch(
    tables: &mut Tables<'_>,
    key: &Key,
    expect: Revision,
    [accessed_at, expires_at]: [Timestamp; 2],
    now: Timestamp,
) -> Result<Revision> {
    let found = tables.stored(key)?.filter(|stored| stored.record.is_live(now)).ok_or(Error::Missing)?;
    let revision = Expect::Revision(expect).judge(Some(found.revision), found.revision)?;
    let old = crate::format::Head::of(&found.record, found.revision);
    let record = Record { accessed_at, expires_at, ..found.record };
    tables.put(key, &record, revision, Some(&old))?;
    Ok(revision)
}
