//! Items and documents, which tenders, awards and contracts list alike.

use entities::value::code::Owner;
use entities::{document, item};
use sea_orm::prelude::Uuid;

use super::identity::{Identities, position};
use super::tender::Lots;
use super::{Process, Rows};
use crate::published::Published;

/// The items and documents of the tender and of the planning section.
pub(super) fn tender(process: &Process, lots: &Lots, rows: &mut Rows) {
    let mut contents = Contents::new(process);
    contents.items(process.tender, Owner::Tender, process.key, lots, rows);
    contents.documents(process.tender, Owner::Tender, process.key, rows);
    contents.documents(process.release.get("planning"), Owner::Planning, process.key, rows);
}

/// Makes the rows of what the sections of one process list.
pub(super) struct Contents {
    process: Uuid,
    items: Identities,
    documents: Identities,
}

impl Contents {
    pub fn new(process: &Process) -> Contents {
        Contents {
            process: process.key,
            items: Identities::new("item", process.key),
            documents: Identities::new("document", process.key),
        }
    }

    /// The `items` of a section.
    pub fn items(&mut self, section: Published, owner: Owner, owner_id: Uuid, lots: &Lots, rows: &mut Rows) {
        for (place, said) in section.objects("items") {
            let local_id = said.id();
            let classification = said.get("classification");
            let unit = said.get("unit");
            let (unit_amount, unit_currency) = unit.money("value");
            rows.items.push(&item::Model {
                tender_id: self.process,
                id: self.items.key(&parent(owner, owner_id), &local_id, position(place)),
                owner: owner.as_str().to_owned(),
                owner_id,
                position: position(place),
                local_id,
                lot_id: said.text("relatedLot").and_then(|lot| lots.get(&lot).copied()),
                classification_scheme: classification.text("scheme"),
                classification_code: classification.text("id"),
                quantity: said.amount("quantity"),
                unit: unit.text("name"),
                unit_amount,
                unit_currency,
                description: said.text("description"),
            });
        }
    }

    /// The `documents` of a section.
    pub fn documents(&mut self, section: Published, owner: Owner, owner_id: Uuid, rows: &mut Rows) {
        for (place, said) in section.objects("documents") {
            let local_id = said.id();
            rows.documents.push(&document::Model {
                tender_id: self.process,
                id: self.documents.key(&parent(owner, owner_id), &local_id, position(place)),
                owner: owner.as_str().to_owned(),
                owner_id,
                position: position(place),
                local_id,
                document_type: said.text("documentType"),
                date_published: said.instant("datePublished"),
                date_modified: said.instant("dateModified"),
                format: said.text("format"),
                language: said.text("language"),
                url: said.text("url"),
                title: said.text("title"),
                description: said.text("description"),
            });
        }
    }
}

/// Ids of items and documents are only unique within the section that lists them.
fn parent(owner: Owner, owner_id: Uuid) -> String {
    format!("{} {owner_id}", owner.as_str())
}
