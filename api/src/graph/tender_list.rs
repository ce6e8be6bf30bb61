//! Lists of tenders: from the database, or from the search index where words, facets or relevance are asked for.
//!
//! The index then answers the whole question at once: which, in what order, how many, and how many of each kind.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, InputType, Result};
use search::Dimension;
use uuid::Uuid;

use super::branches;
use super::connection::{Connection, Places, Total};
use super::direct::Direct;
use super::facet::{self, TenderFacets};
use super::organization::under;
use super::tender::Tender;
use super::{load_all, store, trees};
use crate::criteria::order::TenderOrderField;
use crate::criteria::page::PageArguments;
use crate::criteria::{PageRequest, TenderDimension, TenderFilter, TenderOrder};
use crate::store::Shown;
use crate::store::found::{self, FoundPage, ListQuestion};
use crate::store::keyset::{Keyset, Page};
use crate::store::organization::Role;
use crate::store::tender::{self, TenderById, TenderList, TenderRow};
use crate::store::tree::{Branches, Tree};

/// A page of all tenders, or of those of a buyer or supplier.
pub async fn page(
    context: &Context<'_>,
    owner: Option<(Role, Uuid)>,
    filter: Option<TenderFilter>,
    order: Option<TenderOrder>,
    page: &PageArguments,
) -> Result<Direct<Connection<Tender>>> {
    let filter = filter.unwrap_or_default();
    let order = order.unwrap_or_else(|| TenderOrder::usual(&filter));
    let keyset = tender::keyset(order);
    let wanted = Wanted::of(context);
    let list = TenderList {
        filter,
        order,
        shown: wanted.branches.tender.unwrap_or_default(),
        beside: wanted.branches.beside(),
    };
    if wanted.facets.is_some() || list.filter.searches() || order.field == TenderOrderField::Relevance {
        let page = page.check(&keyset.list_name())?;
        return found(context, owner, &list, &page, &wanted, keyset).await;
    }
    if let Some(owner) = owner {
        return under(context, owner, (list, keyset), page, Total::TendersUnder, Tender::from).await;
    }
    let page = page.check(&keyset.list_name())?;
    let shown = listed(context, &list, &page, wanted.branches).await?;
    let total = Total::Tenders(Arc::new(list));
    Ok(Connection::new(&shown, Places::Keyset(keyset), total, |row| {
        Tender::from(row.clone())
    }))
}

/// A page of the database, with what hangs on its tenders.
async fn listed(
    context: &Context<'_>,
    list: &TenderList,
    page: &PageRequest,
    branches: Branches,
) -> crate::error::Result<Page<TenderRow>> {
    let (page, tree) = tender::page(store(context), list, page, branches).await?;
    trees(context).keep(Arc::new(tree));
    Ok(page)
}

/// A page that the index has.
async fn found(
    context: &Context<'_>,
    owner: Option<(Role, Uuid)>,
    list: &TenderList,
    page: &PageRequest,
    wanted: &Wanted,
    keyset: Keyset,
) -> Result<Direct<Connection<Tender>>> {
    let question = ListQuestion {
        list,
        under: owner,
        page,
        count: wanted.count,
        facets: wanted.facets.as_deref().unwrap_or_default(),
        most_values: wanted.most_values,
    };
    let found = found::ask(store(context), &question)?;
    let known = Arc::clone(&found.list);
    let rows = rows(context, owner, &found, wanted.branches).await?;
    let shown = found.with_rows(rows);
    let total = Total::Found(Arc::clone(&known));
    let connection = Connection::new(&shown, Places::Keyset(keyset), total, |hit| Tender::from(hit.clone()));
    Ok(Direct(connection.0.telling(TenderFacets::of(known))))
}

/// The rows of a page: of many lists in one statement, and of a single one with what hangs on them.
async fn rows(
    context: &Context<'_>,
    owner: Option<(Role, Uuid)>,
    found: &FoundPage,
    branches: Branches,
) -> Result<HashMap<Uuid, Arc<TenderRow>>> {
    if owner.is_some() {
        let shown = branches.tender.unwrap_or_default();
        let keys = found.keys().map(|id| TenderById { id, shown });
        let rows = load_all(context, keys.collect()).await?;
        return Ok(rows.into_iter().map(|(key, row)| (key.id, row)).collect());
    }
    let keys: Vec<Uuid> = found.keys().collect();
    let tree = Arc::new(Tree::read(store(context), &keys, branches).await?);
    trees(context).keep(Arc::clone(&tree));
    Ok(tree.tenders().clone())
}

/// What is asked of a list beside its page, as far as it is better known before.
struct Wanted {
    /// What is shown of its tenders, or looked through for what matched, and of what hangs on them.
    branches: Branches,
    /// Whether its total is asked for.
    count: bool,
    /// By what it is to be counted; `None` if that is not asked.
    facets: Option<Vec<Dimension>>,
    /// The most values of a dimension.
    most_values: usize,
}

impl Wanted {
    fn of(context: &Context<'_>) -> Self {
        let list = context.look_ahead();
        let asked = list.field("facets");
        let mut facets = asked.exists().then(Vec::new);
        let mut most_values = 0;
        for field in asked.selection_fields() {
            // A mistake in the arguments is told by the field itself.
            let arguments: HashMap<_, _> = field.arguments().unwrap_or_default().into_iter().collect();
            let dimensions = Vec::<TenderDimension>::parse(arguments.get("dimensions").cloned());
            for dimension in dimensions.unwrap_or_default() {
                let dimension = facet::of_index(dimension);
                if let Some(facets) = facets.as_mut().filter(|facets| !facets.contains(&dimension)) {
                    facets.push(dimension);
                }
            }
            let first = Option::<i32>::parse(arguments.get("first").cloned()).ok().flatten();
            most_values = most_values.max(facet::size(first).unwrap_or_default());
        }
        let mut branches = branches::of_entries(context);
        if list.field("edges").field("highlights").exists() {
            branches.tender = Some(Shown::ALL);
        }
        Self {
            branches,
            count: list.field("totalCount").exists(),
            facets,
            most_values,
        }
    }
}
