//! Answering without a future.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use crate::{Expect, Key, Record, Result, Revision, Stored, Timestamp};

/// Loads and saves at once, for stores that wait for nothing.
///
/// To a store in memory the futures of [`Store`](crate::Store) cost more than its own work. Where it has this facet,
/// sessions are loaded and most of them saved by it; whatever is more than one request's business goes the usual way.
///
/// # Contract
///
/// Each call is that of `Store`, and keeps its contract; a store whose `load` and `save` do nothing but call these has had them
/// tried by `conformance-tests` as well. It waits for nothing but a lock that is never held for long, and leaves handles alone,
/// since one is locked while it saves. A store that wraps another one and changes what that does has no such
/// facet, or one of its own.
pub trait AtOnce: Send + Sync {
    /// Does what [`Store::load`](crate::Store::load) does.
    ///
    /// # Errors
    ///
    /// As there.
    fn load_at_once(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>>;

    /// Does what [`Store::save`](crate::Store::save) does.
    ///
    /// # Errors
    ///
    /// As there.
    fn save_at_once(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision>;
}

/// Returns what `work` answers when it is first asked, if it has waited for nothing by then.
pub(crate) fn at_once<T>(work: impl Future<Output = T>) -> Option<T> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}
