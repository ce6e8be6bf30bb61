//! Counts by value beside a list of tenders, for the boxes in which people narrow it.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Object, Result, SimpleObject};
use search::Dimension as IndexDimension;

use super::bucket_key::BucketKey;
use super::direct::{Objects, plain_fields};
use super::node::Node;
use crate::criteria::TenderDimension;
use crate::criteria::page::{DEFAULT_PAGE, page_size};
use crate::criteria::statistics::Dimension;
use crate::error::Error;
use crate::store::found::FoundList;
use crate::store::statistics::Key;

/// What lists of tenders have beside their page.
#[derive(SimpleObject, Clone, Default)]
#[graphql(complex, fake)]
pub struct TenderFacets {
    #[graphql(skip)]
    list: Option<Arc<FoundList>>,
}

impl TenderFacets {
    /// Of a list that the index answered.
    pub const fn of(list: Arc<FoundList>) -> Self {
        Self { list: Some(list) }
    }
}

#[ComplexObject]
impl TenderFacets {
    /// How many tenders of the whole list have each value, for the boxes beside it. Counts of a dimension ignore what the
    /// filter says about that dimension itself, so that they show what else could be chosen; what stands within `or` and
    /// `not` counts all the same.
    #[expect(clippy::unused_async, reason = "the engine wants it so")]
    async fn facets(
        &self,
        #[graphql(desc = "What to count by: `[CPV_DIVISION, STATUS]`.")] dimensions: Vec<TenderDimension>,
        #[graphql(desc = "How many values of each, the most frequent first, 0 to 100; 20 if not given.")] first: Option<
            i32,
        >,
    ) -> Result<Objects<Facet>> {
        let most = size(first)?;
        let list = self.list.as_ref().filter(|_| !dimensions.is_empty());
        let Some(list) = list else {
            return if dimensions.is_empty() {
                Ok(Objects(Vec::new()))
            } else {
                Err(Error::Unreadable("facets were asked for, and the index was not asked".to_owned()).into())
            };
        };
        let facet = |dimension| {
            let values = list.facet(of_index(dimension), most)?.into_iter();
            Ok(Facet {
                dimension,
                values: values
                    .map(|(text, count)| FacetValue::new(dimension, &text, count))
                    .collect(),
            })
        };
        Ok(Objects(dimensions.into_iter().map(facet).collect::<Result<_>>()?))
    }
}

/// How many values of a dimension are answered.
pub fn size(first: Option<i32>) -> Result<usize, Error> {
    first.map_or(Ok(DEFAULT_PAGE), |first| page_size("first", first))
}

/// The dimension as the index calls it.
pub const fn of_index(dimension: TenderDimension) -> IndexDimension {
    match dimension {
        TenderDimension::Year => IndexDimension::Year,
        TenderDimension::Month => IndexDimension::Month,
        TenderDimension::Buyer => IndexDimension::Buyer,
        TenderDimension::CpvDivision => IndexDimension::CpvDivision,
        TenderDimension::CpvGroup => IndexDimension::CpvGroup,
        TenderDimension::Region => IndexDimension::Region,
        TenderDimension::Country => IndexDimension::Country,
        TenderDimension::Category => IndexDimension::Category,
        TenderDimension::Method => IndexDimension::Method,
        TenderDimension::Status => IndexDimension::Status,
        TenderDimension::Source => IndexDimension::Source,
        TenderDimension::Currency => IndexDimension::Currency,
    }
}

/// Counts by the values of one dimension.
pub struct Facet {
    dimension: TenderDimension,
    values: Vec<FacetValue>,
}

/// Counts by the values of one dimension. Tenders without a value in it are in none of them; those with several, such as
/// CPV codes of two divisions, in each.
#[Object]
impl Facet {
    /// The dimension.
    async fn dimension(&self) -> TenderDimension {
        self.dimension
    }

    /// Its values, the most frequent first; of equal ones, in the order of their codes.
    async fn values(&self) -> Objects<&FacetValue> {
        Objects(self.values.iter().collect())
    }
}

plain_fields!(Facet: dimension; objects: values);

/// A value, and how many tenders have it.
pub struct FacetValue {
    key: BucketKey,
    count: u64,
}

impl FacetValue {
    fn new(dimension: TenderDimension, text: &str, count: u64) -> Self {
        let dimension = Dimension::from(dimension);
        Self {
            key: BucketKey::new(dimension, key(dimension, text)),
            count,
        }
    }
}

/// A value of the index as the key of a group of rows.
fn key(dimension: Dimension, text: &str) -> Key {
    let parsed = match dimension {
        Dimension::Year => text.parse().ok().map(Key::Number),
        Dimension::Month => BucketKey::month(text).map(Key::Number),
        Dimension::Buyer => text.parse().ok().map(Key::Organization),
        _ => None,
    };
    parsed.unwrap_or_else(|| Key::Text(text.to_owned()))
}

/// A value, and how many tenders of the list have it.
#[Object]
impl FacetValue {
    /// The value as filters take it: `"2026"`, `"2026-03"`, the id of a buyer, `"72000000-5"`, `"NL32"`, `"NL"`, `"SERVICES"`,
    /// the slug of a source, `"EUR"`.
    async fn code(&self) -> String {
        self.key.text().unwrap_or_default()
    }

    /// What to write beside the box: a name, the label of a code, otherwise the code itself.
    async fn label(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The language of the labels of codes, ISO 639-1: `\"nl\"`; English if not given.")]
        lang: Option<String>,
    ) -> Result<Option<String>> {
        self.key.label(context, lang).await
    }

    /// How many tenders of the list have it.
    async fn count(&self) -> i32 {
        i32::try_from(self.count).unwrap_or(i32::MAX)
    }

    /// The buyer or source itself; null in other dimensions.
    async fn node(&self, context: &Context<'_>) -> Result<Option<Node>> {
        self.key.node(context).await
    }
}

plain_fields!(FacetValue: code, count);
