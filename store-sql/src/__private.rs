//! What the tests of this crate look at, and nobody else should.

use session_core::Result;

use crate::{dialect::Dialect, table::Table};

/// Returns the statements that look for rows, by their names, to have their plans explained.
///
/// # Errors
///
/// [`Error::Invalid`](session_core::Error::Invalid) for the name of the table.
pub fn statements(dialect: Dialect, table: &str) -> Result<Vec<(&'static str, String)>> {
    let statements = dialect.statements(&Table::parse(table)?);
    Ok(statements.that_look().into_iter().map(|(name, sql)| (name, sql.to_string())).collect())
}
