//! What was measured, and how it is shown.

mod case;
pub(crate) mod chart;
mod grid;
mod place;
pub(crate) mod plot;
pub(crate) mod report;
mod row;
mod svg;
pub(crate) mod table;

pub(crate) use self::row::{Row, Unit};
