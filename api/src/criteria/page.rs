//! Which part of a list is asked for.

use super::cursor::Cursor;
use crate::error::{Error, Result};

/// Rows of a page if the client does not say.
pub const DEFAULT_PAGE: usize = 20;
/// The most rows of a page.
pub const MAX_PAGE: usize = 100;

/// The four paging arguments of a connection, as the client gave them.
#[derive(Clone, Debug, Default)]
pub struct PageArguments {
    /// How many from the start.
    pub first: Option<i32>,
    /// Only what comes after this cursor.
    pub after: Option<String>,
    /// How many from the end.
    pub last: Option<i32>,
    /// Only what comes before this cursor.
    pub before: Option<String>,
}

/// A page of a list, checked: its size is within bounds and its cursors belong to the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageRequest {
    /// Rows on the page, 0 to [`MAX_PAGE`].
    pub size: usize,
    /// Whether the page is counted from the end of the list.
    pub backward: bool,
    /// Only rows after this place.
    pub after: Option<Cursor>,
    /// Only rows before this place.
    pub before: Option<Cursor>,
}

impl PageArguments {
    /// Checks the arguments for the list named `list` (see [`Cursor::write`]).
    pub fn check(&self, list: &str) -> Result<PageRequest> {
        let (size, backward) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(Error::bad_input("last", "give either `first` or `last`, not both"));
            }
            (None, Some(last)) => (page_size("last", last)?, true),
            (first, None) => (
                first.map_or(Ok(DEFAULT_PAGE), |first| page_size("first", first))?,
                false,
            ),
        };
        let read = |argument, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => Cursor::read(text, list)
                .map(Some)
                .ok_or(Error::InvalidCursor { argument }),
        };
        Ok(PageRequest {
            size,
            backward,
            after: read("after", &self.after)?,
            before: read("before", &self.before)?,
        })
    }
}

/// A page of the parts of a process (its lots, awards, …), which are listed as published and are few.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartPage {
    /// Rows on the page, 0 to [`MAX_PAGE`].
    pub size: usize,
    /// Place in the published list after which the page begins; -1 for its start.
    pub after: i32,
}

impl PartPage {
    /// The name under which cursors of parts are written; their place is all they hold.
    pub const LIST: &str = "parts as published";

    /// Checks the arguments of a part's connection.
    pub fn check(first: Option<i32>, after: Option<&str>) -> Result<Self> {
        let size = first.map_or(Ok(DEFAULT_PAGE), |first| page_size("first", first))?;
        let after = match after {
            None => -1,
            Some(text) => match Cursor::read(text, Self::LIST).map(|cursor| cursor.position) {
                Some(super::Position::Number(number)) => {
                    i32::try_from(number).map_err(|_| Error::InvalidCursor { argument: "after" })?
                }
                _ => return Err(Error::InvalidCursor { argument: "after" }),
            },
        };
        Ok(Self { size, after })
    }
}

/// Checks how many rows are asked for.
pub fn page_size(argument: &'static str, asked: i32) -> Result<usize> {
    let size = usize::try_from(asked).map_err(|_| Error::bad_input(argument, "cannot be negative"))?;
    if size > MAX_PAGE {
        return Err(Error::PageTooLarge {
            argument,
            asked: size,
            limit: MAX_PAGE,
        });
    }
    Ok(size)
}
