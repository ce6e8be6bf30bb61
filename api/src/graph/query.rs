//! The roots of every question.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use entities::key;

use super::award::Award;
use super::branches;
use super::buyer::Buyer;
use super::change::Change;
use super::classification::{self, Classification, ClassificationList, ENGLISH};
use super::connection::{Connection, Places, Total};
use super::contract::Contract;
use super::direct::{Direct, Objects, Together};
use super::everything::{self, SearchConnection, Suggestion};
use super::hub::Hub;
use super::node::{self, Node};
use super::shown;
use super::source::Source;
use super::statistics::{Awards, Statistics, Tenders};
use super::supplier::Supplier;
use super::tender::Tender;
use super::tender_list;
use super::{load, store, trees};
use crate::criteria::page::{DEFAULT_PAGE, MAX_PAGE, PageArguments, page_size};
use crate::criteria::{
    AwardDimension, AwardFilter, AwardOrder, ClassificationScheme, ContractFilter, ContractOrder, Grouping,
    IdentifierInput, OrganizationFilter, OrganizationOrder, SearchType, StatisticsOrder, TenderDimension, TenderFilter,
    TenderOrder,
};
use crate::error::Error;
use crate::store::award::{self, AwardList};
use crate::store::change;
use crate::store::contract::{self, ContractList};
use crate::store::everything::Typed;
use crate::store::keyset::Page;
use crate::store::organization::{self, OrganizationRow, Registered, Role};
use crate::store::source;
use crate::store::statistics::Subject;
use crate::store::tree::TreeOf;
use crate::store::{Loader, Shown};

/// Where every question starts.
pub struct Query;

