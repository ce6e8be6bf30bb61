//! Where the routine is in the release: names on the way down, written out only when someone wants to read them.

use std::fmt;

/// One step on the way from the release to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part<Text> {
    /// A member of an object.
    Field(Text),
    /// The object of a list that has this `id`.
    Id(Text),
    /// The object at this place of a list, where objects are not known by their `id`.
    Nth(usize),
}

/// A way from the release to a value.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    above: Option<&'p Path<'p>>,
    part: Part<&'p str>,
}

impl<'p> Path<'p> {
    /// The release itself.
    pub(super) fn release() -> Path<'static> {
        Path {
            above: None,
            part: Part::Field(""),
        }
    }

    /// A field of the object at this path.
    pub(super) fn field<'q>(&'q self, name: &'q str) -> Path<'q>
    where
        'p: 'q,
    {
        self.below(Part::Field(name))
    }

    /// What is one step below this path.
    pub(super) fn below<'q>(&'q self, part: Part<&'q str>) -> Path<'q>
    where
        'p: 'q,
    {
        Path {
            above: Some(self),
            part,
        }
    }

    /// The last step and the way before it; none for the release itself.
    pub(super) fn split(&self) -> Option<(&'p Path<'p>, Part<&'p str>)> {
        Some((self.above?, self.part))
    }

    /// The `id`s of the objects in lists on the way, outermost first; none for an object without.
    pub(super) fn ids(&self) -> Vec<Option<String>> {
        let Some((above, part)) = self.split() else {
            return Vec::new();
        };
        let mut ids = above.ids();
        match part {
            Part::Field(_) => {}
            Part::Id(id) => ids.push(Some(id.to_owned())),
            Part::Nth(_) => ids.push(None),
        }
        ids
    }
}

/// The fields on the way, such as `tender/items/unit`; the objects of lists are passed over.
impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = Vec::new();
        let mut way = self.split();
        while let Some((above, part)) = way {
            if let Part::Field(name) = part {
                names.push(name);
            }
            way = above.split();
        }
        names.reverse();
        formatter.write_str(&names.join("/"))
    }
}
