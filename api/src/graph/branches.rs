//! What hangs on the tenders of an answer, or stands beside its awards, told from the document before they are read.
//!
//! The fields that show it look first among what came with tenders, and ask the loader, which knows what came with awards.
//! What did not come, because one field is asked for in several ways, it reads.

use async_graphql::{Context, InputType, Lookahead, SelectionField};

use super::award::Award;
use super::buyer::Buyer;
use super::contract::Contract;
use super::document::Document;
use super::item::Item;
use super::lot::Lot;
use super::shown::{self, Shows};
use super::supplier::Supplier;
use super::tender::Tender;
use crate::criteria::PartPage;
use crate::store::beside::Beside;
use crate::store::tree::{Branch, Branches};

/// Of the tender that a field answers with.
pub fn of_object(context: &Context<'_>) -> Branches {
    let place = context.look_ahead();
    of(&[place])
}

/// Of the tenders in the list that a field answers with.
pub fn of_entries(context: &Context<'_>) -> Branches {
    of(&shown::entries(&context.look_ahead()))
}

/// What stands beside the awards in the list that a field answers with.
pub fn beside_entries(context: &Context<'_>) -> Beside {
    let awards = shown::entries(&context.look_ahead());
    let tender = shown::field(&awards, "tender");
    let buyer = shown::field(&awards, "buyer");
    Beside {
        tender: tender.map(|tender| shown::under::<Tender>(&[tender])),
        buyer: buyer.map(|buyer| shown::under::<Buyer>(&[buyer])),
    }
}

fn of(tenders: &[Lookahead<'_>]) -> Branches {
    let awards = list::<Award>(tenders, "awards");
    let suppliers = || list::<Supplier>(&shown::entries(&shown::field(tenders, "awards")?), "suppliers");
    let buyer = shown::field(tenders, "buyer");
    Branches {
        tender: Some(shown::under::<Tender>(tenders)),
        buyer: buyer.map(|buyer| shown::under::<Buyer>(&[buyer])),
        lots: list::<Lot>(tenders, "lots"),
        items: list::<Item>(tenders, "items"),
        awards,
        suppliers: awards.and_then(|_| suppliers()),
        contracts: list::<Contract>(tenders, "contracts"),
        documents: list::<Document>(tenders, "documents"),
    }
}

/// A list of these objects; `None` if none is asked for, or several are.
fn list<T: Shows>(objects: &[Lookahead<'_>], name: &str) -> Option<Branch> {
    let list = shown::field(objects, name)?;
    let asked = list.selection_fields();
    let (first, others) = asked.split_first()?;
    if others.iter().any(|other| other.alias() != first.alias()) {
        return None;
    }
    // A mistake in the arguments is told by the field itself.
    let size = argument::<Option<i32>>(first, "first")?;
    let after = argument::<Option<String>>(first, "after")?;
    Some(Branch {
        page: PartPage::check(size, after.as_deref()).ok()?,
        shown: shown::under::<T>(&shown::entries(&list)),
    })
}

fn argument<T: InputType>(field: &SelectionField<'_>, name: &str) -> Option<T> {
    let arguments = field.arguments().ok()?;
    let value = arguments.into_iter().find(|(argument, _)| argument == name);
    T::parse(value.map(|(_, value)| value)).ok()
}