/// Where every question starts.
#[Object]
impl Query {
    /// Anything by its global id; null if the hub does not have it.
    async fn node(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "A global id, from the `id` of any object.")] id: ID,
    ) -> Result<Option<Node>> {
        node::find(context, &id).await
    }

    /// Many things by their global ids, in the order of the ids; null where the hub does not have one.
    async fn nodes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "At most 100 global ids.")] ids: Vec<ID>,
    ) -> Result<Together<Option<Node>>> {
        if ids.len() > MAX_PAGE {
            return Err(Error::PageTooLarge {
                argument: "ids",
                asked: ids.len(),
                limit: MAX_PAGE,
            }
            .into());
        }
        let nodes = futures_util::future::try_join_all(ids.iter().map(|id| node::find(context, id))).await?;
        Ok(Together(nodes))
    }

    /// One contracting process by its open contracting id; null if the hub does not have it.
    async fn tender(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The ocid, exactly as published: `\"ocds-b5fd17-1\"`.")] ocid: String,
    ) -> Result<Option<Direct<Tender>>> {
        let key = TreeOf {
            tender: key::tender(&ocid),
            branches: branches::of_object(context),
        };
        let Some(tree) = load(context, key).await? else {
            return Ok(None);
        };
        let tender = tree.tenders().get(&key.tender).cloned();
        trees(context).keep(tree);
        Ok(tender.map(Tender::from).map(Direct))
    }

    /// Contracting processes: those in which words were found, best first, or newest first; unless another order is asked
    /// for.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the API's")]
    async fn tenders(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which tenders; all if not given.")] filter: Option<TenderFilter>,
        #[graphql(desc = "In which order; if not given, best first where the filter searches, else newest first.")]
        order_by: Option<TenderOrder>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Direct<Connection<Tender>>> {
        let page = PageArguments {
            first,
            after,
            last,
            before,
        };
        tender_list::page(context, None, filter, order_by, &page).await
    }

    /// Awards, newest first unless another order is asked for.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the API's")]
    async fn awards(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which awards; all if not given.")] filter: Option<AwardFilter>,
        #[graphql(desc = "In which order; newest first if not given.")] order_by: Option<AwardOrder>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Direct<Connection<Award>>> {
        let list = Arc::new(AwardList {
            filter: filter.unwrap_or_default(),
            order: order_by.unwrap_or_default(),
            shown: shown::by_entries::<Award>(context),
            beside: branches::beside_entries(context),
        });
        let keyset = award::keyset(list.order);
        let page = PageArguments {
            first,
            after,
            last,
            before,
        }
        .check(&keyset.list_name())?;
        let found = award::page(store(context), &list, &page).await?;
        found.beside.tell(context.data_unchecked::<Loader>()).await;
        Ok(Connection::new(
            &found,
            Places::Keyset(keyset),
            Total::Awards(list),
            |row| Award(row.clone()),
        ))
    }

    /// Contracts, newest first unless another order is asked for.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the API's")]
    async fn contracts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which contracts; all if not given.")] filter: Option<ContractFilter>,
        #[graphql(
            desc = "In which order; newest first if not given. What ends soonest: `{field: PERIOD_END, direction: ASC}` \
                          with a filter by `periodEnd`."
        )]
        order_by: Option<ContractOrder>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Direct<Connection<Contract>>> {
        let list = Arc::new(ContractList {
            filter: filter.unwrap_or_default(),
            order: order_by.unwrap_or_default(),
            shown: shown::by_entries::<Contract>(context),
        });
        let keyset = contract::keyset(list.order);
        let page = PageArguments {
            first,
            after,
            last,
            before,
        }
        .check(&keyset.list_name())?;
        let found = contract::page(store(context), &list, &page).await?;
        Ok(Connection::new(
            &found,
            Places::Keyset(keyset),
            Total::Contracts(list),
            |row| Contract(row.clone()),
        ))
    }

    /// The buyer with this entry in a register; null if no tender names one.
    async fn buyer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The entry: `{scheme: \"NL-KVK\", id: \"27364265\"}`.")] identifier: IdentifierInput,
    ) -> Result<Option<Direct<Buyer>>> {
        Ok(registered(context, Role::Buyer, &identifier)
            .await?
            .map(Buyer::from)
            .map(Direct))
    }

    /// The supplier with this entry in a register; null if no award names one.
    async fn supplier(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The entry: `{scheme: \"NL-KVK\", id: \"27364265\"}`.")] identifier: IdentifierInput,
    ) -> Result<Option<Direct<Supplier>>> {
        Ok(registered(context, Role::Supplier, &identifier)
            .await?
            .map(Supplier::from)
            .map(Direct))
    }

    /// Organisations that buy, by name.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the API's")]
    async fn buyers(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which buyers; all if not given.")] filter: Option<OrganizationFilter>,
        #[graphql(desc = "In which order; by name if not given.")] order_by: Option<OrganizationOrder>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Direct<Connection<Buyer>>> {
        let page = PageArguments {
            first,
            after,
            last,
            before,
        };
        let listed = organizations(
            context,
            (Role::Buyer, shown::by_entries::<Buyer>(context)),
            filter,
            order_by,
            &page,
        )
        .await?;
        Ok(Connection::new(&listed.page, listed.places, listed.total, |row| {
            Buyer::from(row.clone())
        }))
    }

    /// Organisations that were awarded something, by name.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the API's")]
    async fn suppliers(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which suppliers; all if not given.")] filter: Option<OrganizationFilter>,
        #[graphql(desc = "In which order; by name if not given.")] order_by: Option<OrganizationOrder>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Direct<Connection<Supplier>>> {
        let page = PageArguments {
            first,
            after,
            last,
            before,
        };
        let listed = organizations(
            context,
            (Role::Supplier, shown::by_entries::<Supplier>(context)),
            filter,
            order_by,
            &page,
        )
        .await?;
        Ok(Connection::new(&listed.page, listed.places, listed.total, |row| {
            Supplier::from(row.clone())
        }))
    }

    /// A code of CPV or NUTS, in any spelling. Null if it is neither on the official list nor in the data; one that is only
    /// in the data hangs on the nearest code above it, and has no label.
    async fn classification(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The scheme.")] scheme: ClassificationScheme,
        #[graphql(desc = "The code: `\"72\"`, `\"72000000\"` and `\"72000000-5\"` are one.")] code: String,
    ) -> Result<Option<Direct<Classification>>> {
        classification::find(context, scheme.into(), &code).await
    }

    /// Codes of CPV or NUTS: the top of the tree, what is right below `parent`, or what `search` finds.
    #[expect(clippy::too_many_arguments, clippy::unused_async, reason = "the API wants it so")]
    async fn classifications(
        &self,
        #[graphql(desc = "The scheme.")] scheme: ClassificationScheme,
        #[graphql(
            desc = "Only what is below this code, in any spelling: right below, by code, or at any depth together with \
                          `search`."
        )]
        parent: Option<String>,
        #[graphql(
            desc = "Only codes that begin with this, `\"722\"`, then those in whose label each of these words begins \
                          a word: `\"road constr\"`. Case and accents do not count; the best come first."
        )]
        search: Option<String>,
        #[graphql(desc = "The language in which `search` reads labels, ISO 639-1: `\"nl\"`; English if not given.")]
        lang: Option<String>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Direct<Connection<Classification>>> {
        let list = ClassificationList {
            scheme: scheme.into(),
            parent,
            search,
            language: lang,
        };
        list.page(first, after)
    }

    /// One box that searches tenders, buyers and suppliers, and classifications if asked to, best match first. What is typed
    /// has no syntax but double quotes: every word must be found, in any inflection, the last one may be unfinished, and one
    /// that is nowhere stands for those that are nearly it.
    async fn search(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "What is typed: `\"gemeente utrecht\"`, `\"road works\"`, `\"27364265\"`. A blank text finds nothing."
        )]
        query: String,
        #[graphql(desc = "What kinds of things; tenders, buyers and suppliers if not given.")] types: Option<
            Vec<SearchType>,
        >,
        #[graphql(desc = "The language in which labels of classifications are read, ISO 639-1; English if not given.")]
        lang: Option<String>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<SearchConnection> {
        let typed = Typed {
            query,
            types: types.unwrap_or_else(|| vec![SearchType::Tender, SearchType::Buyer, SearchType::Supplier]),
            language: lang.unwrap_or_else(|| ENGLISH.to_owned()),
        };
        let page = PageArguments {
            first,
            after,
            ..PageArguments::default()
        };
        everything::search(context, &typed, &page).await
    }

    /// Completions while typing: names of organisations, labels of classifications, titles of tenders, each text once for
    /// its type, best first.
    #[expect(clippy::unused_async, reason = "the engine wants it so")]
    async fn suggest(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What has been typed so far, its last word unfinished: `\"gemeente utr\"`.")] query: String,
        #[graphql(desc = "What kinds of things; all if not given.")] types: Option<Vec<SearchType>>,
        #[graphql(desc = "The language of the labels of classifications, ISO 639-1; English if not given.")]
        lang: Option<String>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
    ) -> Result<Together<Suggestion>> {
        let all = [
            SearchType::Buyer,
            SearchType::Supplier,
            SearchType::Classification,
            SearchType::Tender,
        ];
        let typed = Typed {
            query,
            types: types.unwrap_or_else(|| all.to_vec()),
            language: lang.unwrap_or_else(|| ENGLISH.to_owned()),
        };
        let most = first.map_or(Ok(DEFAULT_PAGE), |first| page_size("first", first))?;
        everything::suggest(context, &typed, most)
    }

    /// Counts and sums of awards in groups, for charts.
    async fn award_statistics(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which awards count; all if not given.")] filter: Option<AwardFilter>,
        #[graphql(desc = "By what, at most three: `[YEAR, CATEGORY]`. An empty list makes one group of all.")]
        group_by: Vec<AwardDimension>,
        #[graphql(
            desc = "Converts all values to this currency, ISO 4217: `\"EUR\"`, at the rates of the day. If not given, values are \
                          added up by currency."
        )]
        currency: Option<String>,
        #[graphql(desc = "In which order; years and months in time, of others the largest first, if not given.")]
        order_by: Option<StatisticsOrder>,
        #[graphql(desc = "How many groups, 0 to 1000; 100 if not given.")] first: Option<i32>,
    ) -> Result<Direct<Statistics<Awards>>> {
        let grouping = Grouping::check(group_by, currency, order_by, first)?;
        let subject = Subject::Awards(filter.unwrap_or_default().into());
        Statistics::new(context, subject, grouping, None).await
    }

    /// Counts and sums of tenders in groups, for charts: by the date of publication and the estimated value.
    async fn tender_statistics(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which tenders count; all if not given.")] filter: Option<TenderFilter>,
        #[graphql(desc = "By what, at most three: `[YEAR, CATEGORY]`. An empty list makes one group of all.")]
        group_by: Vec<TenderDimension>,
        #[graphql(
            desc = "Converts all values to this currency, ISO 4217: `\"EUR\"`, at the rates of the day. If not given, values are \
                          added up by currency."
        )]
        currency: Option<String>,
        #[graphql(desc = "In which order; years and months in time, of others the largest first, if not given.")]
        order_by: Option<StatisticsOrder>,
        #[graphql(desc = "How many groups, 0 to 1000; 100 if not given.")] first: Option<i32>,
    ) -> Result<Direct<Statistics<Tenders>>> {
        let grouping = Grouping::check(group_by, currency, order_by, first)?;
        let subject = Subject::Tenders(filter.unwrap_or_default().into());
        Statistics::new(context, subject, grouping, None).await
    }

    /// What changed, oldest first, in the order of commits: how a platform keeps a copy fresh. Read on with the `endCursor`
    /// of each page until `hasNextPage` is false, keep the last cursor, and ask again with it later: nothing is skipped, not
    /// even while data is loaded. A tender that changed several times is told each time. Without `after`, all changes since
    /// the hub's first day are told, so every tender is there at least once; `Hub.changesCursor` begins at now.
    async fn changes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(
            desc = "Only changes of tenders that match now, as `{source: [\"tenderned\"]}`, and all removals: what a removed \
                          tender was, nobody knows any more. A tender that no longer matches is not told of: filter by what \
                          does not change, or read its `tender` again."
        )]
        filter: Option<TenderFilter>,
    ) -> Result<Direct<Connection<Change>>> {
        let (filter, keyset) = (filter.unwrap_or_default(), change::keyset());
        let arguments = PageArguments {
            first,
            after,
            ..PageArguments::default()
        };
        let page = arguments.check(&keyset.list_name())?;
        let found = change::page(store(context), &filter, &page).await?;
        let total = Total::Changes(filter.into());
        Ok(Connection::new(&found, Places::Keyset(keyset), total, |row| {
            Change(row.clone())
        }))
    }

    /// The data feeds that the hub was loaded from, by slug.
    async fn sources(&self, context: &Context<'_>) -> Result<Objects<Source>> {
        let rows = source::all(store(context)).await?;
        Ok(Objects(rows.into_iter().map(|row| Source(Arc::new(row))).collect()))
    }

    /// This installation: its version, the state of its data, and its limits.
    async fn hub(&self) -> Direct<Hub> {
        Direct(Hub)
    }
}

async fn registered(
    context: &Context<'_>,
    role: Role,
    identifier: &IdentifierInput,
) -> Result<Option<Arc<OrganizationRow>>> {
    let number = key::organization_by_identifier(&identifier.scheme, &identifier.id);
    Ok(load(context, Registered { role, number }).await?)
}

struct ListedOrganizations {
    page: Page<OrganizationRow>,
    places: Places,
    total: Total,
}

async fn organizations(
    context: &Context<'_>,
    (role, shown): (Role, Shown),
    filter: Option<OrganizationFilter>,
    order: Option<OrganizationOrder>,
    page: &PageArguments,
) -> Result<ListedOrganizations> {
    let (filter, order) = (filter.unwrap_or_default(), order.unwrap_or_default());
    let keyset = organization::keyset(order);
    let page = page.check(&keyset.list_name())?;
    let page = organization::page(store(context), role, &filter, order, &page, shown).await?;
    Ok(ListedOrganizations {
        page,
        places: Places::Keyset(keyset),
        total: Total::Organizations(role, filter),
    })
}
