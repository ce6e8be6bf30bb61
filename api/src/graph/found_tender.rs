//! What the edge of a tender tells of a search: how well the tender matches, and where.

use std::sync::Arc;

use async_graphql::{ComplexObject, Object, Result, SimpleObject};

use super::direct::{Objects, plain_fields};
use crate::store::found::Hit;

/// What the edges of tenders have beside cursor and node.
#[derive(SimpleObject)]
#[graphql(complex, fake)]
pub struct FoundTender {
    #[graphql(skip)]
    hit: Option<Arc<Hit>>,
}

impl FoundTender {
    /// For an entry of a list that the index answered, or another one.
    pub const fn of(hit: Option<Arc<Hit>>) -> Self {
        Self { hit }
    }
}

#[ComplexObject]
impl FoundTender {
    /// How well it matches what was searched for: greater is better, within one list. Null if no words were searched for,
    /// or the list is not sorted by `RELEVANCE`.
    async fn score(&self) -> Option<f32> {
        self.hit.as_ref()?.score()
    }

    /// Where the words of `filter.search` were found, field by field. Empty if no words were searched for.
    #[expect(clippy::unused_async, reason = "the engine wants it so")]
    async fn highlights(&self) -> Result<Objects<Highlight>> {
        let excerpts = self.hit.as_ref().map(|hit| hit.excerpts()).transpose()?;
        let excerpts = excerpts.unwrap_or_default().into_iter();
        Ok(Objects(excerpts.map(Highlight).collect()))
    }
}

/// A field in which words were found.
pub struct Highlight(pub search::Excerpt);

/// A field in which words were found, and where.
#[Object]
impl Highlight {
    /// Which texts: `title`, `description`, `buyer`, `suppliers`, `lots`, `items` or `awards` of a tender, the `name` of an
    /// organisation, the `label` of a classification.
    async fn field(&self) -> &str {
        self.0.field
    }

    /// At most three pieces of them, as HTML that is safe to show: `<em>` stands around what was found, and everything else
    /// is escaped: `"Onderhoud van <em>wegen</em> &amp; paden"`.
    async fn fragments(&self) -> &[String] {
        &self.0.fragments
    }
}

plain_fields!(Highlight: field, fragments);
