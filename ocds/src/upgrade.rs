//! Releases of OCDS 1.0, turned into what they would have been in OCDS 1.1.
//!
//! In OCDS 1.0 organisations are written out wherever they act; OCDS 1.1 lists them once, as `parties`, and refers to
//! them. So the organisations move there, each with the roles in which it acts, and leave `{id, name}` behind. The one
//! `amendment` becomes a list, and a transaction's `providerOrganization`, `receiverOrganization` and `amount` become its
//! `payer`, `payee` and `value`. What OCDS 1.1 only discourages, such as `milestones/documents`, stays.
//!
//! Nothing that was published is lost. Whatever has no place in the new form, because something else stands there, stays
//! in the old one, which OCDS 1.1 still allows. How parties get their `id` is told in [`parties`].
//!
//! Source: the changes of version 1.1, <https://standard.open-contracting.org/1.1/en/schema/changelog/>.

mod parties;
mod places;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::json::{MAX_DEPTH, Object, Value};
use parties::Parties;
use places::{any, each};

/// Where organisations act, in which role: in the standard, and in the extensions for bids and for suppliers of contracts.
const ORGANIZATIONS: &[(&[&str], &str)] = &[
    (&["buyer"], "buyer"),
    (&["tender", "procuringEntity"], "procuringEntity"),
    (&["tender", "tenderers"], "tenderer"),
    (&["bids", "details", "tenderers"], "tenderer"),
    (&["awards", "suppliers"], "supplier"),
    (&["contracts", "suppliers"], "supplier"),
];

const TRANSACTIONS: &[&str] = &["contracts", "implementation", "transactions"];

/// The organisations of a transaction: what OCDS 1.0 calls them, and OCDS 1.1, which is their role as well.
const OF_TRANSACTIONS: [(&str, &str); 2] = [("providerOrganization", "payer"), ("receiverOrganization", "payee")];

/// What has amendments.
const AMENDED: &[&str] = &["tender", "awards", "contracts"];

/// What says about an organisation who it is. OCDS 1.1 has a place for it among the parties alone.
const DETAILS: &[&str] = &["identifier", "additionalIdentifiers", "address", "contactPoint"];

/// How many levels an amendment may have: in a list it is one level deeper, and a document has room for so many.
const DEEPEST: usize = MAX_DEPTH / 2;

/// Whether a release is one of OCDS 1.0, told by what it holds and not by its package, which may say nothing or be lost:
/// it has organisations that are written out where they act, and no `parties` to refer to. Every valid release of
/// OCDS 1.0 has such a buyer.
#[must_use]
pub fn is_ocds_1_0(release: &Object) -> bool {
    let has_parties = release.get("parties").is_some_and(Value::is_filled);
    !has_parties
        && (ORGANIZATIONS.iter().any(|(path, _)| any(release, path, is_written_out))
            || any(release, TRANSACTIONS, names_organizations))
}

/// Whether an organisation is more than a reference: it has no `id`, or tells who it is beside it.
fn is_written_out(organization: &Object) -> bool {
    let has = |key: &str| organization.get(key).is_some_and(Value::is_filled);
    can_be_party(organization) && (!has("id") || DETAILS.iter().any(|key| has(key)))
}

/// Whether an organisation says anything, and what it says can stand in a party.
fn can_be_party(organization: &Object) -> bool {
    let filled = |key: &str| organization.get(key).filter(|value| value.is_filled());
    organization.is_filled()
        && filled("id").is_none_or(|id| id.as_identifier().is_some())
        && filled("roles").is_none_or(|roles| matches!(roles, Value::Array(_) | Value::String(_)))
}

fn names_organizations(transaction: &Object) -> bool {
    OF_TRANSACTIONS.iter().any(|(old, new)| {
        let organization = transaction.get(old).and_then(Value::as_object);
        organization.is_some_and(Object::is_filled) && !transaction.contains_key(new)
    })
}

/// Upgrades a release of OCDS 1.0; `false` if it is none, and left as it is.
pub fn upgrade(release: &mut Object) -> bool {
    if !is_ocds_1_0(release) {
        return false;
    }
    let mut parties = Parties::default();
    for (path, role) in ORGANIZATIONS {
        each(release, path, &mut |organization| {
            if can_be_party(organization) {
                *organization = parties.refer(std::mem::take(organization), role);
            }
        });
    }
    each(release, TRANSACTIONS, &mut |transaction| {
        upgrade_transaction(transaction, &mut parties);
    });
    for name in AMENDED {
        each(release, &[name], &mut upgrade_amendment);
    }
    release.insert("parties", parties.into_list());
    true
}

