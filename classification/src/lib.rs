//! The code trees of European procurement: what is bought (CPV 2008) and where (NUTS), with labels in all languages of
//! the EU.
//!
//! [`Code::parse`] makes one code of every spelling. [`find`] looks it up in the official list; an [`Entry`] of the list
//! knows its label, what stands above it and what stands below it. A code that was never issued still has a place:
//! [`nearest`] is the issued code that it hangs on. [`search`] finds entries by the beginnings of words or of the code.
//!
//! The lists are part of the binary, compressed, a file for each language (`data/README.md` says where they come from).
//! The codes are unpacked when a scheme is first asked for, labels when their language is.

mod code;
mod list;
mod search;
mod text;
mod tree;

pub use code::{Code, Scheme};
pub use list::languages;
pub use search::search;
pub use text::fold_into;
pub use tree::{Entry, ancestors, children, entries, find, nearest};
