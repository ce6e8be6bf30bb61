//! Which rows a long list is read from next, for streaming all of it.
//!
//! Of a filter that searches, the index tells the next few keys each time: a statement that named all keys would be as long
//! as the list.

use sea_orm::sea_query::Condition;
use uuid::Uuid;

use super::dialect::is_any_of;
use super::{Store, condition};
use crate::criteria::{AwardFilter, TenderFilter};
use crate::error::Result;

/// A part of a list, in the order of keys: of a process, then of what is in it.
pub struct Window {
    pub(super) condition: Condition,
    /// Where it ends; nothing if it reaches to the end of the list.
    pub end: Option<(Uuid, Uuid)>,
}

impl Window {
    /// All of a list that no filter of tenders or awards narrows.
    #[must_use]
    pub fn whole() -> Self {
        Self {
            condition: Condition::all(),
            end: None,
        }
    }
}

/// The tenders that match, or the next so many of them.
///
/// # Errors
/// [`crate::error::Error::BadUserInput`] if the filter makes no sense; [`crate::error::Error::NotSearchable`] if it searches
/// and there is no index.
pub fn of_tenders(store: &Store, filter: &TenderFilter, after: Option<Uuid>, most: usize) -> Result<Window> {
    if !filter.searches() {
        return Ok(Window {
            condition: condition::tender(store, filter)?,
            end: None,
        });
    }
    let keys = store.next_keys_found(filter, after, most)?;
    Ok(Window {
        condition: Condition::all().add(is_any_of(store.backend(), ("tender", "id"), &keys)),
        end: keys.last().map(|last| (*last, Uuid::max())),
    })
}

/// The awards that match, or those in the next so many tenders whose words match.
///
/// # Errors
/// As [`of_tenders`].
pub fn of_awards(store: &Store, filter: &AwardFilter, after: Option<(Uuid, Uuid)>, most: usize) -> Result<Window> {
    let Some(of_tender) = filter.tender.as_ref().filter(|of_tender| of_tender.searches()) else {
        return Ok(Window {
            condition: condition::award(store, filter)?,
            end: None,
        });
    };
    let rest = AwardFilter {
        tender: None,
        ..filter.clone()
    };
    let keys = store.next_keys_found(of_tender, after.and_then(last_done), most)?;
    let in_tenders = is_any_of(store.backend(), ("award", "tender_id"), &keys);
    Ok(Window {
        condition: condition::award(store, &rest)?.add(in_tenders),
        end: keys.last().map(|last| (*last, Uuid::max())),
    })
}

/// The last tender of which nothing more can come after this award.
fn last_done((tender, award): (Uuid, Uuid)) -> Option<Uuid> {
    if award == Uuid::max() {
        return Some(tender);
    }
    tender.as_u128().checked_sub(1).map(Uuid::from_u128)
}
