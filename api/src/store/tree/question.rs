//! The question for what hangs on tenders, as a statement.

use std::ops::Range;

use entities::value::code::Owner;
use sea_orm::Value;
use sea_orm::sea_query::{CommonTableExpression, Condition, Expr, ExprTrait, Query, SelectStatement, UnionType};
use uuid::Uuid;

use super::layout::Layout;
use super::{ARMS, AWARDS, Branch, Branches, CONTRACTS, DOCUMENTS, ITEMS, KINDS, LOTS, TENDERS};
use crate::criteria::PartPage;
use crate::error::Result;
use crate::store::award::AwardRow;
use crate::store::beside::join;
use crate::store::contract::ContractRow;
use crate::store::dialect::{is_any_of, value_of_keys};
use crate::store::driver_row::DriverRow;
use crate::store::organization::OrganizationRow;
use crate::store::part::{DocumentRow, ItemRow, LotRow, Part, is_in_section, is_on_page, section_of, values_on_page};
use crate::store::row::place_of;
use crate::store::statement::{Shape, Shaped};
use crate::store::tender::TenderRow;
use crate::store::{Row, Store};

/// The name of the page in a statement that reads it with what hangs on its tenders.
const PAGE: &str = "page";

/// Which tenders are asked about.
pub(super) enum Tenders<'a> {
    /// Those with these keys, each once.
    Keys(Vec<Uuid>),
    /// Those that this statement finds in one index. It has the columns of the arm of the tenders.
    Page(&'a SelectStatement),
}

/// The question for what hangs on tenders, as a statement.
pub(super) struct Question<'a> {
    store: &'a Store,
    layout: &'a Layout,
    tenders: Tenders<'a>,
}

impl<'a> Question<'a> {
    pub fn of_keys(store: &'a Store, layout: &'a Layout, mut keys: Vec<Uuid>) -> Self {
        keys.sort_unstable();
        keys.dedup();
        Self {
            store,
            layout,
            tenders: Tenders::Keys(keys),
        }
    }

    /// `page` finds the tenders, which have the columns of their arm and no others.
    pub const fn of_page(store: &'a Store, layout: &'a Layout, page: &'a SelectStatement) -> Self {
        Self {
            store,
            layout,
            tenders: Tenders::Page(page),
        }
    }

    /// What is found.
    pub async fn rows(&self) -> Result<Vec<DriverRow>> {
        let Layout { branches, places, .. } = self.layout;
        let of_any_page = branches.of_any_page();
        let (shape, within) = match &self.tenders {
            &Tenders::Page(page) if branches.only_tenders() == *branches => {
                return self.store.rows_of_index(page).await;
            }
            &Tenders::Page(page) => (Shape::Page(of_any_page), Some(page)),
            Tenders::Keys(keys) => {
                let single = keys.len() == 1;
                let branches = of_any_page;
                (Shape::Tree { branches, single }, None)
            }
        };
        let shaped = Shaped {
            shape,
            within,
            values: self.values(),
            places: Some(places),
        };
        self.store.rows_shaped(shaped, || self.statement()).await
    }

    fn statement(&self) -> SelectStatement {
        let branches = self.layout.branches;
        let arm = |kinds: Range<usize>| Query::select().expr(Expr::cust(self.layout.arm(&kinds))).take();
        let mut arms = Vec::with_capacity(ARMS.len());
        if branches.tender.is_some() {
            arms.push(self.tenders());
        }
        arms.extend(branches.lots.map(|lots| self.list::<LotRow>(arm(LOTS), lots)));
        arms.extend(branches.items.map(|items| self.list::<ItemRow>(arm(ITEMS), items)));
        arms.extend(branches.awards.map(|awards| {
            let mut arm = self.list::<AwardRow>(arm(AWARDS), awards);
            if let Some(suppliers) = branches.suppliers {
                join_suppliers(&mut arm, suppliers.page);
            }
            arm
        }));
        let contracts = |contracts| self.list::<ContractRow>(arm(CONTRACTS), contracts);
        arms.extend(branches.contracts.map(contracts));
        let documents = |documents| self.list::<DocumentRow>(arm(DOCUMENTS), documents);
        arms.extend(branches.documents.map(documents));
        let mut statement = match arms.len() {
            1 => arms.remove(0),
            _ => arms
                .into_iter()
                .fold(self.head(), |mut head, arm| head.union(UnionType::All, arm).take()),
        };
        if let Tenders::Page(page) = &self.tenders {
            statement.with_cte(numbered(page, self.layout));
        }
        statement
    }

