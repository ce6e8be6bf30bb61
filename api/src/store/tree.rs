//! Tenders and what hangs on them, read by one statement.
//!
//! Each statement goes to the database and back, and there it takes as long to begin and to end one as to read a few rows.
//! What an answer shows of its tenders is known before they are read: so their buyers and the lists of their parts come
//! together. The statement has an arm for the tenders and one for each list. All arms have all columns, null where they
//! are another's, and the number of the arm before them.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::iter::repeat_n;
use std::ops::Range;
use std::sync::Arc;

use async_graphql::dataloader;
use entities::value::code::Owner;
use sea_orm::Value;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, UnionType};
use uuid::Uuid;

use super::award::AwardRow;
use super::beside::{Beside, Neighbors, join, read_if_any};
use super::contract::ContractRow;
use super::dialect::is_any_of;
use super::keyset::names;
use super::level::Level;
use super::nested::{grouped, hash_key};
use super::organization::{OrganizationRow, SupplierOfAward, SuppliersOfAward};
use super::part::{DocumentRow, InLists, ItemRow, List, Lists, LotRow, Part, PartsOf, is_on_page, values_on_page};
use super::row::DriverRow;
use super::statement::Shape;
use super::tender::TenderRow;
use super::{Loader, Row, Shown, Store};
use crate::criteria::PartPage;
use crate::error::{Error, Result};

/// A list that each tender has, or each of its awards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Branch {
    /// Which page of it.
    pub page: PartPage,
    /// Which columns of its entries are shown.
    pub shown: Shown,
}

/// What is read of tenders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Branches {
    /// Which columns of the tenders themselves; `None` if they were read before.
    pub tender: Option<Shown>,
    /// Which columns of their buyers, if they are read with the tenders.
    pub buyer: Option<Shown>,
    /// Their lots.
    pub lots: Option<Branch>,
    /// The items of their tender sections.
    pub items: Option<Branch>,
    /// Their awards.
    pub awards: Option<Branch>,
    /// The suppliers of each of those awards.
    pub suppliers: Option<Branch>,
    /// Their contracts.
    pub contracts: Option<Branch>,
    /// The documents of their tender sections.
    pub documents: Option<Branch>,
}

/// Columns that are read together.
struct Columns {
    shown: Option<Shown>,
    names: fn(Shown) -> String,
    width: fn(Shown) -> usize,
}

impl Columns {
    fn of<R: Row>(shown: Option<Shown>) -> Self {
        let (names, width) = (names::<R>, R::width);
        Self { shown, names, width }
    }

    fn of_list<R: Row>(branch: Option<Branch>) -> Self {
        Self::of::<R>(branch.map(|branch| branch.shown))
    }

    /// Suppliers, each with its place among those of the award.
    fn of_suppliers(branch: Option<Branch>) -> Self {
        Self {
            names: |shown| names::<OrganizationRow>(shown) + ",\"award_supplier\".\"position\"",
            width: |shown| OrganizationRow::width(shown) + 1,
            ..Self::of_list::<OrganizationRow>(branch)
        }
    }

    fn width(&self) -> usize {
        self.shown.map_or(0, self.width)
    }
}

/// How many kinds of columns there are.
const KINDS: usize = 8;
/// The kinds of columns that an arm has, by their places in [`Branches::columns`]. The first one's is its number, too.
const TENDERS: Range<usize> = 0..2;
const LOTS: Range<usize> = 2..3;
const ITEMS: Range<usize> = 3..4;
const AWARDS: Range<usize> = 4..6;
const CONTRACTS: Range<usize> = 6..7;
const DOCUMENTS: Range<usize> = 7..8;
/// The kinds of columns that are joined to those of an arm.
const BUYERS: usize = 1;
const SUPPLIERS: usize = 5;

impl Branches {
    /// The same without the tenders themselves and their buyers.
    #[must_use]
    pub fn without_tenders(self) -> Self {
        Self {
            tender: None,
            buyer: None,
            ..self
        }
    }

    /// What is read beside the tenders themselves.
    #[must_use]
    pub const fn beside(&self) -> Beside {
        Beside {
            tender: None,
            buyer: self.buyer,
        }
    }

    fn columns(&self) -> [Columns; KINDS] {
        [
            Columns::of::<TenderRow>(self.tender),
            Columns::of::<OrganizationRow>(self.buyer),
            Columns::of_list::<LotRow>(self.lots),
            Columns::of_list::<ItemRow>(self.items),
            Columns::of_list::<AwardRow>(self.awards),
            Columns::of_suppliers(self.suppliers),
            Columns::of_list::<ContractRow>(self.contracts),
            Columns::of_list::<DocumentRow>(self.documents),
        ]
    }

