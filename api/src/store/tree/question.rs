//! The question for what hangs on tenders, as a statement.

use std::iter::repeat_n;
use std::ops::Range;

use entities::value::code::Owner;
use sea_orm::Value;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, UnionType};
use uuid::Uuid;

use super::{AWARDS, Branch, Branches, CONTRACTS, Columns, DOCUMENTS, ITEMS, KINDS, LOTS, TENDERS};
use crate::criteria::PartPage;
use crate::store::award::AwardRow;
use crate::store::beside::join;
use crate::store::contract::ContractRow;
use crate::store::dialect::{is_any_of, value_of_keys};
use crate::store::organization::OrganizationRow;
use crate::store::part::{DocumentRow, InLists, ItemRow, List, LotRow, Part, is_on_page, values_on_page};
use crate::store::statement::Shape;
use crate::store::tender::TenderRow;
use crate::store::{Row, Store};

/// The question for what hangs on tenders, as a statement.
pub(super) struct Question<'a> {
    store: &'a Store,
    branches: Branches,
    /// Each once.
    tenders: Vec<Uuid>,
    lists: Vec<List>,
}

impl<'a> Question<'a> {
    pub fn new(store: &'a Store, branches: Branches, mut tenders: Vec<Uuid>) -> Self {
        tenders.sort_unstable();
        tenders.dedup();
        let lists = tenders.iter().map(|&tender| List::of_tender(tender)).collect();
        Self {
            store,
            branches,
            tenders,
            lists,
        }
    }

    /// What the text of the statement depends on: not on the pages, but on whether it asks for a single tender.
    pub fn shape(&self) -> Shape {
        let any = PartPage { size: 0, after: 0 };
        let mut branches = self.branches;
        let lists = [
            &mut branches.lots,
            &mut branches.items,
            &mut branches.awards,
            &mut branches.suppliers,
            &mut branches.contracts,
            &mut branches.documents,
        ];
        for branch in lists.into_iter().flatten() {
            branch.page = any;
        }
        Shape::Tree {
            branches,
            single: self.tenders.len() == 1,
        }
    }

    pub fn statement(&self) -> SelectStatement {
        let columns = self.branches.columns();
        let arm = |own: Range<usize>| Query::select().expr(Expr::cust(text(&columns, own))).take();
        let mut arms = Vec::with_capacity(KINDS);
        if self.branches.tender.is_some() {
            arms.push(self.tenders(arm(TENDERS)));
        }
        arms.extend(self.branches.lots.map(|lots| self.list::<LotRow>(arm(LOTS), lots)));
        arms.extend(self.branches.items.map(|items| self.list::<ItemRow>(arm(ITEMS), items)));
        arms.extend(self.branches.awards.map(|awards| {
            let mut arm = self.list::<AwardRow>(arm(AWARDS), awards);
            if let Some(suppliers) = self.branches.suppliers {
                join_suppliers(&mut arm, suppliers.page);
            }
            arm
        }));
        let contracts = |contracts| self.list::<ContractRow>(arm(CONTRACTS), contracts);
        arms.extend(self.branches.contracts.map(contracts));
        let documents = |documents| self.list::<DocumentRow>(arm(DOCUMENTS), documents);
        arms.extend(self.branches.documents.map(documents));
        match arms.len() {
            1 => arms.remove(0),
            _ => arms.into_iter().fold(self.head(&columns), |mut head, arm| {
                head.union(UnionType::All, arm).take()
            }),
        }
    }

    /// An arm that finds nothing. PostgreSQL takes the types of columns from the first arm, and a null has none.
    fn head(&self, columns: &[Columns; KINDS]) -> SelectStatement {
        let mut head = Query::select();
        head.expr(Expr::cust(text(columns, 0..KINDS)))
            .and_where(Expr::cust("FALSE"));
        let tables = [
            (self.branches.tender.is_some(), TenderRow::TABLE),
            (
                self.branches.buyer.is_some() || self.branches.suppliers.is_some(),
                OrganizationRow::TABLE,
            ),
            (self.branches.lots.is_some(), LotRow::TABLE),
            (self.branches.items.is_some(), ItemRow::TABLE),
            (self.branches.awards.is_some(), AwardRow::TABLE),
            (self.branches.suppliers.is_some(), "award_supplier"),
            (self.branches.contracts.is_some(), ContractRow::TABLE),
            (self.branches.documents.is_some(), DocumentRow::TABLE),
        ];
        for (_, table) in tables.into_iter().filter(|(is_read, _)| *is_read) {
            head.from(table);
        }
        head
    }

    fn tenders(&self, mut arm: SelectStatement) -> SelectStatement {
        arm.from(TenderRow::TABLE)
            .and_where(is_any_of(self.store.backend(), (TenderRow::TABLE, "id"), &self.tenders));
        if self.branches.buyer.is_some() {
            join::<TenderRow, OrganizationRow>(&mut arm, "buyer_id");
        }
        arm
    }

    fn list<R: Part>(&self, mut arm: SelectStatement, branch: Branch) -> SelectStatement {
        InLists::new::<R>(Owner::Tender, self.lists.iter()).restrict::<R>(&mut arm, self.store.backend());
        arm.cond_where(is_on_page(R::TABLE, branch.page)).take()
    }

    /// The values of the statement, in its order.
    pub fn values(&self) -> Vec<Value> {
        let Branches {
            lots,
            items,
            awards,
            suppliers,
            contracts,
            documents,
            ..
        } = self.branches;
        let tenders = self.branches.tender.map(|_| value_of_keys(&self.tenders));
        let mut values: Vec<Value> = tenders.into_iter().collect();
        values.extend(lots.iter().flat_map(|branch| self.values_of_list::<LotRow>(branch)));
        values.extend(items.iter().flat_map(|branch| self.values_of_list::<ItemRow>(branch)));
        if let Some(awards) = awards {
            values.extend(suppliers.iter().flat_map(|branch| values_on_page(branch.page)));
            values.extend(self.values_of_list::<AwardRow>(&awards));
        }
        values.extend(
            contracts
                .iter()
                .flat_map(|branch| self.values_of_list::<ContractRow>(branch)),
        );
        values.extend(
            documents
                .iter()
                .flat_map(|branch| self.values_of_list::<DocumentRow>(branch)),
        );
        values
    }

    fn values_of_list<R: Part>(&self, branch: &Branch) -> impl Iterator<Item = Value> + use<R> {
        let in_lists = InLists::new::<R>(Owner::Tender, self.lists.iter());
        in_lists.values().into_iter().chain(values_on_page(branch.page))
    }
}

/// The number of an arm, and all columns; those that are not its own are null.
fn text(columns: &[Columns; KINDS], own: Range<usize>) -> String {
    let mut text = own.start.to_string();
    for (place, columns) in columns.iter().enumerate() {
        let Some(shown) = columns.shown else { continue };
        if own.contains(&place) {
            text.push(',');
            text.push_str(&(columns.names)(shown));
        } else {
            text.extend(repeat_n(",NULL", columns.width()));
        }
    }
    text
}

fn join_suppliers(select: &mut SelectStatement, page: PartPage) {
    let of_award = Condition::all()
        .add(Expr::col(("award_supplier", "tender_id")).equals(("award", "tender_id")))
        .add(Expr::col(("award_supplier", "award_id")).equals(("award", "id")))
        .add(is_on_page("award_supplier", page));
    let supplier = Expr::col(("organization", "id")).equals(("award_supplier", "organization_id"));
    select
        .left_join("award_supplier", of_award)
        .left_join("organization", supplier);
}
