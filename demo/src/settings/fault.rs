//! What is wrong in a file, and where.

use std::{fmt, ops::Range};

use toml::de::DeTable;

/// What is wrong in a file, and where; without the text of the line, which may hold a secret key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Counted from one.
    line: Option<usize>,
    field: Option<String>,
    why: String,
}

/// Where the parameters stand in a file.
#[derive(Debug)]
pub(super) struct Places<'a> {
    text: &'a str,
    /// The names in the order of the file.
    fields: Vec<(Range<usize>, String)>,
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str, file: &DeTable<'_>) -> Self {
        let mut fields: Vec<_> =
            file.keys().map(|name| (name.span(), name.get_ref().clone().into_owned())).collect();
        fields.sort_by_key(|(span, _)| span.start);
        Self { text, fields }
    }

    /// Returns the fault at `span`.
    pub(super) fn at(&self, span: Option<Range<usize>>, why: impl Into<String>) -> Fault {
        let at = span.map(|span| span.start);
        let field = at.and_then(|at| self.fields.iter().rfind(|(span, _)| span.start <= at));
        Fault {
            line: at.map(|at| self.line(at)),
            field: field.map(|(_, name)| name.clone()),
            why: why.into(),
        }
    }

    /// Returns the fault of a text that could not be read, at `span`.
    ///
    /// Its field is what the line begins with, if that `is_parameter`: what else is on a line may belong to a secret.
    pub(super) fn on_line(
        &self,
        span: Option<Range<usize>>,
        why: impl Into<String>,
        is_parameter: impl Fn(&str) -> bool,
    ) -> Fault {
        let line = span.map_or(1, |span| self.line(span.start));
        let text = self.text.lines().nth(line - 1).unwrap_or_default().trim_start();
        let name =
            text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_').next();
        let field = name.filter(|name| is_parameter(name)).map(Into::into);
        Fault { line: Some(line), field, why: why.into() }
    }

    /// Returns the fault of the parameter that is called one of `names`, whose first is its own.
    pub(super) fn of(&self, names: &[&str], why: impl Into<String>) -> Fault {
        match self.fields.iter().find(|(_, name)| names.contains(&name.as_str())) {
            Some((span, _)) => self.at(Some(span.clone()), why),
            None => Fault { line: None, field: names.first().map(ToString::to_string), why: why.into() },
        }
    }

    /// Returns which of `names` comes second, when more than one is there.
    pub(super) fn second_of<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        let mut present =
            self.fields.iter().filter_map(|(_, name)| names.iter().find(|known| *known == name));
        present.nth(1).copied()
    }

    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or(self.text.as_bytes());
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

impl fmt::Display for Fault {
    /// Continues the name of the file: ", line 3, `timeout`: why".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", `{field}`")?;
        }
        write!(f, ": {}", self.why)
    }
}