    /// What the text of the statement depends on: not on the pages.
    fn shape(mut self) -> Shape {
        let any = PartPage { size: 0, after: 0 };
        let lists = [
            &mut self.lots,
            &mut self.items,
            &mut self.awards,
            &mut self.suppliers,
            &mut self.contracts,
            &mut self.documents,
        ];
        for branch in lists.into_iter().flatten() {
            branch.page = any;
        }
        Shape::Tree(self)
    }
}

/// The question for what hangs on tenders, as a statement.
struct Question<'a> {
    store: &'a Store,
    branches: Branches,
    tenders: &'a [Uuid],
    lists: Vec<List>,
}

impl<'a> Question<'a> {
    fn new(store: &'a Store, branches: Branches, tenders: &'a [Uuid]) -> Self {
        let lists = tenders.iter().map(|&tender| List::of_tender(tender)).collect();
        Self {
            store,
            branches,
            tenders,
            lists,
        }
    }

    fn statement(&self) -> SelectStatement {
        let columns = self.branches.columns();
        let arm = |own: Range<usize>| Query::select().expr(Expr::cust(text(&columns, own))).take();
        let mut arms = Vec::with_capacity(KINDS);
        if self.branches.tender.is_some() {
            arms.push(self.tenders(arm(TENDERS)));
        }
        arms.extend(self.branches.lots.map(|lots| self.list::<LotRow>(arm(LOTS), lots)));
        arms.extend(self.branches.items.map(|items| self.list::<ItemRow>(arm(ITEMS), items)));
        arms.extend(self.branches.awards.map(|awards| {
            let mut arm = self.list::<AwardRow>(arm(AWARDS), awards);
            if let Some(suppliers) = self.branches.suppliers {
                join_suppliers(&mut arm, suppliers.page);
            }
            arm
        }));
        let contracts = |contracts| self.list::<ContractRow>(arm(CONTRACTS), contracts);
        arms.extend(self.branches.contracts.map(contracts));
        let documents = |documents| self.list::<DocumentRow>(arm(DOCUMENTS), documents);
        arms.extend(self.branches.documents.map(documents));
        match arms.len() {
            1 => arms.remove(0),
            _ => arms.into_iter().fold(self.head(&columns), |mut head, arm| {
                head.union(UnionType::All, arm).take()
            }),
        }
    }

    /// An arm that finds nothing. PostgreSQL takes the types of columns from the first arm, and a null has none.
    fn head(&self, columns: &[Columns; KINDS]) -> SelectStatement {
        let mut head = Query::select();
        head.expr(Expr::cust(text(columns, 0..KINDS)))
            .and_where(Expr::cust("FALSE"));
        let tables = [
            (self.branches.tender.is_some(), TenderRow::TABLE),
            (
                self.branches
                    .buyer
                    .or(self.branches.suppliers.map(|branch| branch.shown))
                    .is_some(),
                OrganizationRow::TABLE,
            ),
            (self.branches.lots.is_some(), LotRow::TABLE),
            (self.branches.items.is_some(), ItemRow::TABLE),
            (self.branches.awards.is_some(), AwardRow::TABLE),
            (self.branches.suppliers.is_some(), "award_supplier"),
            (self.branches.contracts.is_some(), ContractRow::TABLE),
            (self.branches.documents.is_some(), DocumentRow::TABLE),
        ];
        for (_, table) in tables.into_iter().filter(|(is_read, _)| *is_read) {
            head.from(table);
        }
        head
    }

    fn tenders(&self, mut arm: SelectStatement) -> SelectStatement {
        arm.from(TenderRow::TABLE)
            .and_where(is_any_of(self.store.backend(), (TenderRow::TABLE, "id"), self.tenders));
        if self.branches.buyer.is_some() {
            join::<TenderRow, OrganizationRow>(&mut arm, "buyer_id");
        }
        arm
    }

    fn list<R: Part>(&self, mut arm: SelectStatement, branch: Branch) -> SelectStatement {
        InLists::new::<R>(Owner::Tender, self.lists.iter()).restrict::<R>(&mut arm, self.store.backend());
        arm.cond_where(is_on_page(R::TABLE, branch.page)).take()
    }

    /// The values of the statement, in its order.
    fn values(&self) -> Vec<Value> {
        let Branches {
            lots,
            items,
            awards,
            suppliers,
            contracts,
            documents,
            ..
        } = self.branches;
        let tenders = self.branches.tender.map(|_| Value::from(self.tenders.to_vec()));
        let mut values: Vec<Value> = tenders.into_iter().collect();
        values.extend(lots.iter().flat_map(|branch| self.values_of_list::<LotRow>(branch)));
        values.extend(items.iter().flat_map(|branch| self.values_of_list::<ItemRow>(branch)));
        if let Some(awards) = awards {
            values.extend(suppliers.iter().flat_map(|branch| values_on_page(branch.page)));
            values.extend(self.values_of_list::<AwardRow>(&awards));
        }
        values.extend(
            contracts
                .iter()
                .flat_map(|branch| self.values_of_list::<ContractRow>(branch)),
        );
        values.extend(
            documents
                .iter()
                .flat_map(|branch| self.values_of_list::<DocumentRow>(branch)),
        );
        values
    }

