//! What the statement finds, arm by arm.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use uuid::Uuid;

use super::layout::Layout;
use super::{AWARDS, BUYERS, Branch, Branches, KINDS, SUPPLIERS, TENDERS};
use crate::error::Result;
use crate::store::Row;
use crate::store::award::AwardRow;
use crate::store::beside::read_if_any;
use crate::store::driver_row::DriverRow;
use crate::store::organization::{OrganizationRow, SupplierOfAward};
use crate::store::part::{Lists, Part};
use crate::store::row::place_of;
use crate::store::tender::TenderRow;

/// The rows of the statement by the numbers of their arms.
pub(super) struct Arms<'r> {
    layout: &'r Layout,
    numbered: Vec<(usize, &'r DriverRow)>,
}

impl<'r> Arms<'r> {
    pub fn new(layout: &'r Layout, rows: &'r [DriverRow]) -> Result<Self> {
        let numbered = rows.iter().map(|row| {
            let number: i32 = row.columns_after(0).take()?;
            Ok((usize::try_from(number).unwrap_or(KINDS), row))
        });
        Ok(Self {
            layout,
            numbered: numbered.collect::<Result<_>>()?,
        })
    }

    /// What was read.
    pub fn branches(&self) -> Branches {
        self.layout.branches
    }

    fn of_arm(&self, arm: &Range<usize>) -> impl Iterator<Item = &'r DriverRow> {
        let number = arm.start;
        self.numbered
            .iter()
            .filter(move |(arm, _)| *arm == number)
            .map(|(_, row)| *row)
    }

    /// The tenders, in the order of their arm.
    pub fn tenders(&self) -> Result<Vec<TenderRow>> {
        let shown = self.branches().tender.unwrap_or_default();
        let before = self.layout.before(TENDERS.start);
        let read = |row| Ok(TenderRow::read(row, before, shown)?);
        self.of_arm(&TENDERS).map(read).collect()
    }

    /// The buyers of the tenders, by their keys.
    pub fn buyers(&self) -> Result<HashMap<Uuid, Arc<OrganizationRow>, RandomState>> {
        let mut buyers = HashMap::default();
        let Some(shown) = self.branches().buyer else {
            return Ok(buyers);
        };
        let before = self.layout.before(BUYERS);
        for row in self.of_arm(&TENDERS) {
            let buyer = read_if_any::<OrganizationRow>(row, before, shown)?;
            buyers.extend(buyer.map(|buyer| (buyer.id, buyer)));
        }
        Ok(buyers)
    }

    /// The lists of these tenders.
    pub fn list<R: Part>(
        &self,
        arm: &Range<usize>,
        branch: Option<Branch>,
        tenders: &[Uuid],
    ) -> Result<Lists<Uuid, R>> {
        let Some(branch) = branch else {
            return Ok(Lists::default());
        };
        let before = self.layout.before(arm.start);
        let parts = self.of_arm(arm).map(|row| {
            let part = R::read(row, before, branch.shown)?;
            Ok((part.tender_id(), part.position(), part))
        });
        Lists::new(tenders.iter().copied(), parts)
    }

    /// The suppliers of these awards.
    pub fn suppliers(&self, of: impl Iterator<Item = Uuid>) -> Result<Lists<Uuid, SupplierOfAward>> {
        let Branches { awards, suppliers, .. } = self.branches();
        let Some(suppliers) = suppliers.filter(|_| awards.is_some()) else {
            return Ok(Lists::default());
        };
        let key_of_award = self.layout.before(AWARDS.start) + const { place_of("id", AwardRow::ALWAYS) };
        let before = self.layout.before(SUPPLIERS);
        let place = before + OrganizationRow::width(suppliers.shown);
        let read = |row| {
            let Some(organization) = read_if_any::<OrganizationRow>(row, before, suppliers.shown)? else {
                return Ok(None);
            };
            let award = row.columns_after(key_of_award).take()?;
            let position = row.columns_after(place).take()?;
            Ok(Some((award, position, SupplierOfAward { organization, position })))
        };
        Lists::new(of, self.of_arm(&AWARDS).map(read).filter_map(Result::transpose))
    }
}
