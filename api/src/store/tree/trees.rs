//! What one request has read of tenders. Its fields look here before they ask the loader, and what came with a tender or an
//! award is not read again.

use std::sync::{Arc, Mutex, PoisonError};

use entities::value::code::Owner;
use uuid::Uuid;

use super::{Branch, Tree};
use crate::store::Shown;
use crate::store::award::AwardRow;
use crate::store::contract::ContractRow;
use crate::store::keyset::Page;
use crate::store::organization::{OrganizationRow, SupplierOfAward};
use crate::store::part::{DocumentRow, ItemRow, List, Lists, LotRow, Part};

/// What one request has read of tenders.
#[derive(Default)]
pub struct Trees(Mutex<Vec<Arc<Tree>>>);

impl Trees {
    /// Keeps what was read.
    pub fn keep(&self, tree: Arc<Tree>) {
        let mut trees = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        trees.push(tree);
    }

    fn find<T>(&self, find: impl Fn(&Tree) -> Option<T>) -> Option<T> {
        let trees = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        trees.iter().find_map(|tree| find(tree))
    }

    /// The pages of these lists, in their order; `None` unless all of them were read with their tenders, and so.
    pub fn parts<R: InTree>(&self, lists: &[List], branch: Branch) -> Option<Vec<Page<R>>> {
        if lists.iter().any(|list| list.owner != Owner::Tender) {
            return None;
        }
        let keys = lists.iter().map(|list| list.tender);
        self.find(|tree| pages(R::lists_in(tree), keys.clone(), branch))
    }

    /// The pages of the suppliers of these awards, in their order; `None` unless all of them were read with their awards,
    /// and so.
    pub fn suppliers(&self, awards: &[Uuid], branch: Branch) -> Option<Vec<Page<SupplierOfAward>>> {
        let awards = awards.iter().copied();
        self.find(|tree| pages((&tree.suppliers, tree.branches.suppliers), awards.clone(), branch))
    }

    /// The buyers of these keys, in their order; `None` unless all of them were read with their tenders, and so.
    pub fn buyers(&self, keys: &[Option<Uuid>], shown: Shown) -> Option<Vec<Option<Arc<OrganizationRow>>>> {
        self.find(|tree| {
            let buyers = tree
                .branches
                .buyer
                .filter(|read| *read == shown)
                .map(|_| &tree.buyers)?;
            let buyer = |key: &Option<Uuid>| match key {
                Some(key) => buyers.get(key).map(|buyer| Some(Arc::clone(buyer))),
                None => Some(None),
            };
            keys.iter().map(buyer).collect()
        })
    }
}

fn pages<R>(
    (lists, read): (&Lists<Uuid, R>, Option<Branch>),
    keys: impl Iterator<Item = Uuid>,
    branch: Branch,
) -> Option<Vec<Page<R>>> {
    if read != Some(branch) {
        return None;
    }
    keys.map(|key| lists.page(key, branch.page)).collect()
}

/// Parts that are read with their tenders.
pub trait InTree: Part {
    /// Those that were, and how.
    fn lists_in(tree: &Tree) -> (&Lists<Uuid, Self>, Option<Branch>);
}

macro_rules! in_tree {
    ($($row:ident: $lists:ident),+ $(,)?) => {
        $(impl InTree for $row {
            fn lists_in(tree: &Tree) -> (&Lists<Uuid, Self>, Option<Branch>) {
                (&tree.$lists, tree.branches.$lists)
            }
        })+
    };
}

in_tree!(
    LotRow: lots,
    ItemRow: items,
    AwardRow: awards,
    ContractRow: contracts,
    DocumentRow: documents,
);
