//! Searching everything in one box, and completing what is typed: the index has it all but the rows.

use std::sync::{Arc, OnceLock};

use search::{Excerpt, Highlighter, Kind, Snapshot, Suggestion, Text, Thing, ThingPlace, Things};
use uuid::Uuid;

use super::Store;
use crate::criteria::{Cursor, PageRequest, Position, SearchType};
use crate::error::{Error, Result};

/// What is typed into the box.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The text.
    pub query: String,
    /// The types of things that are looked for.
    pub types: Vec<SearchType>,
    /// The language in which labels of classifications are read, ISO 639-1.
    pub language: String,
}

/// A page of what was found.
#[derive(Default)]
pub struct FoundThings {
    /// The things, best first.
    pub hits: Vec<ThingHit>,
    /// Whether there are more.
    pub has_more: bool,
    /// How many there are in all.
    pub count: u64,
}

/// A thing that was found.
pub struct ThingHit {
    /// The thing.
    pub thing: Thing,
    search: Arc<ThingSearch>,
}

/// What all things of a page have in common.
struct ThingSearch {
    store: Store,
    snapshot: Arc<Snapshot>,
    text: Text,
    language: String,
    highlighters: [OnceLock<Highlighter>; Kind::ALL.len()],
}

impl Typed {
    /// The name under which cursors of this search are written.
    #[must_use]
    pub fn list_name(&self) -> String {
        format!("search of {:?} in {} for {}", self.types, self.language, self.query)
    }

    /// What is looked for; `None` if it is nothing.
    fn text(&self) -> Result<Option<Text>> {
        Text::parse(&self.query).map_err(|error| Error::bad_input("query", error.to_string()))
    }

    /// The kinds of things that are looked for, each once.
    fn kinds(&self) -> Vec<Kind> {
        let is_wanted = |kind: &Kind| self.types.iter().any(|of| self::kind(*of) == *kind);
        Kind::ALL.into_iter().filter(is_wanted).collect()
    }
}

/// The index's word for a type of things.
const fn kind(of: SearchType) -> Kind {
    match of {
        SearchType::Tender => Kind::Tender,
        SearchType::Buyer => Kind::Buyer,
        SearchType::Supplier => Kind::Supplier,
        SearchType::Classification => Kind::Classification,
    }
}

/// The type of a thing that was found.
#[must_use]
pub const fn type_of(thing: &Thing) -> SearchType {
    match thing.kind {
        Kind::Tender => SearchType::Tender,
        Kind::Buyer => SearchType::Buyer,
        Kind::Supplier => SearchType::Supplier,
        Kind::Classification => SearchType::Classification,
    }
}

/// A page of what is found, best first; of a blank text, nothing.
///
/// # Errors
/// [`Error::BadUserInput`] if the text is too long; [`Error::NotSearchable`] if there is no index.
pub fn search(store: &Store, typed: &Typed, page: &PageRequest) -> Result<FoundThings> {
    let Some(text) = typed.text()? else {
        return Ok(FoundThings::default());
    };
    let held = page.after.as_ref().and_then(state).and_then(|id| store.held(id));
    let snapshot = held.map_or_else(|| store.snapshot(), Ok)?;
    let damaged = |error| store.damaged(&error);
    let after = page.after.as_ref().and_then(|cursor| {
        let place = place(cursor)?;
        Some(if state(cursor) == Some(snapshot.id()) {
            Ok(place)
        } else {
            snapshot.place_now(&text, place)
        })
    });
    let after = after.transpose().map_err(damaged)?;
    let found = snapshot.everything(&text, &typed.kinds(), &typed.language, page.size, after);
    let Things {
        things,
        has_more,
        count,
    } = found.map_err(damaged)?;
    if has_more {
        store.hold(&snapshot);
    }
    let search = Arc::new(ThingSearch {
        store: store.clone(),
        snapshot,
        text,
        language: typed.language.clone(),
        highlighters: Default::default(),
    });
    let hit = |thing| ThingHit {
        thing,
        search: Arc::clone(&search),
    };
    Ok(FoundThings {
        hits: things.into_iter().map(hit).collect(),
        has_more,
        count,
    })
}

/// Completions of a text that is being typed, best first; of a blank text, none.
///
/// # Errors
/// As [`search`].
pub fn suggest(store: &Store, typed: &Typed, most: usize) -> Result<Vec<Suggestion>> {
    let Some(text) = typed.text()? else {
        return Ok(Vec::new());
    };
    let found = store
        .snapshot()?
        .suggest(&text.unfinished(), &typed.kinds(), &typed.language, most);
    found.map_err(|error| store.damaged(&error))
}

/// The place behind a cursor: a score, a key, and the number of a kind.
fn place(cursor: &Cursor) -> Option<ThingPlace> {
    let (Position::Number(score), [id, kind, _]) = (&cursor.position, cursor.keys.as_slice()) else {
        return None;
    };
    let kind = usize::try_from(kind.as_u128()).ok()?;
    Some(ThingPlace {
        score: *score,
        kind: *Kind::ALL.get(kind)?,
        id: *id,
    })
}

/// The state of the index that a cursor was made from.
fn state(cursor: &Cursor) -> Option<Uuid> {
    cursor.keys.get(2).copied()
}

impl ThingHit {
    /// Its place in the list.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        let ThingPlace { score, kind, id } = self.thing.place();
        Cursor {
            position: Position::Number(score),
            keys: vec![id, Uuid::from_u128(kind as u128), self.search.snapshot.id()],
        }
    }

    /// Where in it the text was found. The description of a tender comes from its row.
    ///
    /// # Errors
    /// [`Error::NotSearchable`] if the index is damaged.
    pub fn excerpts(&self, description: Option<&str>) -> Result<Vec<Excerpt>> {
        let ThingSearch {
            store,
            snapshot,
            text,
            language,
            highlighters,
        } = &*self.search;
        let damaged = |error| store.damaged(&error);
        let known = &highlighters[self.thing.kind as usize];
        if known.get().is_none() {
            let highlighter = snapshot.highlighter_of(text, self.thing.kind).map_err(damaged)?;
            // Whoever was first made the same.
            let _ = known.set(highlighter);
        }
        let Some(highlighter) = known.get() else {
            return Ok(Vec::new());
        };
        let excerpts = snapshot.excerpts_of(highlighter, &self.thing, description, language);
        excerpts.map_err(damaged)
    }
}