    fn values_of_list<R: Part>(&self, branch: &Branch) -> impl Iterator<Item = Value> + use<R> {
        let in_lists = InLists::new::<R>(Owner::Tender, self.lists.iter());
        in_lists.values().into_iter().chain(values_on_page(branch.page))
    }
}

/// The number of an arm, and all columns; those that are not its own are null.
fn text(columns: &[Columns; KINDS], own: Range<usize>) -> String {
    let mut text = own.start.to_string();
    for (place, columns) in columns.iter().enumerate() {
        let Some(shown) = columns.shown else { continue };
        if own.contains(&place) {
            text.push(',');
            text.push_str(&(columns.names)(shown));
        } else {
            text.extend(repeat_n(",NULL", columns.width()));
        }
    }
    text
}

fn join_suppliers(select: &mut SelectStatement, page: PartPage) {
    let of_award = Condition::all()
        .add(Expr::col(("award_supplier", "tender_id")).equals(("award", "tender_id")))
        .add(Expr::col(("award_supplier", "award_id")).equals(("award", "id")))
        .add(is_on_page("award_supplier", page));
    let supplier = Expr::col(("organization", "id")).equals(("award_supplier", "organization_id"));
    select
        .left_join("award_supplier", of_award)
        .left_join("organization", supplier);
}

/// What was read of tenders.
pub struct Tree {
    branches: Branches,
    tenders: HashMap<Uuid, Arc<TenderRow>>,
    buyers: Neighbors,
    lots: Lists<Uuid, LotRow>,
    items: Lists<Uuid, ItemRow>,
    awards: Lists<Uuid, AwardRow>,
    suppliers: Lists<Uuid, SupplierOfAward>,
    contracts: Lists<Uuid, ContractRow>,
    documents: Lists<Uuid, DocumentRow>,
}

impl Tree {
    /// Reads these branches of these tenders.
    ///
    /// # Errors
    /// [`Error::Store`] if the database fails.
    pub async fn read(store: &Store, tenders: &[Uuid], branches: Branches) -> Result<Self> {
        let question = Question::new(store, branches, tenders);
        let nothing = tenders.is_empty() || branches == Branches::default();
        let rows = if nothing {
            Vec::new()
        } else {
            store
                .rows_shaped(branches.shape(), || question.values(), || question.statement())
                .await?
        };
        let arms = Arms::new(branches, &rows)?;
        Ok(Self {
            branches,
            tenders: arms.tenders()?,
            buyers: arms.buyers()?,
            lots: arms.list(&LOTS, branches.lots)?,
            items: arms.list(&ITEMS, branches.items)?,
            awards: arms.list(&AWARDS, branches.awards)?,
            suppliers: arms.suppliers()?,
            contracts: arms.list(&CONTRACTS, branches.contracts)?,
            documents: arms.list(&DOCUMENTS, branches.documents)?,
        })
    }

    /// The tenders that were read and found, by their keys.
    #[must_use]
    pub const fn tenders(&self) -> &HashMap<Uuid, Arc<TenderRow>> {
        &self.tenders
    }

    /// The same, without the rest.
    #[must_use]
    pub fn into_tenders(self) -> HashMap<Uuid, Arc<TenderRow>> {
        self.tenders
    }

    /// Tells a loader what it need not ask for any more, as one level of an answer will ask for it in which these tenders
    /// stand, in this order.
    pub async fn tell(&self, loader: &Loader, tenders: &[Uuid]) {
        self.buyers.tell(loader).await;
        tell_of_lists(loader, tenders, (&self.lots, self.branches.lots)).await;
        tell_of_lists(loader, tenders, (&self.items, self.branches.items)).await;
        tell_of_lists(loader, tenders, (&self.awards, self.branches.awards)).await;
        tell_of_lists(loader, tenders, (&self.contracts, self.branches.contracts)).await;
        tell_of_lists(loader, tenders, (&self.documents, self.branches.documents)).await;
        self.tell_of_suppliers(loader, tenders).await;
    }

    async fn tell_of_suppliers(&self, loader: &Loader, tenders: &[Uuid]) {
        let (Some(awards), Some(suppliers)) = (self.branches.awards, self.branches.suppliers) else {
            return;
        };
        let Branch { page, shown } = suppliers;
        let awards = tenders
            .iter()
            .flat_map(|&tender| self.awards.page(tender, awards.page).rows);
        let (keys, pages): (Vec<_>, Vec<_>) = awards
            .map(|award| {
                let key = SuppliersOfAward {
                    tender: award.tender_id,
                    award: award.id,
                    page,
                    shown,
                };
                (key, Arc::new(self.suppliers.page(award.id, page)))
            })
            .unzip();
        if !keys.is_empty() {
            loader.feed_one(Level::new(keys), pages.into()).await;
        }
    }
}

