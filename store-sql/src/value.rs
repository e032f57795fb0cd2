//! What is bound to statements, and what comes back.

/// A value of a column; `Bytes(None)` is NULL.
#[derive(Debug)]
pub(crate) enum Value {
    Int(i64),
    Text(String),
    Bytes(Option<Vec<u8>>),
    /// What came back is of another type than was asked for.
    Odd,
}

/// What a column is read as.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Int,
    Text,
    Bytes,
}

/// A row that came back: `None` is NULL.
pub(crate) type Row = Vec<Option<Value>>;

/// What a statement did.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// How many rows were written or deleted.
    pub(crate) affected: u64,
    /// What came back, of a statement that reads.
    pub(crate) rows: Vec<Row>,
}
