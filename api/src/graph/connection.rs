//! Lists that can grow, as Relay connections: one shape for all, written once.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::connection::PageInfo;
use async_graphql::{Context, Object, ObjectType, Result, TypeName};

use super::direct::{Direct, Objects, Plain, plain_fields};
use super::{load, store};
use crate::criteria::{Cursor, OrganizationFilter, PartPage, Position, TenderFilter};
use crate::store::award::{self, AwardList, AwardRow};
use crate::store::change;
use crate::store::contract::{self, ContractList, ContractRow};
use crate::store::found::FoundList;
use crate::store::keyset::{Keyset, Page};
use crate::store::nested::CountUnder;
use crate::store::organization::{self, Role, SupplierCountOfAward};
use crate::store::part::{DocumentRow, ItemRow, LotRow, PartCount};
use crate::store::partner::PartnerCount;
use crate::store::release::ReleaseCountOfTender;
use crate::store::run::RunCountOfSource;
use crate::store::tender::{self, TenderList};

/// What a list's cursors are made of.
#[derive(Clone)]
pub enum Places {
    /// The sort value and key of a row.
    Keyset(Keyset),
    /// The place in the list as published.
    Published,
}

/// Something that stands in lists.
pub trait Listed: Plain + Clone {
    /// What edges tell of it beside the cursor and itself.
    type EdgeFields: ObjectType;
    /// What lists tell of it beside the page.
    type ListFields: ObjectType + Clone + Default;

    /// What the edge of this entry tells.
    fn edge_fields(&self) -> Self::EdgeFields;
    /// Its place in a list sorted by this keyset; `None` if it only stands in lists as published.
    fn place(&self, keyset: &Keyset) -> Option<Cursor>;
    /// Its place in a list as published, from 0; 0 if it only stands in sorted lists.
    fn position(&self) -> i32;
}

/// How many there are altogether: known from the page, or a question that is only asked if the client asks it.
pub enum Total {
    /// The whole list is on the page.
    Known(usize),
    /// Tenders that the index knows.
    Found(Arc<FoundList>),
    /// Tenders that match.
    Tenders(Arc<TenderList>),
    /// Tenders of one buyer or supplier.
    TendersUnder(CountUnder<TenderList>),
    /// Awards that match.
    Awards(Arc<AwardList>),
    /// Awards of one buyer or supplier.
    AwardsUnder(CountUnder<AwardList>),
    /// Contracts that match.
    Contracts(Arc<ContractList>),
    /// Contracts of one buyer or supplier.
    ContractsUnder(CountUnder<ContractList>),
    /// Changes of tenders that match.
    Changes(Box<TenderFilter>),
    /// Organisations in a role.
    Organizations(Role, OrganizationFilter),
    /// Partners of one buyer or supplier.
    Partners(PartnerCount),
    /// Suppliers of one award.
    Suppliers(SupplierCountOfAward),
    /// Lots of one process.
    Lots(PartCount<LotRow>),
    /// Items of one process.
    Items(PartCount<ItemRow>),
    /// Awards of one process.
    AwardsOfTender(PartCount<AwardRow>),
    /// Contracts of one process.
    ContractsOfTender(PartCount<ContractRow>),
    /// Documents of one list.
    Documents(PartCount<DocumentRow>),
    /// Releases about one process.
    Releases(ReleaseCountOfTender),
    /// Runs that loaded one source.
    Runs(RunCountOfSource),
}

impl Total {
    async fn count(&self, context: &Context<'_>) -> crate::error::Result<i64> {
        let store = store(context);
        let counted = match self {
            Self::Known(count) => return Ok(i64::try_from(*count).unwrap_or(i64::MAX)),
            Self::Found(list) => return Ok(i64::try_from(list.count()?).unwrap_or(i64::MAX)),
            Self::Tenders(list) => return tender::count(store, &list.filter).await,
            Self::Awards(list) => return award::count(store, &list.filter).await,
            Self::Changes(filter) => return change::count(store, filter).await,
            Self::Organizations(role, filter) => return organization::count(store, *role, filter).await,
            Self::Contracts(list) => return contract::count(store, &list.filter).await,
            Self::TendersUnder(key) => load(context, key.clone()).await?,
            Self::AwardsUnder(key) => load(context, key.clone()).await?,
            Self::ContractsUnder(key) => load(context, key.clone()).await?,
            Self::Partners(key) => load(context, key.clone()).await?,
            Self::Suppliers(key) => load(context, *key).await?,
            Self::Lots(key) => load(context, key.clone()).await?,
            Self::Items(key) => load(context, key.clone()).await?,
            Self::AwardsOfTender(key) => load(context, key.clone()).await?,
            Self::ContractsOfTender(key) => load(context, key.clone()).await?,
            Self::Documents(key) => load(context, key.clone()).await?,
            Self::Releases(key) => load(context, *key).await?,
            Self::Runs(key) => load(context, *key).await?,
        };
        Ok(counted.unwrap_or_default())
    }
}

