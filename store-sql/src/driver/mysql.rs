//! MariaDB and MySQL.

use std::str::FromStr;

use sqlx::{
    ConnectOptions, MySql,
    error::DatabaseError,
    mysql::{MySqlConnectOptions, MySqlDatabaseError},
    query::Query,
};

use crate::{
    dialect::Dialect,
    driver::{Driver, OptionsOf, run},
    fault::Cause,
    options::SqlOptions,
};

impl Driver for MySql {
    const DIALECT: Dialect = Dialect::MySql;
    const WRITERS: usize = usize::MAX >> 8;
    const BATCHES: usize = 1;
    // A server may be told to take no packet of more than 1 MiB, and ends the connection that sends one.
    const BATCH_BYTES: usize = 1 << 19;
    // Each change of a table commits.
    const UNDOES_MIGRATIONS: bool = false;

    fn connect_options(url: &str, _: &SqlOptions) -> Result<OptionsOf<Self>, Cause> {
        let connect = MySqlConnectOptions::from_str(url).map_err(|_| {
            Cause::Url("the URL is not understood: it should look like mysql://user:password@host/database")
        })?;
        if connect.get_database().is_none() {
            return Err(Cause::Url(
                "the URL names no database: it should end like mysql://user@host/database",
            ));
        }
        Ok(connect.disable_statement_logging())
    }

    // No statement has a whole column as a parameter.
    run!(|query: Query<'static, Self, _>, _| query.bind(None::<i64>));

    fn cause(error: &dyn DatabaseError) -> Cause {
        let number = error.try_downcast_ref::<MySqlDatabaseError>().map_or(0, MySqlDatabaseError::number);
        let code = number.to_string();
        match number {
            1044 | 1142 | 1143 | 1227 => Cause::Denied,
            1045 | 1698 => Cause::WrongPassword,
            1049 => Cause::NoDatabase,
            1040 | 1203 | 1226 => Cause::TooManyConnections,
            1146 => Cause::NoTable,
            1054 => Cause::NoColumn,
            1290 | 1792 | 1836 => Cause::ReadOnly,
            1021 | 1114 => Cause::Full,
            // Only the statement was rolled back, or the whole transaction, which is the statement.
            1205 | 1213 => Cause::Busy(code),
            // The server ends, the connection was killed, or the commit itself failed.
            1053 | 1152 | 1159 | 1161 | 1180 | 1184 | 1927 => Cause::Ended(code),
            _ => Cause::Refused(code),
        }
    }
}
