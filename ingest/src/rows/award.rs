//! Awards, their lots and suppliers, and the contracts that follow from them.

use std::collections::{HashMap, HashSet};

use entities::value::code::{AwardStatus, ContractStatus, Owner};
use entities::{award, award_lot, award_supplier, contract};
use sea_orm::prelude::Uuid;

use super::content::Contents;
use super::identity::{Identities, position};
use super::party::Parties;
use super::tender::Lots;
use super::{Process, Rows};
use crate::published::Published;

/// Keys of the awards by their `id`.
pub(super) type Awards = HashMap<String, Uuid>;

pub(super) fn awards(
    process: &Process,
    buyer: Option<Uuid>,
    lots: &Lots,
    parties: &mut Parties,
    rows: &mut Rows,
) -> Awards {
    let mut awards = Awards::new();
    let mut identities = Identities::new("award", process.key);
    let mut contents = Contents::new(process);
    for (place, said) in process.release.objects("awards") {
        let local_id = said.id();
        let id = identities.key("", &local_id, position(place));
        let (value_amount, value_currency) = said.money("value");
        let row = award::Model {
            tender_id: process.key,
            id,
            position: position(place),
            local_id: local_id.clone(),
            date: said.instant("date"),
            buyer_id: buyer,
            status: said.code("status", AwardStatus::from_code, AwardStatus::as_str),
            value_amount,
            value_currency,
            title: said.text("title"),
            description: said.text("description"),
        };
        award_lots(&row, said, lots, rows);
        award_suppliers(process, &row, said, parties, rows);
        contents.items(said, Owner::Award, id, lots, rows);
        contents.documents(said, Owner::Award, id, rows);
        rows.awards.push(&row);
        awards.entry(local_id).or_insert(id);
    }
    awards.remove("");
    awards
}

fn award_lots(award: &award::Model, said: Published, lots: &Lots, rows: &mut Rows) {
    let mut seen = HashSet::new();
    for lot_id in said
        .texts("relatedLots")
        .filter_map(|local_id| lots.get(&local_id).copied())
    {
        if seen.insert(lot_id) {
            rows.award_lots.push(&award_lot::Model {
                tender_id: award.tender_id,
                award_id: award.id,
                lot_id,
            });
        }
    }
}

fn award_suppliers(process: &Process, award: &award::Model, said: Published, parties: &mut Parties, rows: &mut Rows) {
    let mut seen = HashSet::new();
    for (place, supplier) in said.references("suppliers") {
        let Some(organization_id) = parties.resolve(process, supplier, "supplier") else {
            continue;
        };
        if seen.insert(organization_id) {
            rows.award_suppliers.push(&award_supplier::Model {
                tender_id: award.tender_id,
                award_id: award.id,
                organization_id,
                position: position(place),
                date: award.date,
            });
        }
    }
}

pub(super) fn contracts(process: &Process, awards: &Awards, lots: &Lots, rows: &mut Rows) {
    let mut identities = Identities::new("contract", process.key);
    let mut contents = Contents::new(process);
    for (place, said) in process.release.objects("contracts") {
        let local_id = said.id();
        let id = identities.key("", &local_id, position(place));
        let (value_amount, value_currency) = said.money("value");
        let (period_start, period_end) = said.period("period");
        rows.contracts.push(&contract::Model {
            tender_id: process.key,
            id,
            position: position(place),
            local_id,
            award_id: said.text("awardID").and_then(|award| awards.get(&award).copied()),
            date_signed: said.instant("dateSigned"),
            period_start,
            period_end,
            status: said.code("status", ContractStatus::from_code, ContractStatus::as_str),
            value_amount,
            value_currency,
            title: said.text("title"),
            description: said.text("description"),
        });
        contents.items(said, Owner::Contract, id, lots, rows);
        contents.documents(said, Owner::Contract, id, rows);
        contents.documents(said.get("implementation"), Owner::Implementation, id, rows);
    }
}