    /// An arm that finds nothing. PostgreSQL takes the types of columns from the first arm, and a null has none.
    fn head(&self) -> SelectStatement {
        let branches = self.layout.branches;
        let mut head = Query::select();
        head.expr(Expr::cust(self.layout.arm(&(0..KINDS))))
            .and_where(Expr::cust("FALSE"));
        let tables = [
            (branches.tender.is_some(), TenderRow::TABLE),
            (
                branches.buyer.is_some() || branches.suppliers.is_some(),
                OrganizationRow::TABLE,
            ),
            (branches.lots.is_some(), LotRow::TABLE),
            (branches.items.is_some(), ItemRow::TABLE),
            (branches.awards.is_some(), AwardRow::TABLE),
            (branches.suppliers.is_some(), "award_supplier"),
            (branches.contracts.is_some(), ContractRow::TABLE),
            (branches.documents.is_some(), DocumentRow::TABLE),
        ];
        for (_, table) in tables.into_iter().filter(|(is_read, _)| *is_read) {
            head.from(table);
        }
        head
    }

    fn tenders(&self) -> SelectStatement {
        let mut arm = Query::select();
        match &self.tenders {
            Tenders::Keys(keys) => {
                arm.expr(Expr::cust(self.layout.arm(&TENDERS)))
                    .from(TenderRow::TABLE)
                    .and_where(is_any_of(self.store.backend(), (TenderRow::TABLE, "id"), keys));
                join_buyers(&mut arm, self.layout.branches);
            }
            Tenders::Page(_) => {
                arm.expr(Expr::cust(self.layout.arm_of_page(PAGE))).from(PAGE);
            }
        }
        arm
    }

    fn list<R: Part>(&self, mut arm: SelectStatement, branch: Branch) -> SelectStatement {
        let tender = (R::TABLE, "tender_id");
        arm.from(R::TABLE).and_where(match &self.tenders {
            Tenders::Keys(keys) => is_any_of(self.store.backend(), tender, keys),
            Tenders::Page(_) => Expr::col(tender).in_subquery(keys_on_page()),
        });
        if let Some(in_section) = is_in_section::<R>(Owner::Tender) {
            arm.and_where(in_section);
        }
        arm.cond_where(is_on_page(R::TABLE, branch.page)).take()
    }

    /// The values of the statement, in its order.
    fn values(&self) -> Vec<Value> {
        let Branches {
            tender,
            lots,
            items,
            awards,
            suppliers,
            contracts,
            documents,
            ..
        } = self.layout.branches;
        let mut values: Vec<Value> = tender.and_then(|_| self.keys()).into_iter().collect();
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
        let section = section_of::<R>(Owner::Tender).map(|section| section.as_str().into());
        let keys = self.keys().into_iter();
        keys.chain(section).chain(values_on_page(branch.page))
    }

    /// The value for the keys of the tenders. Those on a page are found by the statement itself.
    fn keys(&self) -> Option<Value> {
        match &self.tenders {
            Tenders::Keys(keys) => Some(value_of_keys(keys)),
            Tenders::Page(_) => None,
        }
    }
}

impl Layout {
    /// Gives a statement that finds tenders what it selects.
    pub fn select_page(&self, list: &mut SelectStatement) {
        list.expr(Expr::cust(self.page()));
        join_buyers(list, self.branches);
    }
}

fn join_buyers(select: &mut SelectStatement, branches: Branches) {
    if branches.buyer.is_some() {
        join::<TenderRow, OrganizationRow>(select, "buyer_id");
    }
}

/// The page, with its columns numbered: two of them may have the same name.
fn numbered(page: &SelectStatement, layout: &Layout) -> CommonTableExpression {
    CommonTableExpression::new()
        .table_name(PAGE)
        .columns((0..layout.width_of_page()).map(|number| number.to_string()))
        .query(page.clone())
        .to_owned()
}

/// The keys of the tenders on it.
fn keys_on_page() -> SelectStatement {
    let key = const { 1 + place_of("id", TenderRow::ALWAYS) };
    Query::select().column(key.to_string()).from(PAGE).take()
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
