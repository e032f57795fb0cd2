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
    Rows(BTreeMap<usize, Sql>),
}

impl Bulk {
    /// Makes a statement of each size up to `most`; `statement` makes one with these rows of parameters.
    pub(crate) fn rows(most: usize, columns: usize, statement: impl Fn(&str) -> String) -> Self {
        let row = format!("({})", vec!["?"; columns].join(", "));
        let sizes = (1..).map(|power| 1_usize << power).take_while(|size| *size <= most);
        Self::Rows(sizes.map(|size| (size, statement(&vec![row.as_str(); size].join(", ")).into())).collect())
    }

    /// Returns the statement for so many rows.
    pub(crate) fn sql(&self, rows: usize) -> &Sql {
        match self {
            Self::Arrays(sql, _) => sql,
            Self::Rows(sizes) => {
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
            Self::Rows(sizes) => {
                let (count, mut bound) = (rows.len(), rows.flatten().collect::<Vec<_>>());
                let width = bound.len() / count.max(1);
                let size = sizes.range(count..).next().map_or(count, |(size, _)| *size);
                bound.resize_with(size * width, || Value::NULL);
                bound
            }
        }
    }
}
