//! Tenders and what hangs on them, read together.
//!
//! Each statement goes to the database and back, and there it takes as long to begin and to end one as to read a few rows.
//! What an answer shows of its tenders is known before they are read: so their buyers and the lists of their parts come
//! together. The statement has an arm for the tenders and one for each list, and the number of the arm before the columns.

mod arms;
mod layout;
mod question;
mod trees;

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use async_graphql::dataloader;
use foldhash::fast::RandomState;
use uuid::Uuid;

use arms::Arms;
use layout::Layout;
use question::Question;
pub use trees::{InTree, Trees};

use super::award::AwardRow;
use super::beside::{Beside, Neighbors};
use super::contract::ContractRow;
use super::keyset::{Keyset, Page};
use super::nested::{grouped, hash_key};
use super::organization::{OrganizationRow, SupplierOfAward};
use super::part::{DocumentRow, ItemRow, Lists, LotRow};
use super::tender::{TenderRow, Walk};
use super::{Shown, Store};
use crate::criteria::{PageRequest, PartPage};
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

/// How many kinds of columns there are.
const KINDS: usize = 8;
/// The kinds of columns that an arm has, by their places in a [`Layout`]. The first one's is its number, too.
const TENDERS: Range<usize> = 0..2;
const LOTS: Range<usize> = 2..3;
const ITEMS: Range<usize> = 3..4;
const AWARDS: Range<usize> = 4..6;
const CONTRACTS: Range<usize> = 6..7;
const DOCUMENTS: Range<usize> = 7..8;
/// All of them, in order.
const ARMS: [Range<usize>; 6] = [TENDERS, LOTS, ITEMS, AWARDS, CONTRACTS, DOCUMENTS];
/// The kinds of columns that are joined to those of an arm.
const BUYERS: usize = 1;
const SUPPLIERS: usize = 5;

impl Branches {
    /// The tenders themselves and their buyers alone.
    fn only_tenders(self) -> Self {
        let Self { tender, buyer, .. } = self;
        Self {
            tender,
            buyer,
            ..Self::default()
        }
    }

    /// The same without the tenders themselves and their buyers.
    fn without_tenders(self) -> Self {
        Self {
            tender: None,
            buyer: None,
            ..self
        }
    }

    /// The same, whichever pages of the lists are read.
    fn of_any_page(mut self) -> Self {
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
        self
    }

    /// What is read beside the tenders themselves.
    #[must_use]
    pub const fn beside(&self) -> Beside {
        Beside {
            tender: None,
            buyer: self.buyer,
        }
    }
}

/// What was read of tenders.
pub struct Tree {
    branches: Branches,
    tenders: HashMap<Uuid, Arc<TenderRow>>,
    buyers: HashMap<Uuid, Arc<OrganizationRow>, RandomState>,
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
        let nothing = tenders.is_empty() || branches == Branches::default();
        let layout = Layout::new(branches);
        let rows = if nothing {
            Vec::new()
        } else {
            Question::of_keys(store, &layout, tenders.to_vec()).rows().await?
        };
        let arms = Arms::new(&layout, &rows)?;
        let found = arms.tenders()?.into_iter();
        Ok(Self {
            tenders: found.map(|tender| (tender.id, Arc::new(tender))).collect(),
            ..Self::beside(&arms, tenders)?
        })
    }

    /// Reads a page of a list of tenders with these branches of them: together if one plan fits all such pages. Else the
    /// page must be planned for its own values, and the rest would be planned anew with it, which takes longer than to ask
    /// for the rest by keys.
    ///
    /// # Errors
    /// As [`Tree::read`].
    pub(super) async fn page(
        store: &Store,
        walk: Walk,
        page: &PageRequest,
        branches: Branches,
    ) -> Result<(Page<TenderRow>, Self)> {
        let Walk {
            mut select,
            keyset,
            is_of_one_index,
        } = walk;
        let with_page = if is_of_one_index {
            branches
        } else {
            branches.only_tenders()
        };
        let layout = Layout::new(with_page);
        layout.select_page(&mut select);
        let statement = keyset.page(&select, page);
        let rows = if is_of_one_index {
            Question::of_page(store, &layout, &statement).rows().await?
        } else {
            store.rows(&statement).await?
        };
        let arms = Arms::new(&layout, &rows)?;
        let tenders = arms.tenders()?;
        let keys: Vec<Uuid> = tenders.iter().map(|tender| tender.id).collect();
        let mut tree = Self::beside(&arms, &keys)?;
        if with_page != branches {
            let Self { buyers, .. } = tree;
            let rest = branches.without_tenders();
            tree = Self {
                branches,
                buyers,
                ..Self::read(store, &keys, rest).await?
            };
        }
        Ok((Keyset::finish(tenders, Neighbors::default(), page), tree))
    }

    /// What was read beside these tenders.
    fn beside(arms: &Arms<'_>, tenders: &[Uuid]) -> Result<Self> {
        let branches = arms.branches();
        let awards: Lists<_, AwardRow> = arms.list(&AWARDS, branches.awards, tenders)?;
        Ok(Self {
            branches,
            tenders: HashMap::new(),
            buyers: arms.buyers()?,
            lots: arms.list(&LOTS, branches.lots, tenders)?,
            items: arms.list(&ITEMS, branches.items, tenders)?,
            suppliers: arms.suppliers(awards.rows().map(|award| award.id))?,
            awards,
            contracts: arms.list(&CONTRACTS, branches.contracts, tenders)?,
            documents: arms.list(&DOCUMENTS, branches.documents, tenders)?,
        })
    }

    /// The tenders that were read and found, by their keys.
    #[must_use]
    pub const fn tenders(&self) -> &HashMap<Uuid, Arc<TenderRow>> {
        &self.tenders
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
