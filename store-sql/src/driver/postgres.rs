//! PostgreSQL.

use std::str::FromStr;

use sqlx::{
    ConnectOptions, Postgres,
    error::DatabaseError,
    postgres::{PgConnectOptions, PgDatabaseError, PgSeverity},
    query::Query,
};

use crate::{
    dialect::Dialect,
    driver::{Driver, OptionsOf, run},
    fault::Cause,
    options::SqlOptions,
    value::Column,
};

impl Driver for Postgres {
    const DIALECT: Dialect = Dialect::Postgres;
    const WRITERS: usize = usize::MAX >> 8;
    const BATCHES: usize = 2;
    const UNDOES_MIGRATIONS: bool = true;

    fn connect_options(url: &str, _: &SqlOptions) -> Result<OptionsOf<Self>, Cause> {
        let connect = PgConnectOptions::from_str(url).map_err(|_| {
            Cause::Url(
                "the URL is not understood: it should look like postgres://user:password@host/database",
            )
        })?;
        Ok(connect.disable_statement_logging())
    }

    run!(|query: Query<'static, Self, _>, column| match column {
        Column::Ints(numbers) => query.bind(numbers),
        Column::Texts(texts) => query.bind(texts),
        Column::Bytes(all) => query.bind(all),
    });

    fn cause(error: &dyn DatabaseError) -> Cause {
        let code = error.code().unwrap_or_default().into_owned();
        let fatal = error.try_downcast_ref::<PgDatabaseError>();
        let fatal =
            fatal.is_some_and(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic));
        match code.as_str() {
            "28P01" | "28000" => Cause::WrongPassword,
            "3D000" => Cause::NoDatabase,
            "53300" => Cause::TooManyConnections,
            "42P01" => Cause::NoTable,
            "42703" => Cause::NoColumn,
            "25006" => Cause::ReadOnly,
            "42501" => Cause::Denied,
            "53100" => Cause::Full,
            "40001" | "40P01" | "55P03" => Cause::Busy(code),
            "57014" | "25P03" | "25P04" if !fatal => Cause::Refused(code),
            // A fatal error may follow the commit; class 08 and 40003 say that nobody knows.
            "40003" => Cause::Ended(code),
            other if fatal || other.starts_with("08") || other.starts_with("57P") => Cause::Ended(code),
            _ => Cause::Refused(code),
        }
    }
}
