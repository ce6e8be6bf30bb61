//! What the statement finds, arm by arm.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use uuid::Uuid;

use super::{AWARDS, BUYERS, Branch, Branches, KINDS, SUPPLIERS, TENDERS};
use crate::error::Result;
use crate::store::Row;
use crate::store::award::AwardRow;
use crate::store::beside::{Neighbors, read_if_any};
use crate::store::organization::{OrganizationRow, SupplierOfAward};
use crate::store::part::{Lists, Part};
use crate::store::row::{DriverRow, place_of};
use crate::store::tender::TenderRow;

/// The rows of the statement by the numbers of their arms.
pub(super) struct Arms<'r> {
    branches: Branches,
    numbered: Vec<(usize, &'r Arc<DriverRow>)>,
    /// How many columns come before those of each kind.
    before: [usize; KINDS],
}

impl<'r> Arms<'r> {
    pub fn new(branches: Branches, rows: &'r [Arc<DriverRow>]) -> Result<Self> {
        let mut next = 1;
        let before = branches.columns().map(|columns| {
            next += columns.width();
            next - columns.width()
        });
        let numbered = rows.iter().map(|row| {
            let number: i32 = row.columns_after(0).take()?;
            Ok((usize::try_from(number).unwrap_or(KINDS), row))
        });
        Ok(Self {
            branches,
            numbered: numbered.collect::<Result<_>>()?,
            before,
        })
    }

    fn of_arm(&self, arm: &Range<usize>) -> impl Iterator<Item = &'r Arc<DriverRow>> {
        let number = arm.start;
        self.numbered
            .iter()
            .filter(move |(arm, _)| *arm == number)
            .map(|(_, row)| *row)
    }

    pub fn tenders(&self) -> Result<HashMap<Uuid, Arc<TenderRow>>> {
        let shown = self.branches.tender.unwrap_or_default();
        let tenders = self.of_arm(&TENDERS).map(|row| {
            let tender = TenderRow::read(row, self.before[TENDERS.start], shown)?;
            Ok((tender.id, Arc::new(tender)))
        });
        tenders.collect()
    }

    pub fn buyers(&self) -> Result<Neighbors> {
        let mut buyers = Neighbors::new(self.branches.beside());
        for row in self.of_arm(&TENDERS) {
            buyers.add(row, self.before[BUYERS])?;
        }
        Ok(buyers)
    }

    pub fn list<R: Part>(&self, arm: &Range<usize>, branch: Option<Branch>) -> Result<Lists<Uuid, R>> {
        let Some(branch) = branch else {
            return Ok(Lists::default());
        };
        let rows = self.of_arm(arm).map(|row| {
            let part = R::read(row, self.before[arm.start], branch.shown)?;
            Ok((part.tender_id(), part.position(), part))
        });
        Ok(Lists::new(rows.collect::<Result<Vec<_>>>()?.into_iter()))
    }

    pub fn suppliers(&self) -> Result<Lists<Uuid, SupplierOfAward>> {
        let Some(suppliers) = self.branches.suppliers.filter(|_| self.branches.awards.is_some()) else {
            return Ok(Lists::default());
        };
        let key_of_award = const { place_of("id", AwardRow::ALWAYS) };
        let mut found = Vec::new();
        for row in self.of_arm(&AWARDS) {
            let before = self.before[SUPPLIERS];
            let Some(organization) = read_if_any::<OrganizationRow>(row, before, suppliers.shown)? else {
                continue;
            };
            let award = row.columns_after(self.before[AWARDS.start] + key_of_award).take()?;
            let place = before + OrganizationRow::width(suppliers.shown);
            let position = row.columns_after(place).take()?;
            found.push((award, position, SupplierOfAward { organization, position }));
        }
        Ok(Lists::new(found.into_iter()))
    }
}
