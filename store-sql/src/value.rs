//! What is bound to statements, and what comes back.

/// A value of a column; `Bytes(None)` is NULL. It may be data or an owner, so it has no `Debug`.
#[derive(Clone)]
pub(crate) enum Value {
    Int(i64),
    Text(String),
    Bytes(Option<Vec<u8>>),
    /// The values of many rows, which PostgreSQL alone takes as one.
    Column(Column),
    /// What came back is of another type than was asked for.
    Odd,
}

impl Value {
    pub(crate) const NULL: Self = Self::Bytes(None);
}

/// The values of one column for many rows; `None` is NULL.
#[derive(Clone)]
pub(crate) enum Column {
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

impl Column {
    pub(crate) fn new(kind: Kind, rows: usize) -> Self {
        match kind {
            Kind::Int => Self::Ints(Vec::with_capacity(rows)),
            Kind::Text => Self::Texts(Vec::with_capacity(rows)),
            Kind::Bytes => Self::Bytes(Vec::with_capacity(rows)),
        }
    }

    /// Adds a value of this kind, or NULL for any other.
    pub(crate) fn push(&mut self, value: Value) {
        match (self, value) {
            (Self::Ints(column), Value::Int(number)) => column.push(Some(number)),
            (Self::Texts(column), Value::Text(text)) => column.push(Some(text)),
            (Self::Bytes(column), Value::Bytes(bytes)) => column.push(bytes),
            (Self::Ints(column), _) => column.push(None),
            (Self::Texts(column), _) => column.push(None),
            (Self::Bytes(column), _) => column.push(None),
        }
    }
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
#[derive(Default)]
pub(crate) struct Answer {
    /// How many rows were written or deleted.
    pub(crate) affected: u64,
    /// What came back, of a statement that reads.
    pub(crate) rows: Vec<Row>,
}
