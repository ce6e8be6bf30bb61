//! What a classification shows: a code as published or as the official list has it, and its place in the tree.

use std::sync::Arc;

use async_graphql::connection::EmptyFields;
use async_graphql::{Context, Object, Result};
use classification::{Code, Entry, Scheme};

use super::connection::{Connection, Listed, Places, Total};
use super::direct::{Direct, Objects, plain_fields};
use super::load;
use crate::criteria::classification::read;
use crate::criteria::page::PageArguments;
use crate::criteria::{Cursor, OrderDirection, Position};
use crate::error::Error;
use crate::store::classification::{ClassificationRow, TenderCountOfCode};
use crate::store::keyset::{Keyset, Kind, Page};

/// The language of labels and searches if the client names none.
pub const ENGLISH: &str = "en";

/// The longest text that is searched for, in characters: every label is compared with every word of it.
const LONGEST_SEARCH: usize = 200;

/// A code of a scheme, whether the hub knows the scheme or not.
#[derive(Clone, Debug)]
pub struct Classification {
    /// The name of the scheme.
    pub scheme: String,
    /// The code, in any spelling.
    pub code: String,
    /// What the publisher says it means.
    pub label: Option<String>,
}

impl From<&ClassificationRow> for Classification {
    fn from(row: &ClassificationRow) -> Self {
        Self {
            scheme: row.scheme().to_owned(),
            code: row.code().to_owned(),
            label: row.label().map(str::to_owned),
        }
    }
}

impl From<Entry> for Classification {
    fn from(entry: Entry) -> Self {
        Self {
            scheme: entry.scheme().name().to_owned(),
            code: entry.code().to_string(),
            label: None,
        }
    }
}

impl Classification {
    /// Its place in the tree, if it has the shape of a code of a scheme that is one.
    fn place(&self) -> Option<Code> {
        Code::parse(Scheme::from_name(&self.scheme)?, &self.code)
    }

    /// The official list's entry.
    fn entry(&self) -> Option<Entry> {
        self.place().and_then(classification::find)
    }

    /// What it means, in a language of the EU or as published.
    pub fn named(&self, language: Option<&str>) -> Option<&str> {
        let published = self.label.as_deref();
        let official = |language: &str| self.entry().map(|entry| entry.label(language));
        match language {
            Some(language) => official(language).or(published),
            None => published.or_else(|| official(ENGLISH)),
        }
    }

    /// How many tenders stand under it; `None` if its scheme is no tree that the hub knows.
    async fn count(&self, context: &Context<'_>) -> Result<Option<i64>> {
        let Some(scheme) = Scheme::from_name(&self.scheme) else {
            return Ok(None);
        };
        let key = self
            .place()
            .map_or_else(|| self.code.clone(), |code| code.key().to_owned());
        let scheme = scheme.name();
        Ok(load(context, TenderCountOfCode { scheme, key }).await?)
    }
}

/// A code that says what something is: what is bought (CPV), where (NUTS), or a code of a scheme that the publisher chose.
/// CPV and NUTS are trees: a code stands for itself and all below it.
#[Object]
impl Classification {
    /// The scheme the code is from, as published: `"CPV"`.
    async fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The code, as published where a tender or item carries it, otherwise as the official list writes it: `"72000000-5"`,
    /// `"NL32"`.
    async fn code(&self) -> &str {
        &self.code
    }

    /// What the code means. With `lang` in the words of the official list, else in those that came with the code; where one
    /// is missing, the other stands in. Null for a code that is not on the list and came without words.
    async fn label(
        &self,
        #[graphql(
            desc = "A language of the EU, ISO 639-1: `\"nl\"`; where the list does not have it, English stands in. \
                          Regions are named in the language of the place, whatever is asked for."
        )]
        lang: Option<String>,
    ) -> Option<&str> {
        self.named(lang.as_deref())
    }

    /// How deep it stands. CPV: 1 for a division, 2 for a group, 3 for a class, 4 for a category, up to 7. NUTS: 0 for a
    /// country, up to 3. Null for schemes that are no trees.
    async fn level(&self) -> Option<i32> {
        i32::try_from(self.place()?.level()).ok()
    }

    /// The code right above it; null at the top. A code whose parent was never issued hangs on the nearest code above.
    async fn parent(&self) -> Option<Direct<Classification>> {
        Some(Direct(classification::nearest(self.place()?)?.into()))
    }

    /// The codes above it, from the top of the tree down to its parent.
    async fn ancestors(&self) -> Objects<Classification> {
        let above = self.place().into_iter().flat_map(classification::ancestors);
        Objects(above.map(Classification::from).collect())
    }

    /// The codes of the official list right below it, by code.
    async fn children(&self) -> Objects<Classification> {
        let below = self
            .entry()
            .into_iter()
            .flat_map(|entry| classification::children(entry.scheme(), Some(entry)));
        Objects(below.map(Classification::from).collect())
    }

    /// How many tenders carry it or a code below it, whether that is on the official list or not. Null for schemes that are
    /// no trees.
    async fn tender_count(&self, context: &Context<'_>) -> Result<Option<i32>> {
        let count = self.count(context).await?;
        Ok(count.map(|count| i32::try_from(count).unwrap_or(i32::MAX)))
    }
}

