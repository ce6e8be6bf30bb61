//! The process itself, and its lots.

use std::collections::HashMap;

use entities::value::code::{ProcurementCategory, ProcurementMethod, TenderStatus};
use entities::{lot, tender};
use sea_orm::prelude::Uuid;

use super::identity::{Identities, position};
use super::party::Roles;
use super::{Process, Rows};
use crate::published::{Published, without_nul};

/// Keys of the lots by their `id`.
pub(super) type Lots = HashMap<String, Uuid>;

pub(super) fn tender(process: &Process, roles: &Roles, has_awards: bool, rows: &mut Rows) {
    let said = process.tender;
    let (value_amount, value_currency) = said.money("value");
    let (tender_start, tender_end) = said.period("tenderPeriod");
    let (enquiry_start, enquiry_end) = said.period("enquiryPeriod");
    let (award_start, award_end) = said.period("awardPeriod");
    let (contract_start, contract_end) = said.period("contractPeriod");
    rows.tenders.push(&tender::Model {
        id: process.key,
        ocid: without_nul(process.ocid),
        source_id: process.source,
        published_at: process.published_at,
        updated_at: process.updated_at,
        // It is told when the row is written.
        revision: 0,
        has_awards,
        number_of_tenderers: said.count("numberOfTenderers"),
        buyer_id: roles.buyer,
        procuring_entity_id: roles.procuring_entity,
        status: status(said),
        main_procurement_category: said.code(
            "mainProcurementCategory",
            ProcurementCategory::from_code,
            ProcurementCategory::as_str,
        ),
        procurement_method: said.code(
            "procurementMethod",
            ProcurementMethod::from_code,
            ProcurementMethod::as_str,
        ),
        value_amount,
        value_currency,
        tender_start,
        tender_end,
        enquiry_start,
        enquiry_end,
        award_start,
        award_end,
        contract_start,
        contract_end,
        language: process.release.text("language"),
        title: said.text("title"),
        procurement_method_details: said.text("procurementMethodDetails"),
        description: said.text("description"),
    });
}

pub(super) fn lots(process: &Process, rows: &mut Rows) -> Lots {
    let mut lots = Lots::new();
    let mut identities = Identities::new("lot", process.key);
    for (place, said) in process.tender.objects("lots") {
        let local_id = said.id();
        let id = identities.key("", &local_id, position(place));
        let (value_amount, value_currency) = said.money("value");
        rows.lots.push(&lot::Model {
            tender_id: process.key,
            id,
            position: position(place),
            local_id: local_id.clone(),
            status: status(said),
            value_amount,
            value_currency,
            title: said.text("title"),
            description: said.text("description"),
        });
        lots.entry(local_id).or_insert(id);
    }
    lots.remove("");
    lots
}

fn status(said: Published) -> Option<String> {
    said.code("status", TenderStatus::from_code, TenderStatus::as_str)
}
