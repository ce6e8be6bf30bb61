//! The engine alone: async-graphql with objects and loaders as anyone would write them, which has the page in memory and no
//! database and no network. What a list page costs the hub is told as a part of what this takes, as processors differ.

use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::Hash;
use std::sync::Arc;
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{
    ComplexObject, Context, EmptyMutation, EmptySubscription, Enum, ID, InputObject, Object, Request, Schema,
    SimpleObject, Variables,
};
use serde::Deserialize;
use serde_json::Value;
use tokio::runtime::Builder;

use super::question::{Question, Read};
use crate::compare::own_cpu;

type Engine = Schema<Query, EmptyMutation, EmptySubscription>;

/// Milliseconds of processor time that the engine takes to answer one of the questions, on all cores at the same time, as
/// it would as a server. `answers` are the hub's, in the order of the questions; the engine has to give the same ones.
///
/// # Errors
/// If an answer shows anything else than a list page does, or if the engine answers otherwise.
pub async fn milliseconds(read: &Read, questions: &[Question], answers: &[Vec<u8>], length: Duration) -> Result<f64> {
    let engine = Schema::new(Query, EmptyMutation, EmptySubscription);
    let pages = questions.iter().zip(answers).map(|(question, answer)| {
        let answer: Value = serde_json::from_slice(answer)?;
        let page = Memory::of(Tenders::deserialize(&answer["data"]["tenders"])?);
        let asked = Asked {
            document: read.document,
            variables: Variables::from_json(question.variables.clone()),
            page: Arc::new(page),
        };
        Ok((asked, answer))
    });
    let pages: Vec<(Asked, Value)> = pages.collect::<Result<_>>()?;
    for (asked, expected) in &pages {
        let answer: Value = serde_json::from_slice(&asked.answer(&engine).await?)?;
        ensure!(
            answer["data"] == expected["data"],
            "the engine alone answers otherwise: {answer}"
        );
    }
    let before = own_cpu()?;
    let answered = thread::scope(|scope| {
        let threads = (0..available_parallelism()?.get()).map(|_| scope.spawn(|| answer_all(&engine, &pages, length)));
        let threads: Vec<_> = threads.collect();
        let answered = threads
            .into_iter()
            .map(|thread| thread.join().expect("it does not panic"));
        answered.sum::<Result<u32>>()
    })?;
    let cpu = own_cpu()?.saturating_sub(before);
    Ok(cpu.as_secs_f64() * 1e3 / f64::from(answered))
}

/// Answers everything again and again for so long, and tells how many answers that were.
fn answer_all(engine: &Engine, pages: &[(Asked, Value)], length: Duration) -> Result<u32> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let (started, mut answered) = (Instant::now(), 0);
    while started.elapsed() < length {
        for (asked, _) in pages {
            std::hint::black_box(runtime.block_on(asked.answer(engine))?);
            answered += 1;
        }
    }
    Ok(answered)
}

/// A question and the page that answers it.
struct Asked {
    document: &'static str,
    variables: Variables,
    page: Arc<Memory>,
}

impl Asked {
    /// The text of the answer.
    async fn answer(&self, engine: &Engine) -> serde_json::Result<Vec<u8>> {
        let loader = DataLoader::new(Shared(self.page.clone()), tokio::task::spawn).delay(Duration::ZERO);
        let request = Request::new(self.document)
            .variables(self.variables.clone())
            .data(self.page.clone())
            .data(loader);
        serde_json::to_vec(&engine.execute(request).await)
    }
}

/// A page, and what hangs on its objects by their ids.
#[derive(Default)]
struct Memory {
    page: Tenders,
    buyers: HashMap<ID, Party>,
    lots: HashMap<ID, Lots>,
    awards: HashMap<ID, Awards>,
    suppliers: HashMap<ID, Parties>,
}

impl Memory {
    /// Takes apart what an answer shows.
    fn of(mut page: Tenders) -> Memory {
        let mut memory = Memory::default();
        for tender in &mut page.nodes {
            for award in &mut tender.awards.nodes {
                memory
                    .suppliers
                    .insert(award.id.clone(), std::mem::take(&mut award.suppliers));
            }
            memory
                .buyers
                .extend(tender.buyer.take().map(|buyer| (tender.id.clone(), buyer)));
            memory.lots.insert(tender.id.clone(), std::mem::take(&mut tender.lots));
            memory
                .awards
                .insert(tender.id.clone(), std::mem::take(&mut tender.awards));
        }
        Memory { page, ..memory }
    }
}

/// What loaders ask.
struct Shared(Arc<Memory>);

