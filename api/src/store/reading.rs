//! Reading the rows of lists, with what stands beside them.

use sea_orm::sea_query::{Expr, SelectStatement};

use super::beside::{Beside, Neighbors};
use super::driver_row::DriverRow;
use super::keyset::{Keyset, Page, Placed, names};
use super::row::Shown;
use super::{Row, Store};
use crate::criteria::PageRequest;
use crate::error::Result;

/// A statement that reads the rows of a list, and what it reads of them.
pub(super) struct Reading {
    /// The statement.
    pub select: SelectStatement,
    /// Which columns of the rows, which come first.
    pub shown: Shown,
    /// What is read beside them, whose columns follow.
    pub beside: Beside,
}

impl Reading {
    /// A statement that reads rows alone.
    pub fn alone(select: SelectStatement, shown: Shown) -> Self {
        let beside = Beside::default();
        Self { select, shown, beside }
    }

    /// Adds to a statement the columns of its rows and of what stands beside them.
    pub fn of<R: Row>(mut select: SelectStatement, shown: Shown, beside: Beside) -> Self {
        select.expr(Expr::cust(names::<R>(shown)));
        beside.select::<R>(&mut select);
        Self { select, shown, beside }
    }

    /// Takes a row and what stands beside it.
    pub fn read<R: Row>(&self, row: &DriverRow, neighbors: &mut Neighbors) -> Result<R> {
        neighbors.add(row, R::width(self.shown))?;
        Ok(R::read(row, 0, self.shown)?)
    }

    /// How many columns it reads.
    pub fn width<R: Row>(&self) -> usize {
        R::width(self.shown) + self.beside.width()
    }
}

impl Store {
    /// One page of a list.
    pub(super) async fn page<R: Placed>(
        &self,
        reading: &Reading,
        keyset: &Keyset,
        page: &PageRequest,
    ) -> Result<Page<R>> {
        let rows = self.rows(&keyset.page(&reading.select, page)).await?;
        let mut neighbors = Neighbors::new(reading.beside);
        let read = rows.iter().map(|row| reading.read(row, &mut neighbors));
        let read = read.collect::<Result<_>>()?;
        Ok(Keyset::finish(read, neighbors, page))
    }
}
