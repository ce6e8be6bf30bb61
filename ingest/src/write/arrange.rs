//! Rows that wait for what is settled in their batch's turn: who the claims are that stand for organisations in them, and
//! the data revision. Some of them also go into the order of an index that is not that of their processes.
//!
//! They are arranged on a thread, while the database adds rows that have nothing to wait for.

use std::collections::HashSet;

use entities::{award, award_supplier, code_tender, party, tender};

use super::add_table;
use super::claims::Links;
use super::connection::Transaction;
use super::organizations::Present;
use crate::Error;
use crate::packed::Packed;
use crate::rows::Rows;

/// The tables whose rows have to be arranged.
pub(super) struct Arrangement {
    tenders: Packed<tender::Model>,
    code_tenders: Packed<code_tender::Model>,
    awards: Packed<award::Model>,
    award_suppliers: Packed<award_supplier::Model>,
    parties: Packed<party::Model>,
}

impl Arrangement {
    /// Takes them out of all rows of a batch.
    pub fn out_of(rows: &mut Rows) -> Arrangement {
        Arrangement {
            tenders: std::mem::take(&mut rows.tenders),
            code_tenders: std::mem::take(&mut rows.code_tenders),
            awards: std::mem::take(&mut rows.awards),
            award_suppliers: std::mem::take(&mut rows.award_suppliers),
            parties: std::mem::take(&mut rows.parties),
        }
    }

    /// The rows as they are written at a revision, and whom they name.
    ///
    /// A table whose indexes have another order than processes as a whole is put into that: of an index that is larger than
    /// the cache, all pages would be read and written for every few rows otherwise.
    pub fn arranged(self, links: &Links, revision: i64) -> Result<(Arrangement, Present), Error> {
        let mut present = Present::default();
        let tenders = self.tenders.altered(|mut tender| {
            tender.revision = revision;
            tender.buyer_id = tender.buyer_id.map(|claim| links.organization(claim));
            tender.procuring_entity_id = tender.procuring_entity_id.map(|claim| links.organization(claim));
            present.note_tender(&tender);
            Some(tender)
        })?;
        let awards = self.awards.altered(|mut award| {
            award.buyer_id = award.buyer_id.map(|claim| links.organization(claim));
            Some(award)
        })?;
        let mut seen = HashSet::new();
        let award_suppliers = self.award_suppliers.altered(|mut supplier| {
            supplier.organization_id = links.organization(supplier.organization_id);
            present.note_supplier(&supplier);
            // Two suppliers of an award can turn out to be one.
            let is_first = seen.insert((supplier.award_id, supplier.organization_id));
            is_first.then_some(supplier)
        })?;
        let parties = self.parties.altered(|mut party| {
            links.assign(&mut party);
            present.note_party(&party);
            Some(party)
        })?;
        let arranged = Arrangement {
            tenders: tenders.sorted_by(["published_at"], |[published_at]| published_at.instant())?,
            code_tenders: self
                .code_tenders
                .sorted_by(["code", "published_at"], |[code, published_at]| {
                    (beginning(code.text().unwrap_or_default()), published_at.instant())
                })?,
            awards,
            award_suppliers,
            parties,
        };
        Ok((arranged, present))
    }

    /// Adds the rows, table by table.
    pub async fn add(self, transaction: &mut Transaction) -> Result<(), Error> {
        add_table(transaction, self.tenders).await?;
        add_table(transaction, self.code_tenders).await?;
        add_table(transaction, self.awards).await?;
        add_table(transaction, self.award_suppliers).await?;
        add_table(transaction, self.parties).await
    }
}

/// The first signs of a code: few have more, so that they are as good as in its order.
fn beginning(code: &str) -> [u8; 8] {
    let mut beginning = [0; 8];
    beginning
        .iter_mut()
        .zip(code.bytes())
        .for_each(|(sign, byte)| *sign = byte);
    beginning
}
