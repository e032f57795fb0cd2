//! A statement for many rows at once.

use std::collections::BTreeMap;

use crate::{
    dialect::Sql,
    value::{Column, Kind, Value},
};

/// One statement, and so one transaction, whose rows are bound to it.
#[derive(Debug)]
pub(crate) enum Bulk {
    /// Each column is an array of any length.
    Arrays(Sql, &'static [Kind]),
    /// Each value is a parameter of its own. There is a statement for 2 rows, one for 4, and so on, so that few have to be prepared;
    /// rows that are not needed are NULL.
    Rows {
        sizes: BTreeMap<usize, Sql>,
        /// The places of columns whose values stand behind all rows, one column after the other.
        behind: &'static [usize],
    },
}

impl Bulk {
    /// Makes a statement of each size up to `most`; `statement` makes one with these rows of parameters.
    pub(crate) fn rows(most: usize, columns: usize, statement: impl Fn(&str) -> String) -> Self {
        let row = format!("({})", vec!["?"; columns].join(", "));
        Self::of_sizes(most, &[], |size| statement(&vec![row.as_str(); size].join(", ")))
    }

    /// Makes a statement of each size up to `most`; `statement` makes one for so many rows, with the columns `behind` behind them.
    pub(crate) fn of_sizes(
        most: usize,
        behind: &'static [usize],
        statement: impl Fn(usize) -> String,
    ) -> Self {
        let sizes = (1..).map(|power| 1_usize << power).take_while(|size| *size <= most);
        Self::Rows { sizes: sizes.map(|size| (size, statement(size).into())).collect(), behind }
    }

    /// Returns the statement for so many rows.
    pub(crate) fn sql(&self, rows: usize) -> &Sql {
        match self {
            Self::Arrays(sql, _) => sql,
            Self::Rows { sizes, .. } => {
                sizes.range(rows..).next().expect("no batch has more rows than the largest statement takes").1
            }
        }
    }

    /// Returns what is bound to that statement.
    pub(crate) fn bind(&self, rows: impl ExactSizeIterator<Item = Vec<Value>>) -> Vec<Value> {
        match self {
            Self::Arrays(_, kinds) => {
                let mut columns: Vec<_> = kinds.iter().map(|kind| Column::new(*kind, rows.len())).collect();
                for row in rows {
                    columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
                }
                columns.into_iter().map(Value::Column).collect()
            }
            Self::Rows { sizes, behind } => {
                let size = sizes.range(rows.len()..).next().map_or(rows.len(), |(size, _)| *size);
                let mut rows: Vec<_> = rows.collect();
                let width = rows.first().map_or(0, Vec::len);
                rows.resize_with(size, || vec![Value::NULL; width]);
                let mut bound = Vec::with_capacity(size * width);
                let mut columns: Vec<_> = behind.iter().map(|place| (*place, Vec::new())).collect();
                for row in rows {
                    for (place, value) in row.into_iter().enumerate() {
                        match columns.iter_mut().find(|(behind, _)| *behind == place) {
                            Some((_, column)) => column.push(value),
                            None => bound.push(value),
                        }
                    }
                }
                bound.extend(columns.into_iter().flat_map(|(_, column)| column));
                bound
            }
        }
    }
}