async fn tell_of_lists<R: Part>(loader: &Loader, tenders: &[Uuid], (rows, branch): (&Lists<Uuid, R>, Option<Branch>)) {
    let Some(Branch { page, shown }) = branch else { return };
    let keys = tenders
        .iter()
        .map(|&tender| PartsOf::<R>::new(List::of_tender(tender), page, shown));
    let pages = tenders.iter().map(|&tender| Arc::new(rows.page(tender, page)));
    loader.feed_one(Level::new(keys), pages.collect()).await;
}

/// The rows of the statement by the numbers of their arms.
struct Arms<'r> {
    branches: Branches,
    numbered: Vec<(usize, &'r Arc<DriverRow>)>,
    /// How many columns come before those of each kind.
    before: [usize; KINDS],
}

impl<'r> Arms<'r> {
    fn new(branches: Branches, rows: &'r [Arc<DriverRow>]) -> Result<Self> {
        let mut next = 1;
        let before = branches.columns().map(|columns| {
            next += columns.width();
            next - columns.width()
        });
        let numbered = rows.iter().map(|row| {
            let number: i32 = row.columns_after(0).take()?;
            Ok((usize::try_from(number).unwrap_or(KINDS), row))
        });
        Ok(Self {
            branches,
            numbered: numbered.collect::<Result<_>>()?,
            before,
        })
    }

    fn of_arm(&self, arm: &Range<usize>) -> impl Iterator<Item = &'r Arc<DriverRow>> {
        let number = arm.start;
        self.numbered
            .iter()
            .filter(move |(arm, _)| *arm == number)
            .map(|(_, row)| *row)
    }

    fn tenders(&self) -> Result<HashMap<Uuid, Arc<TenderRow>>> {
        let shown = self.branches.tender.unwrap_or_default();
        let tenders = self.of_arm(&TENDERS).map(|row| {
            let tender = TenderRow::read(row, self.before[TENDERS.start], shown)?;
            Ok((tender.id, Arc::new(tender)))
        });
        tenders.collect()
    }

    fn buyers(&self) -> Result<Neighbors> {
        let mut buyers = Neighbors::new(self.branches.beside());
        for row in self.of_arm(&TENDERS) {
            buyers.add(row, self.before[BUYERS])?;
        }
        Ok(buyers)
    }

    fn list<R: Part>(&self, arm: &Range<usize>, branch: Option<Branch>) -> Result<Lists<Uuid, R>> {
        let Some(branch) = branch else {
            return Ok(Lists::default());
        };
        let rows = self.of_arm(arm).map(|row| {
            let part = R::read(row, self.before[arm.start], branch.shown)?;
            Ok((part.tender_id(), part.position(), part))
        });
        Ok(Lists::new(rows.collect::<Result<Vec<_>>>()?.into_iter()))
    }

    fn suppliers(&self) -> Result<Lists<Uuid, SupplierOfAward>> {
        let (Some(awards), Some(suppliers)) = (self.branches.awards, self.branches.suppliers) else {
            return Ok(Lists::default());
        };
        let mut found = Vec::new();
        for row in self.of_arm(&AWARDS) {
            let before = self.before[SUPPLIERS];
            let Some(organization) = read_if_any::<OrganizationRow>(row, before, suppliers.shown)? else {
                continue;
            };
            let award = AwardRow::read(row, self.before[AWARDS.start], awards.shown)?.id;
            let place = before + OrganizationRow::width(suppliers.shown);
            let position = row.columns_after(place).take()?;
            found.push((award, position, SupplierOfAward { organization, position }));
        }
        Ok(Lists::new(found.into_iter()))
    }
}

/// Asks for a tender by its key, with what hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeOf {
    /// Its key.
    pub tender: Uuid,
    /// What is read.
    pub branches: Branches,
}

impl Hash for TreeOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_key(self.tender, state);
    }
}

impl dataloader::Loader<TreeOf> for Store {
    type Value = Arc<Tree>;
    type Error = Error;

    /// Tenders that are asked the same share a tree.
    async fn load(&self, keys: &[TreeOf]) -> Result<HashMap<TreeOf, Arc<Tree>>> {
        let mut trees = HashMap::with_capacity(keys.len());
        for (branches, tenders) in grouped(keys, |key| (key.branches, key.tender)) {
            let tree = Arc::new(Tree::read(self, &tenders, branches).await?);
            let key = |tender| (TreeOf { tender, branches }, Arc::clone(&tree));
            trees.extend(tenders.into_iter().map(key));
        }
        Ok(trees)
    }
}
