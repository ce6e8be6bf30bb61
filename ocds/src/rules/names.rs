//! A few things by their names, most of which are asked for in vain.

use crate::json::mark;

/// Things by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ByName<T> {
    /// The marks of all names: what has another one is not here.
    marks: u64,
    /// In the order of the names.
    entries: Vec<(Box<str>, T)>,
}

impl<T> Default for ByName<T> {
    fn default() -> ByName<T> {
        ByName {
            marks: 0,
            entries: Vec::new(),
        }
    }
}

impl<T> ByName<T> {
    /// The thing of this name.
    pub fn get(&self, name: &str) -> Option<&T> {
        if self.marks & mark(name) == 0 {
            return None;
        }
        let mut entries = self.entries.iter();
        entries.find(|(known, _)| **known == *name).map(|(_, thing)| thing)
    }

    /// The thing of this name, which is made if it is not there.
    pub fn get_or_default(&mut self, name: &str) -> &mut T
    where
        T: Default,
    {
        let found = self.entries.binary_search_by(|(known, _)| (**known).cmp(name));
        let place = found.unwrap_or_else(|place| {
            self.marks |= mark(name);
            self.entries.insert(place, (name.into(), T::default()));
            place
        });
        &mut self.entries[place].1
    }
}
