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
    award as award_table, award_lot, award_supplier, classification as classification_table, code_tender,
    compiled_release, contract, document, item, lot, party as party_table, tender as tender_table, tender_code,
};
use sea_orm::prelude::Uuid;

use crate::compile::State;
use crate::organization::Claim;
use crate::packed::Packed;
use crate::published::{Published, Tally};
use crate::spool::Spool;

/// The rows of any number of processes, a list for each table.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub tenders: Packed<tender_table::Model>,
    pub compiled_releases: Packed<compiled_release::Model>,
    pub lots: Packed<lot::Model>,
    pub items: Packed<item::Model>,
    pub awards: Packed<award_table::Model>,
    pub award_lots: Packed<award_lot::Model>,
    pub award_suppliers: Packed<award_supplier::Model>,
    pub contracts: Packed<contract::Model>,
    pub documents: Packed<document::Model>,
    pub classifications: Packed<classification_table::Model>,
    pub tender_codes: Packed<tender_code::Model>,
    pub code_tenders: Packed<code_tender::Model>,
    pub parties: Packed<party_table::Model>,
    /// What the parties claim to be, by key.
    pub claims: HashMap<Uuid, Claim>,
}

impl Rows {
    /// No rows yet; those to come may wait in a spool.
    pub fn on(spool: &Spool) -> Rows {
        Rows {
            tenders: Packed::on(spool),
            compiled_releases: Packed::on(spool),
            lots: Packed::on(spool),
            items: Packed::on(spool),
            awards: Packed::on(spool),
            award_lots: Packed::on(spool),
            award_suppliers: Packed::on(spool),
            contracts: Packed::on(spool),
            documents: Packed::on(spool),
            classifications: Packed::on(spool),
            tender_codes: Packed::on(spool),
            code_tenders: Packed::on(spool),
            parties: Packed::on(spool),
            claims: HashMap::new(),
        }
    }

    /// Adds the rows of other processes.
    pub fn append(&mut self, other: Rows) {
        self.tenders.append(other.tenders);
        self.compiled_releases.append(other.compiled_releases);
        self.lots.append(other.lots);
        self.items.append(other.items);
        self.awards.append(other.awards);
        self.award_lots.append(other.award_lots);
        self.award_suppliers.append(other.award_suppliers);
        self.contracts.append(other.contracts);
        self.documents.append(other.documents);
        self.classifications.append(other.classifications);
        self.tender_codes.append(other.tender_codes);
        self.code_tenders.append(other.code_tenders);
        self.parties.append(other.parties);
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
    release: Published<'r>,
    /// The `tender` section of the release.
    tender: Published<'r>,
}

/// Adds the rows of one process, except for its compiled release. That of the process itself has no revision yet.
pub(crate) fn flatten(ocid: &str, state: &State, tally: &Tally, rows: &mut Rows) {
    let release = Published::new(state.understood(), tally);
    let process = Process {
        key: entities::key::tender(ocid),
        ocid,
        publisher: publisher(ocid, state.source),
        published_at: state.published_at,
        updated_at: state.updated_at,
        source: state.source,
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
