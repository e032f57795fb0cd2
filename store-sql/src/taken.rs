//! A connection that was taken for one statement.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use tokio::time::timeout_at;

use crate::{
    call::Call,
    driver::Driver,
    fault::{self, Cause},
    own::Lent,
};

/// A connection in use, and where it came from.
pub(crate) enum Taken<D: Driver> {
    Own(Lent<D>),
    /// With the milliseconds that it waited for a lock before, if that was changed.
    Pool(PoolConnection<D>, Option<i64>),
}

impl<D: Driver> Taken<D> {
    pub(crate) fn connection(&mut self) -> &mut D::Connection {
        match self {
            Self::Own(lent) => &mut lent.connection,
            Self::Pool(connection, _) => connection,
        }
    }

    /// Has the application's connection wait for a lock no longer than there is time.
    pub(crate) async fn hurry(&mut self, call: &Call, timeout: Duration) -> Result<(), Cause> {
        let Self::Pool(connection, waited) = self else { return Ok(()) };
        match timeout_at(call.deadline, D::hurry(connection, timeout)).await {
            Ok(before) => *waited = before.map_err(|error| fault::cause(error, D::cause).of_a_statement())?,
            Err(_) => return Err(Cause::TimedOut),
        }
        Ok(())
    }

    pub(crate) async fn give_back(self) {
        match self {
            Self::Own(lent) => lent.give_back(),
            // It goes back when it is dropped.
            Self::Pool(_, None) => {}
            Self::Pool(mut connection, Some(before)) => {
                if D::relax(&mut connection, before).await.is_err() {
                    drop(connection.detach());
                }
            }
        }
    }

    /// Closes it. Going back, it would first send what is left of the statement.
    pub(crate) fn discard(self) {
        match self {
            // It is closed when it is dropped.
            Self::Own(_) => {}
            Self::Pool(connection, _) => drop(connection.detach()),
        }
    }
}
