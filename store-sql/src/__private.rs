//! What the tests of this crate look at, and nobody else should.

use std::time::Duration;

use session_core::Result;

use crate::{dialect::Dialect, executor::Executor, options::SqlOptions, pool::Server, table::Table};

/// Does what [`SqlStore::migrate`](crate::SqlStore::migrate) does, where one has less patience: `timeout` is that of the options.
///
/// # Errors
///
/// As [`SqlStore::migrate`](crate::SqlStore::migrate).
pub async fn migrate(url: &str, table: &str, timeout: Duration) -> Result<()> {
    let (table, options) = (Table::parse(table)?, SqlOptions::default().timeout(timeout));
    let server = Server::parse(url, &options)?;
    Executor::here()?.run(server.migrate(table, options)).await
}

/// Returns the statements that look for rows, by their names, to have their plans explained.
///
/// # Errors
///
/// [`Error::Invalid`](session_core::Error::Invalid) for the name of the table.
pub fn statements(dialect: Dialect, table: &str) -> Result<Vec<(&'static str, String)>> {
    // So is the index called that the migration makes.
    let statements = dialect.statements(&Table::parse(table)?, Some("session_id"));
    Ok(statements.that_look().into_iter().map(|(name, sql)| (name, sql.to_string())).collect())
}
