//! The values of a session with edits beside them.

use std::{iter::from_fn, sync::Arc};

use bytes::Bytes;

use super::Values;

/// The values of a session with edits beside them: what a handle reads while it writes.
///
/// The stored values are not copied until the whole is encoded.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    stored: Values,
    /// In order of names. A request edits a few, and most often in order: a tree would cost more than it saves.
    edits: Vec<(Arc<str>, Option<Bytes>)>,
}

impl View {
    pub(crate) fn new(stored: Values) -> Self {
        Self { stored, edits: Vec::new() }
    }

    /// Returns whether the edits lie beside just these values, in the same memory.
    pub(crate) fn is_of(&self, stored: &Values) -> bool {
        self.stored.is_same(stored)
    }

    pub(crate) fn find(&self, name: &str) -> Option<Bytes> {
        match self.place(name) {
            Ok(place) => self.edits.get(place).and_then(|(_, edit)| edit.clone()),
            Err(_) => self.stored.find(name),
        }
    }

    pub(crate) fn insert(&mut self, name: Arc<str>, bytes: Bytes) {
        self.edit(name, Some(bytes));
    }

    pub(crate) fn remove(&mut self, name: Arc<str>) {
        self.edit(name, None);
    }

    fn edit(&mut self, name: Arc<str>, edit: Option<Bytes>) {
        match self.place(&name) {
            Ok(place) => drop(self.edits.splice(place..=place, [(name, edit)])),
            Err(place) => self.edits.insert(place, (name, edit)),
        }
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.edits.binary_search_by(|(edited, _)| (**edited).cmp(name))
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns all names and values, in order of names.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> + Clone {
        let (mut stored, mut edits) = (self.stored.pairs().peekable(), self.edits.iter().peekable());
        from_fn(move || {
            loop {
                let (name, edit) = match (stored.peek(), edits.peek()) {
                    (_, None) => return stored.next(),
                    (Some((name, _)), Some((edited, _))) if *name < edited.as_bytes() => {
                        return stored.next();
                    }
                    (found, Some((edited, _))) => {
                        if found.is_some_and(|(name, _)| *name == edited.as_bytes()) {
                            stored.next();
                        }
                        edits.next()?
                    }
                };
                if let Some(bytes) = edit {
                    return Some((name.as_bytes(), bytes.as_ref()));
                }
            }
        })
    }

    /// Returns the values as they would be stored.
    pub(crate) fn encode(&self) -> Values {
        if self.edits.is_empty() {
            return self.stored.clone();
        }
        Values::encode(self.pairs())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Edit {
        Insert(String, Vec<u8>),
        Remove(String),
        Clear,
        Store,
    }

    fn edit() -> impl Strategy<Value = Edit> {
        prop_oneof![
            4 => ("[a-d]{0,2}", prop::collection::vec(any::<u8>(), 0..4)).prop_map(|(n, b)| Edit::Insert(n, b)),
            3 => "[a-d]{0,2}".prop_map(Edit::Remove),
            1 => Just(Edit::Clear),
            1 => Just(Edit::Store),
        ]
    }

    proptest! {
        #[test]
        fn a_view_reads_like_a_map(edits in prop::collection::vec(edit(), 0..40)) {
            let (mut view, mut model) = (View::default(), BTreeMap::<String, Vec<u8>>::new());
            for edit in edits {
                match edit {
                    Edit::Insert(name, bytes) => {
                        view.insert(name.as_str().into(), bytes.clone().into());
                        model.insert(name, bytes);
                    }
                    Edit::Remove(name) => {
                        view.remove(name.as_str().into());
                        model.remove(&name);
                    }
                    Edit::Clear => {
                        view.clear();
                        model.clear();
                    }
                    Edit::Store => {
                        view = View::new(Values::open(view.encode().as_bytes().clone()).unwrap());
                    }
                }
                let expected: Vec<_> = model.iter().map(|(n, b)| (n.as_bytes(), b.as_slice())).collect();
                prop_assert_eq!(view.pairs().collect::<Vec<_>>(), expected);
                for name in ["", "a", "bb", "dd"] {
                    prop_assert_eq!(view.find(name), model.get(name).cloned().map(Bytes::from));
                }
            }
        }
    }
}
