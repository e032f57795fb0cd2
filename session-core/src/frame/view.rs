//! The values of a session with edits beside them.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    Values,
    pairs::{pair_bytes, write_count, write_pair},
    varint::length_bytes,
};

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
            Ok(place) => {
                if let Some((_, present)) = self.edits.get_mut(place) {
                    *present = edit;
                }
            }
            Err(place) => self.edits.insert(place, (name, edit)),
        }
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.edits.binary_search_by(|(edited, _)| (**edited).cmp(name))
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns the values as they would be stored.
    pub(crate) fn encode(&self) -> Values {
        if self.edits.is_empty() {
            return self.stored.clone();
        }
        let size = self.size();
        let mut data = Vec::with_capacity(size.bytes);
        self.write(&size, &mut data);
        Values::written(data.into())
    }

    /// Returns how much it would be that is stored.
    pub(super) fn size(&self) -> Size {
        let mut bytes = 0;
        let count = self.parts(|part| {
            bytes += match part {
                Part::Stored(run) => run.len(),
                Part::Edited(name, value) => pair_bytes(name.as_bytes(), value),
            };
        });
        Size { count, bytes: length_bytes(count) + bytes }
    }

    /// Appends the values to `data` as they would be stored, which is of this `size`.
    pub(super) fn write(&self, size: &Size, data: &mut Vec<u8>) {
        write_count(size.count, data);
        self.parts(|part| match part {
            Part::Stored(run) => data.extend_from_slice(run),
            Part::Edited(name, value) => write_pair(name.as_bytes(), value, data),
        });
    }

    /// Hands the parts that the values are made of to `each`, in their order, and returns how many values there are.
    fn parts<'a>(&'a self, mut each: impl FnMut(Part<'a>)) -> usize {
        let mut stored = self.stored.pairs();
        let (mut count, mut run) = stored.left();
        for (name, edit) in &self.edits {
            let after = stored.seek(name.as_bytes());
            let (_, rest) = stored.left();
            each(Part::Stored(run.get(..run.len() - rest.len()).unwrap_or_default()));
            if let Some(after) = after {
                stored = after;
                count -= 1;
            }
            (_, run) = stored.left();
            if let Some(value) = edit {
                each(Part::Edited(name, value));
                count += 1;
            }
        }
        each(Part::Stored(run));
        count
    }
}

/// How much the values of a view are.
pub(super) struct Size {
    count: usize,
    pub(super) bytes: usize,
}

/// A part of what a view is stored as.
enum Part<'a> {
    /// Values as they are stored already.
    Stored(&'a [u8]),
    /// The name and the bytes of a value that was edited.
    Edited(&'a str, &'a [u8]),
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
                let encoded = view.encode();
                prop_assert_eq!(encoded.pairs().collect::<Vec<_>>(), expected);
                prop_assert_eq!(encoded.as_bytes().len(), view.size().bytes);
                prop_assert_eq!(Values::open(encoded.as_bytes().clone()).unwrap(), encoded);
                for name in ["", "a", "bb", "dd"] {
                    prop_assert_eq!(view.find(name), model.get(name).cloned().map(Bytes::from));
                }
            }
        }
    }
}
