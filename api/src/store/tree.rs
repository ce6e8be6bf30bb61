//! Tenders and what hangs on them, read by one statement.
//!
//! Each statement goes to the database and back, and there it takes as long to begin and to end one as to read a few rows.
//! What an answer shows of its tenders is known before they are read: so their buyers and the lists of their parts come
//! together. The statement has an arm for the tenders and one for each list. All arms have all columns, null where they
//! are another's, and the number of the arm before them.

mod arms;
mod question;

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use async_graphql::dataloader;
use uuid::Uuid;

use arms::Arms;
use question::Question;

use super::award::AwardRow;
use super::beside::{Beside, Neighbors};
use super::contract::ContractRow;
use super::keyset::names;
use super::level::Level;
use super::nested::{grouped, hash_key};
use super::organization::{OrganizationRow, SupplierOfAward, SuppliersOfAward};
use super::part::{DocumentRow, ItemRow, List, Lists, LotRow, Part, PartsOf};
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
        let question = Question::new(store, branches, tenders.to_vec());
        let nothing = tenders.is_empty() || branches == Branches::default();
        let rows = if nothing {
            Vec::new()
        } else {
            store
                .rows_shaped(question.shape(), || question.values(), || question.statement())
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
