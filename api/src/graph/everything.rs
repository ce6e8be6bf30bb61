//! One box that searches everything, and completions while somebody types.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::connection::PageInfo;
use async_graphql::{Context, Object, Result, Union};
use search::Thing;
use uuid::Uuid;

use super::buyer::Buyer;
use super::classification::Classification;
use super::direct::{Direct, Objects, Together};
use super::found_tender::Highlight;
use super::supplier::Supplier;
use super::tender::Tender;
use super::{load, load_all, store};
use crate::criteria::SearchType;
use crate::criteria::page::PageArguments;
use crate::store::everything::{self, ThingHit, Typed};
use crate::store::organization::{OrganizationById, OrganizationRow};
use crate::store::tender::{TenderById, TenderRow};

/// Something that can be searched for.
#[derive(Union, Clone)]
pub enum SearchResult {
    /// A contracting process.
    Tender(Tender),
    /// An organisation as a buyer.
    Buyer(Buyer),
    /// An organisation as a supplier.
    Supplier(Supplier),
    /// A code of CPV or NUTS.
    Classification(Classification),
}

/// A page of what is found in everything.
pub struct SearchConnection {
    edges: Vec<SearchEdge>,
    has_previous: bool,
    has_next: bool,
    count: u64,
}

/// A thing that was found.
#[derive(Clone)]
pub struct SearchEdge {
    cursor: String,
    node: SearchResult,
    hit: Arc<ThingHit>,
    /// Of a tender.
    row: Option<Arc<TenderRow>>,
}

/// Searches, and reads the rows of what is found: in one statement for tenders, and one for organisations.
pub async fn search(context: &Context<'_>, typed: &Typed, page: &PageArguments) -> Result<SearchConnection> {
    let list = typed.list_name();
    let page = page.check(&list)?;
    let found = everything::search(store(context), typed, &page)?;
    let rows = Rows::of(context, &found.hits).await?;
    let edges = found.hits.into_iter().filter_map(|hit| {
        Some(SearchEdge {
            cursor: hit.cursor().write(&list),
            node: rows.node(&hit.thing)?,
            row: rows.tenders.get(&TenderById::whole(hit.thing.id)).cloned(),
            hit: Arc::new(hit),
        })
    });
    Ok(SearchConnection {
        edges: edges.collect(),
        has_previous: page.after.is_some(),
        has_next: found.has_more,
        count: found.count,
    })
}

/// The rows of what was found.
struct Rows {
    tenders: HashMap<TenderById, Arc<TenderRow>>,
    organizations: HashMap<OrganizationById, Arc<OrganizationRow>>,
}

impl Rows {
    async fn of(context: &Context<'_>, hits: &[ThingHit]) -> Result<Self> {
        let keys = |types: &[SearchType]| -> Vec<Uuid> {
            let of_types = hits
                .iter()
                .filter(|hit| types.contains(&everything::type_of(&hit.thing)));
            of_types.map(|hit| hit.thing.id).collect()
        };
        let tenders = keys(&[SearchType::Tender]);
        let organizations = keys(&[SearchType::Buyer, SearchType::Supplier]);
        let (tenders, organizations) = futures_util::future::try_join(
            load_all(context, tenders.into_iter().map(TenderById::whole).collect()),
            load_all(
                context,
                organizations.into_iter().map(OrganizationById::whole).collect(),
            ),
        )
        .await?;
        Ok(Self { tenders, organizations })
    }

    /// The thing itself; `None` if it is gone, of which the index is about to hear.
    fn node(&self, thing: &Thing) -> Option<SearchResult> {
        let organization = || self.organizations.get(&OrganizationById::whole(thing.id)).cloned();
        Some(match everything::type_of(thing) {
            SearchType::Tender => SearchResult::Tender(self.tenders.get(&TenderById::whole(thing.id)).cloned()?.into()),
            SearchType::Buyer => SearchResult::Buyer(organization()?.into()),
            SearchType::Supplier => SearchResult::Supplier(organization()?.into()),
            SearchType::Classification => SearchResult::Classification(thing.entry?.into()),
        })
    }
}

/// One page of what was found, best first.
#[Object]
impl SearchConnection {
    /// What was found, each with its cursor, its score and where it matches.
    async fn edges(&self) -> Together<&SearchEdge> {
        Together(self.edges.iter().collect())
    }

    /// What was found, and no more of it.
    async fn nodes(&self) -> Together<&SearchResult> {
        Together(self.edges.iter().map(|edge| &edge.node).collect())
    }

    /// Whether there is more, and the cursors to ask for it.
    async fn page_info(&self) -> Direct<PageInfo> {
        Direct(PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        })
    }

    /// How many things were found in all.
    async fn total_count(&self) -> i32 {
        i32::try_from(self.count).unwrap_or(i32::MAX)
    }
}

/// Something that was found.
#[Object]
impl SearchEdge {
    /// Opaque: give it to `after` of the same search.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The thing itself.
    async fn node(&self) -> &SearchResult {
        &self.node
    }

    /// How well it matches, from 0 to 1: an organisation by how much of its name was typed, a tender by how it compares to
    /// the best one.
    async fn score(&self) -> f32 {
        self.hit.thing.score
    }

    /// Where the words were found.
    #[expect(clippy::unused_async, reason = "the engine wants it so")]
    async fn highlights(&self) -> Result<Objects<Highlight>> {
        let description = self.row.as_ref().and_then(|row| row.description());
        let excerpts = self.hit.excerpts(description)?;
        Ok(Objects(excerpts.into_iter().map(Highlight).collect()))
    }
}

/// Completions of what is being typed.
pub fn suggest(context: &Context<'_>, typed: &Typed, most: usize) -> Result<Together<Suggestion>> {
    let found = everything::suggest(store(context), typed, most)?;
    Ok(Together(found.into_iter().map(Suggestion).collect()))
}

/// A completion of what is being typed.
pub struct Suggestion(search::Suggestion);

/// A completion of what is being typed.
#[Object]
impl Suggestion {
    /// What would be typed: the name of an organisation, the label of a classification, the title of a tender.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// The same as HTML that is safe to show: `<em>` stands around what was typed, and everything else is escaped.
    async fn highlighted(&self) -> &str {
        &self.0.html
    }

    /// What kind of thing it is.
    #[graphql(name = "type")]
    async fn kind(&self) -> SearchType {
        everything::type_of(&self.0.thing)
    }

    /// The thing itself; of a title that several tenders have, the best match. Null if it was removed just now.
    async fn node(&self, context: &Context<'_>) -> Result<Option<SearchResult>> {
        let thing = &self.0.thing;
        let organization = async || load(context, OrganizationById::whole(thing.id)).await;
        Ok(match everything::type_of(thing) {
            SearchType::Tender => {
                let row = load(context, TenderById::whole(thing.id)).await?;
                row.map(Tender::from).map(SearchResult::Tender)
            }
            SearchType::Buyer => organization().await?.map(Buyer::from).map(SearchResult::Buyer),
            SearchType::Supplier => organization().await?.map(Supplier::from).map(SearchResult::Supplier),
            SearchType::Classification => thing.entry.map(Classification::from).map(SearchResult::Classification),
        })
    }
}
