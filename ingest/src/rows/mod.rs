//! A compiled release as the rows of every table.
//!
//! All keys follow from the data, so nothing has to be asked of the database. Objects that say nothing, such as an empty
//! form or what is left of a removed award, have no row.

mod address;
mod award;
mod classification;
mod content;
mod identity;
mod party;
mod tender;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::{
    award as award_table, award_lot, award_supplier, classification as classification_table, classification_ancestor,
    compiled_release, contract, document, item, lot, party as party_table, tender as tender_table,
};
use sea_orm::prelude::Uuid;

use crate::compile::State;
use crate::organization::Claim;
use crate::published::{Published, Tally};

/// The rows of any number of processes, a list for each table.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub tenders: Vec<tender_table::Model>,
    pub compiled_releases: Vec<compiled_release::Model>,
    pub lots: Vec<lot::Model>,
    pub items: Vec<item::Model>,
    pub awards: Vec<award_table::Model>,
    pub award_lots: Vec<award_lot::Model>,
    pub award_suppliers: Vec<award_supplier::Model>,
    pub contracts: Vec<contract::Model>,
    pub documents: Vec<document::Model>,
    pub classifications: Vec<classification_table::Model>,
    pub classification_ancestors: Vec<classification_ancestor::Model>,
    pub parties: Vec<party_table::Model>,
    /// What the parties claim to be, by key.
    pub claims: HashMap<Uuid, Claim>,
}

impl Rows {
    /// Adds the rows of other processes.
    pub fn append(&mut self, mut other: Rows) {
        self.tenders.append(&mut other.tenders);
        self.compiled_releases.append(&mut other.compiled_releases);
        self.lots.append(&mut other.lots);
        self.items.append(&mut other.items);
        self.awards.append(&mut other.awards);
        self.award_lots.append(&mut other.award_lots);
        self.award_suppliers.append(&mut other.award_suppliers);
        self.contracts.append(&mut other.contracts);
        self.documents.append(&mut other.documents);
        self.classifications.append(&mut other.classifications);
        self.classification_ancestors
            .append(&mut other.classification_ancestors);
        self.parties.append(&mut other.parties);
        self.claims.extend(other.claims);
    }
}

/// A process and its compiled release, about to become rows.
struct Process<'r> {
    /// Its key.
    key: Uuid,
    ocid: &'r str,
    /// Who published it, as far as the ocid tells.
    publisher: String,
    published_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    source: Uuid,
    revision: i64,
    release: Published<'r>,
    /// The `tender` section of the release.
    tender: Published<'r>,
}

/// Adds the rows of one process, except for its compiled release.
pub(crate) fn flatten(ocid: &str, state: &State, revision: i64, tally: &Tally, rows: &mut Rows) {
    let release = Published::new(state.understood(), tally);
    let process = Process {
        key: entities::key::tender(ocid),
        ocid,
        publisher: publisher(ocid, state.source),
        published_at: state.published_at,
        updated_at: state.updated_at,
        source: state.source,
        revision,
        release,
        tender: release.get("tender"),
    };
    let mut parties = party::Parties::published(&process);
    let roles = parties.roles(&process);
    let lots = tender::lots(&process, rows);
    let awards_before = rows.awards.len();
    let awards = award::awards(&process, roles.buyer, &lots, &mut parties, rows);
    let has_awards = rows.awards.len() > awards_before;
    award::contracts(&process, &awards, &lots, rows);
    content::tender(&process, &lots, rows);
    classification::classifications(&process, parties.of(roles.buyer), rows);
    tender::tender(&process, &roles, has_awards, rows);
    parties.add_to(rows);
}

/// The publisher's prefix of an ocid, such as `ocds-213czf`; the source stands in for other ocids.
fn publisher(ocid: &str, source: Uuid) -> String {
    let ocid = ocid.to_ascii_lowercase();
    let registered = ocid.strip_prefix("ocds-").and_then(|rest| rest.split_once('-'));
    match registered {
        Some((prefix, _)) if prefix.len() == 6 && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            format!("ocds-{prefix}")
        }
        _ => source.to_string(),
    }
}
