//! Rows that others name, read with them: the tender and the buyer of an award, the buyer of a tender.

use std::sync::Arc;

use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};

use super::driver_row::DriverRow;
use super::keyset::names;
use super::organization::{OrganizationById, OrganizationRow};
use super::tender::{TenderById, TenderRow};
use super::{Loader, Row, Shown};

/// Which columns of them are shown; `None` of those that are not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Beside {
    /// Of the tender that a row is part of.
    pub tender: Option<Shown>,
    /// Of the buyer.
    pub buyer: Option<Shown>,
}

impl Beside {
    /// Adds their columns to those of rows of `R`.
    pub(super) fn select<R: Row>(self, select: &mut SelectStatement) {
        if let Some(shown) = self.tender {
            select.expr(Expr::cust(names::<TenderRow>(shown)));
            join::<R, TenderRow>(select, "tender_id");
        }
        if let Some(shown) = self.buyer {
            select.expr(Expr::cust(names::<OrganizationRow>(shown)));
            join::<R, OrganizationRow>(select, "buyer_id");
        }
    }

    /// How many columns that are.
    pub(super) fn width(self) -> usize {
        self.tender.map_or(0, TenderRow::width) + self.buyer.map_or(0, OrganizationRow::width)
    }
}

/// Joins the rows of `To` that rows of `R` name in this column.
pub(super) fn join<R: Row, To: Row>(select: &mut SelectStatement, column: &'static str) {
    let is_named = Expr::col((To::TABLE, "id")).equals((R::TABLE, column));
    select.left_join(To::TABLE, is_named);
}

/// What stands beside the rows of a page.
#[derive(Clone, Default)]
pub struct Neighbors {
    read: Beside,
    tenders: Vec<Arc<TenderRow>>,
    buyers: Vec<Arc<OrganizationRow>>,
}

impl Neighbors {
    /// None yet.
    pub(super) fn new(read: Beside) -> Self {
        Self {
            read,
            ..Self::default()
        }
    }

    /// Takes those of a row, whose columns begin after so many others.
    pub(super) fn add(&mut self, row: &DriverRow, mut after: usize) -> Result<(), sqlx::Error> {
        if let Some(shown) = self.read.tender {
            self.tenders.extend(read_if_any(row, after, shown)?);
            after += TenderRow::width(shown);
        }
        if let Some(shown) = self.read.buyer {
            self.buyers.extend(read_if_any(row, after, shown)?);
        }
        Ok(())
    }

    /// Tells a loader of them.
    pub async fn tell(&self, loader: &Loader) {
        if let Some(shown) = self.read.tender {
            let key = |row: &TenderRow| TenderById { id: row.id, shown };
            loader
                .feed_many(self.tenders.iter().map(|row| (key(row), Arc::clone(row))))
                .await;
        }
        if let Some(shown) = self.read.buyer {
            let key = |row: &OrganizationRow| OrganizationById { id: row.id, shown };
            loader
                .feed_many(self.buyers.iter().map(|row| (key(row), Arc::clone(row))))
                .await;
        }
    }
}

/// Reads columns that may be those of no row at all: all of them are null then. The first one is the key of the row.
pub(super) fn read_if_any<R: Row>(row: &DriverRow, after: usize, shown: Shown) -> Result<Option<Arc<R>>, sqlx::Error> {
    let read = || R::read(row, after, shown).map(Arc::new);
    (!row.is_null(after)?).then(read).transpose()
}
