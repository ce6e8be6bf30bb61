//! The lists as trees. Codes stand in the order of the tree, so that all that is below a code follows it at once.

use std::ops::Range;

use crate::code::{Code, Scheme};
use crate::list::list;

/// A code of an official list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    scheme: Scheme,
    index: usize,
}

/// The entry of a code; `None` if it was never issued.
#[must_use]
pub fn find(code: Code) -> Option<Entry> {
    let scheme = code.scheme();
    let index = list(scheme).codes.binary_search(&code).ok()?;
    Some(Entry { scheme, index })
}

/// What stands above a code, whether it was issued or not: from the top of the tree down.
pub fn ancestors(code: Code) -> impl DoubleEndedIterator<Item = Entry> {
    code.path().filter(move |above| *above != code).filter_map(find)
}

/// What a code hangs on, whether it was issued or not: the nearest issued code above it. `None` at the top of the tree.
#[must_use]
pub fn nearest(code: Code) -> Option<Entry> {
    ancestors(code).next_back()
}

/// Every entry of a scheme, in the order of the tree: each is followed by all that is below it.
pub fn entries(scheme: Scheme) -> impl Iterator<Item = Entry> {
    (0..list(scheme).codes.len()).map(move |index| Entry { scheme, index })
}

/// The entries right below `parent`, or at the top of the tree, by code.
pub fn children(scheme: Scheme, parent: Option<Entry>) -> impl Iterator<Item = Entry> {
    let mut rest = parent.map_or(0..list(scheme).codes.len(), Entry::below);
    std::iter::from_fn(move || {
        let child = Entry {
            scheme,
            index: rest.next()?,
        };
        rest.start = child.below().end;
        Some(child)
    })
}

impl Entry {
    /// Its scheme.
    #[must_use]
    pub const fn scheme(self) -> Scheme {
        self.scheme
    }

    /// Its code.
    #[must_use]
    pub fn code(self) -> Code {
        list(self.scheme).codes[self.index]
    }

    /// What it means in a language, ISO 639-1 such as `nl`; in English if the list does not have that language. Regions
    /// are named in the language of the place.
    #[must_use]
    pub fn label(self, language: &str) -> &'static str {
        list(self.scheme).labels(language).lines().get(self.index)
    }

    /// Its number in the list, from 0.
    pub(crate) const fn index(self) -> usize {
        self.index
    }

    /// The numbers of all entries below it.
    fn below(self) -> Range<usize> {
        let (codes, code) = (&list(self.scheme).codes, self.code());
        let start = self.index + 1;
        start..start + codes[start..].partition_point(|other| other.is_within(&code))
    }
}