/// One page of a list.
pub struct Connection<N: Listed> {
    nodes: Vec<N>,
    places: Places,
    has_previous: bool,
    has_next: bool,
    total: Total,
    list_fields: N::ListFields,
}

impl<N: Listed> Connection<N> {
    /// Shows a page of rows as `N`s. `total` is asked for only if the page is not the whole list.
    pub fn new<R>(page: &Page<R>, places: Places, total: Total, node: impl Fn(&Arc<R>) -> N) -> Direct<Self> {
        let whole = !page.has_previous && !page.has_next;
        Direct(Self {
            nodes: page.rows.iter().map(node).collect(),
            places,
            has_previous: page.has_previous,
            has_next: page.has_next,
            total: if whole { Total::Known(page.rows.len()) } else { total },
            list_fields: N::ListFields::default(),
        })
    }

    /// The same with what this list tells beside the page.
    pub fn telling(self, list_fields: N::ListFields) -> Self {
        Self { list_fields, ..self }
    }

    fn cursor(&self, node: &N) -> String {
        let published = || Cursor {
            position: Position::Number(node.position().into()),
            keys: Vec::new(),
        };
        match &self.places {
            Places::Keyset(keyset) => node.place(keyset).unwrap_or_else(published).write(&keyset.list_name()),
            Places::Published => published().write(PartPage::LIST),
        }
    }
}

impl<N: Listed> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

/// One page of a list, with what is needed to ask for the next one.
#[Object(name_type)]
impl<N: Listed> Connection<N> {
    /// The entries of this page, each with its cursor.
    async fn edges(&self) -> Objects<Edge<N>> {
        let edge = |node: &N| Edge {
            cursor: self.cursor(node),
            node: node.clone(),
        };
        Objects(self.nodes.iter().map(edge).collect())
    }

    /// The entries of this page without their cursors.
    async fn nodes(&self) -> Objects<&N> {
        Objects(self.nodes.iter().collect())
    }

    /// Whether there is more, and the cursors to ask for it.
    async fn page_info(&self) -> Direct<PageInfo> {
        Direct(PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.nodes.first().map(|node| self.cursor(node)),
            end_cursor: self.nodes.last().map(|node| self.cursor(node)),
        })
    }

    /// How many entries the whole list has. Counted only when asked for.
    async fn total_count(&self, context: &Context<'_>) -> Result<i32> {
        Ok(i32::try_from(self.total.count(context).await?).unwrap_or(i32::MAX))
    }

    #[graphql(flatten)]
    #[expect(clippy::unused_async, reason = "the engine wants it so")]
    async fn fields_of_list(&self) -> N::ListFields {
        self.list_fields.clone()
    }
}

plain_fields!([N: Listed] Connection<N>: ; objects: edges, nodes, page_info);

/// An entry of a list.
pub struct Edge<N> {
    cursor: String,
    node: N,
}

impl<N: Listed> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

/// An entry of a list, with the cursor that stands for its place.
#[Object(name_type)]
impl<N: Listed> Edge<N> {
    /// Opaque: give it to `after` or `before` of the same list in the same order.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The entry itself.
    async fn node(&self) -> Direct<&N> {
        Direct(&self.node)
    }

    #[graphql(flatten)]
    #[expect(clippy::unused_async, reason = "the engine wants it so")]
    async fn fields_of_node(&self) -> N::EdgeFields {
        self.node.edge_fields()
    }
}

plain_fields!([N: Listed] Edge<N>: cursor; objects: node);