/// Gives a relation a key of its own and a loader that finds it in memory.
macro_rules! loaded {
    ($($key:ident finds $field:ident: $value:ty;)+) => {$(
        #[derive(Clone, PartialEq, Eq, Hash)]
        struct $key(ID);

        impl Loader<$key> for Shared {
            type Value = $value;
            type Error = Infallible;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $value>, Infallible> {
                let found = keys.iter().filter_map(|key| Some((key.clone(), self.0.$field.get(&key.0)?.clone())));
                Ok(found.collect())
            }
        }
    )+};
}

loaded! {
    BuyerOf finds buyers: Party;
    LotsOf finds lots: Lots;
    AwardsOf finds awards: Awards;
    SuppliersOf finds suppliers: Parties;
}

async fn load<K>(context: &Context<'_>, key: K) -> async_graphql::Result<Option<<Shared as Loader<K>>::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Shared: Loader<K, Error = Infallible>,
{
    let loader = context.data::<DataLoader<Shared>>()?;
    Ok(loader.load_one(key).await.unwrap_or_else(|never| match never {}))
}

// The part of the schema that a list page asks for, as whoever writes it the plain way would.

struct Query;

#[Object]
#[expect(clippy::unused_async, reason = "the engine wants it so")]
impl Query {
    async fn tenders(
        &self,
        context: &Context<'_>,
        first: usize,
        after: Option<String>,
        filter: Option<TenderFilter>,
        order_by: TenderOrder,
    ) -> async_graphql::Result<Tenders> {
        // The page in memory is the one that they ask for.
        let _ = (after, filter, order_by);
        let mut tenders = context.data::<Arc<Memory>>()?.page.clone();
        tenders.nodes.truncate(first);
        Ok(tenders)
    }
}

#[derive(InputObject)]
struct TenderFilter {
    cpv: Vec<String>,
    published_at: DateTimeRange,
}

#[derive(InputObject)]
struct DateTimeRange {
    from: String,
    to: String,
}

#[derive(InputObject)]
struct TenderOrder {
    field: TenderOrderField,
    direction: OrderDirection,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum TenderOrderField {
    PublishedAt,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum OrderDirection {
    Desc,
}

#[derive(Clone, Default, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
struct Tenders {
    nodes: Vec<Tender>,
    page_info: PageInfo,
}

#[derive(Clone, Default, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Clone, Deserialize, SimpleObject)]
#[graphql(complex)]
#[serde(rename_all = "camelCase")]
struct Tender {
    id: ID,
    ocid: String,
    title: Option<String>,
    published_at: Option<String>,
    status: Option<String>,
    value: Option<Money>,
    #[graphql(skip)]
    buyer: Option<Party>,
    #[graphql(skip)]
    lots: Lots,
    #[graphql(skip)]
    awards: Awards,
}

#[ComplexObject]
impl Tender {
    async fn buyer(&self, context: &Context<'_>) -> async_graphql::Result<Option<Party>> {
        load(context, BuyerOf(self.id.clone())).await
    }

    async fn lots(&self, context: &Context<'_>, first: usize) -> async_graphql::Result<Lots> {
        let mut lots = load(context, LotsOf(self.id.clone())).await?.unwrap_or_default();
        lots.nodes.truncate(first);
        Ok(lots)
    }

    async fn awards(&self, context: &Context<'_>, first: usize) -> async_graphql::Result<Awards> {
        let mut awards = load(context, AwardsOf(self.id.clone())).await?.unwrap_or_default();
        awards.nodes.truncate(first);
        Ok(awards)
    }
}

#[derive(Clone, Default, Deserialize, SimpleObject)]
struct Lots {
    nodes: Vec<Lot>,
}

#[derive(Clone, Deserialize, SimpleObject)]
struct Lot {
    id: ID,
    title: Option<String>,
    value: Option<Money>,
}

#[derive(Clone, Default, Deserialize, SimpleObject)]
struct Awards {
    nodes: Vec<Award>,
}

#[derive(Clone, Deserialize, SimpleObject)]
#[graphql(complex)]
struct Award {
    id: ID,
    date: Option<String>,
    value: Option<Money>,
    #[graphql(skip)]
    suppliers: Parties,
}

#[ComplexObject]
impl Award {
    async fn suppliers(&self, context: &Context<'_>, first: usize) -> async_graphql::Result<Parties> {
        let mut suppliers = load(context, SuppliersOf(self.id.clone())).await?.unwrap_or_default();
        suppliers.nodes.truncate(first);
        Ok(suppliers)
    }
}

#[derive(Clone, Default, Deserialize, SimpleObject)]
struct Parties {
    nodes: Vec<Party>,
}

#[derive(Clone, Deserialize, SimpleObject)]
struct Party {
    id: ID,
    name: Option<String>,
}

#[derive(Clone, Deserialize, SimpleObject)]
struct Money {
    amount: String,
    currency: String,
}