plain_fields!(Classification: scheme, code, level; objects: parent, ancestors, children);

impl Listed for Classification {
    type EdgeFields = EmptyFields;
    type ListFields = EmptyFields;

    fn edge_fields(&self) -> EmptyFields {
        EmptyFields
    }

    fn place(&self, _keyset: &Keyset) -> Option<Cursor> {
        Some(Cursor {
            position: Position::Text(Classification::place(self)?.key().to_owned()),
            keys: Vec::new(),
        })
    }

    fn position(&self) -> i32 {
        0
    }
}

/// The node of a code: the official list's, or one for a code that is not on it but in the data.
pub async fn find(context: &Context<'_>, scheme: Scheme, text: &str) -> Result<Option<Direct<Classification>>> {
    let code = Code::parse(scheme, text);
    if let Some(entry) = code.and_then(classification::find) {
        return Ok(Some(Direct(entry.into())));
    }
    // No published code has a control character, and PostgreSQL refuses one of them.
    if text.chars().any(char::is_control) {
        return Ok(None);
    }
    let unknown = Classification {
        scheme: scheme.name().to_owned(),
        code: code.map_or_else(|| text.trim().to_owned(), |code| code.to_string()),
        label: None,
    };
    let is_carried = unknown.count(context).await?.is_some_and(|count| count > 0);
    Ok(is_carried.then_some(Direct(unknown)))
}

/// Which entries of an official list are wanted.
pub struct ClassificationList {
    /// The list.
    pub scheme: Scheme,
    /// Only what is below this code.
    pub parent: Option<String>,
    /// Only what these words or this beginning of a code find.
    pub search: Option<String>,
    /// The language of the words.
    pub language: Option<String>,
}

impl ClassificationList {
    /// One page of the list.
    pub fn page(&self, first: Option<i32>, after: Option<String>) -> Result<Direct<Connection<Classification>>> {
        let keyset = keyset(self.scheme);
        let arguments = PageArguments {
            first,
            after,
            ..PageArguments::default()
        };
        let page = arguments.check(&keyset.list_name())?;
        let entries = self.entries()?;
        let is_last_shown = |entry: &Entry, cursor: &Cursor| match &cursor.position {
            Position::Text(key) => entry.code().key() == key,
            _ => false,
        };
        let start = match &page.after {
            None => 0,
            Some(cursor) => {
                let last_shown = entries.iter().position(|entry| is_last_shown(entry, cursor));
                last_shown.ok_or(Error::InvalidCursor { argument: "after" })? + 1
            }
        };
        let end = entries.len().min(start + page.size);
        let rows = entries[start..end].iter().copied().map(Arc::new);
        let shown = Page::alone(rows.collect(), page.after.is_some(), end < entries.len());
        let total = Total::Known(entries.len());
        Ok(Connection::new(&shown, Places::Keyset(keyset), total, |entry| {
            Classification::from(**entry)
        }))
    }

    /// All of it: what is found, best first, or what is right below the parent, by code.
    fn entries(&self) -> Result<Vec<Entry>> {
        let parent = self.parent.as_ref();
        let parent = parent.map(|code| read(self.scheme, code, "parent")).transpose()?;
        let language = self.language.as_deref().unwrap_or(ENGLISH);
        let search = self.search.as_deref().filter(|text| !text.trim().is_empty());
        if let Some(text) = search {
            if text.chars().count() > LONGEST_SEARCH {
                let reason = format!("is longer than {LONGEST_SEARCH} characters");
                return Err(Error::bad_input("search", reason).into());
            }
            let is_below = |code: Code| parent.is_none_or(|parent| code.is_within(&parent) && code != parent);
            let found = classification::search(self.scheme, text, language).into_iter();
            return Ok(found.filter(|entry| is_below(entry.code())).collect());
        }
        let Some(code) = parent else {
            return Ok(classification::children(self.scheme, None).collect());
        };
        let below = |entry| classification::children(self.scheme, Some(entry)).collect();
        Ok(classification::find(code).map_or_else(Vec::new, below))
    }
}

/// The name and edition of a list, for its cursors: they hold a code.
fn keyset(scheme: Scheme) -> Keyset {
    Keyset {
        list: match scheme {
            Scheme::Cpv => "classifications of CPV 2008",
            Scheme::Nuts => "classifications of NUTS 2024",
        },
        value: ("classification", "code"),
        kind: Kind::Text,
        nullable: false,
        keys: &[],
        direction: OrderDirection::Asc,
    }
}