fn upgrade_transaction<'a>(transaction: &mut Object<'a>, parties: &mut Parties<'a>) {
    if let Some(Value::Object(_) | Value::Null) = transaction.get("amount") {
        rename(transaction, "amount", "value");
    }
    for (old, new) in OF_TRANSACTIONS {
        if transaction.contains_key(new) {
            continue;
        }
        match transaction.get_mut(old) {
            Some(Value::Object(identifier)) if identifier.is_filled() => {
                *identifier = parties.refer_by_identifier(std::mem::take(identifier), new);
            }
            Some(Value::Null) => {}
            _ => continue,
        }
        rename(transaction, old, new);
    }
}

/// Gives a member another name, unless there is one of that name.
fn rename(object: &mut Object, old: &str, new: &'static str) {
    if object.contains_key(new) {
        return;
    }
    if let Some((name, _)) = object.members_mut().iter_mut().find(|(name, _)| name == old) {
        *name = Cow::Borrowed(new);
    }
}

/// Puts the `amendment` of an object among its `amendments`, unless one is there that could be mixed up with it.
fn upgrade_amendment(object: &mut Object) {
    let amendment = match object.get("amendment") {
        Some(Value::Null) => return rename(object, "amendment", "amendments"),
        Some(Value::Object(amendment)) => amendment,
        Some(Value::Array(amendments)) => match amendments.as_slice() {
            [Value::Object(amendment)] => amendment,
            _ => return,
        },
        _ => return,
    };
    let known = match object.get("amendments") {
        None => &[][..],
        Some(Value::Array(amendments)) => amendments,
        Some(_) => return,
    };
    if !amendment.is_filled() || amendment.iter().any(|(_, value)| nests_deeper(value, DEEPEST)) {
        return;
    }
    let upgraded = with_id(amendment);
    let is_there = known.iter().filter_map(Value::as_object).any(|one| one == amendment);
    if !is_there {
        if known.iter().any(|one| has_same_id(one, &upgraded)) {
            return;
        }
        let amendments = known.iter().cloned().chain([Value::Object(upgraded)]).collect();
        if object.contains_key("amendments") {
            object.insert("amendments", Value::Array(amendments));
        } else {
            object.insert("amendment", Value::Array(amendments));
            return rename(object, "amendment", "amendments");
        }
    }
    object.remove("amendment");
}

/// Whether more levels of objects and lists stand in each other.
fn nests_deeper(value: &Value, levels: usize) -> bool {
    let is_too_deep = |inner: &Value| levels == 0 || nests_deeper(inner, levels - 1);
    match value {
        Value::Array(elements) => elements.iter().any(is_too_deep),
        Value::Object(object) => object.iter().any(|(_, inner)| is_too_deep(inner)),
        _ => false,
    }
}

/// An amendment with an `id`: in a list, only that lets the next release say it again. OCDS 1.0 asks for none. It has room
/// for one amendment at a time, so the date tells it from those of other releases.
fn with_id<'a>(amendment: &Object<'a>) -> Object<'a> {
    let filled = |key: &str| amendment.get(key).filter(|value| value.is_filled());
    if filled("id").is_some() {
        return amendment.clone();
    }
    let date = filled("date").filter(|date| date.as_str().is_some()).cloned();
    let id = date.unwrap_or(Value::String(Cow::Borrowed("amendment")));
    let others = amendment.iter().filter(|(key, _)| key != "id").cloned();
    [(Cow::Borrowed("id"), id)].into_iter().chain(others).collect()
}

fn has_same_id(one: &Value, other: &Object) -> bool {
    let id = |value: Option<&Value>| value.and_then(Value::as_identifier).map(str::to_owned);
    let one = id(one.get("id"));
    one.is_some() && one == id(other.get("id"))
}

/// Adds to the roles of the parties of an upgraded release those that they had before.
///
/// OCDS 1.0 says nothing of roles: a party has them because it acts somewhere, and what a release says nothing about goes
/// on as it was. Whoever tendered and is a supplier in the next release is both.
pub(crate) fn keep_roles<'a>(process: &Object<'a>, release: &mut Object<'a>) {
    let before = process.get("parties").and_then(Value::as_array).unwrap_or_default();
    let roles = before
        .iter()
        .filter_map(|party| Some((party.get("id")?.as_identifier()?, party.get("roles")?.as_array()?)));
    let roles: HashMap<&str, &[Value]> = roles.collect();
    let Some(Value::Array(parties)) = release.get_mut("parties") else {
        return;
    };
    for party in parties {
        let id = party.get("id").and_then(Value::as_identifier);
        let earlier = id.and_then(|id| roles.get(id));
        if let (Some(earlier), Value::Object(party)) = (earlier, party)
            && let Some(Value::Array(now)) = party.get_mut("roles")
        {
            let known: HashSet<&str> = earlier.iter().filter_map(Value::as_str).collect();
            let new = now
                .drain(..)
                .filter(|role| role.as_str().is_none_or(|role| !known.contains(role)));
            *now = earlier.iter().cloned().chain(new.collect::<Vec<_>>()).collect();
        }
    }
}

#[cfg(test)]
mod tests;
