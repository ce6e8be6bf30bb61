//! The rows that are counted, each with the keys of the groups it stands in, as a statement.

use classification::Scheme;
use sea_orm::sea_query::{CaseStatement, Condition, Expr, ExprTrait, Func, JoinType, Query, SelectStatement};
use uuid::Uuid;

use super::{Key, Only};
use crate::criteria::statistics::Dimension;
use crate::criteria::{AwardFilter, Grouping, TenderFilter};
use crate::error::Result;
use crate::store::dialect::{day, is_any_of, is_unseen, month, year};
use crate::store::keyset::Column;
use crate::store::organization::Role;
use crate::store::{Store, condition, row};

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Awards that match, by the date of the decision and the awarded value.
    Awards(Box<AwardFilter>),
    /// Tenders that match, by the date of publication and the estimated value.
    Tenders(Box<TenderFilter>),
}

/// The name of the statement among others.
pub(super) const BASE: &str = "base";
/// The column of the organisation under which rows are counted.
pub(super) const PARENT: Column = (BASE, "parent");
/// The columns of the value.
pub(super) const AMOUNT: Column = (BASE, "amount");
pub(super) const CURRENCY: Column = (BASE, "currency");
/// The columns of the rates of the value's currency and of the one that is converted to, on the day of the row.
pub(super) const RATE_FROM: Column = (BASE, "rate_from");
pub(super) const RATE_TO: Column = (BASE, "rate_to");
/// The columns of the organisations on both sides.
pub(super) const SUPPLIER: Column = (BASE, "supplier");
pub(super) const BUYER: Column = (BASE, "buyer");

/// The columns of the keys.
const KEYS: [Column; 3] = [(BASE, "key_1"), (BASE, "key_2"), (BASE, "key_3")];

/// The columns of the keys of this grouping.
pub(super) fn keys(grouping: &Grouping) -> &'static [Column] {
    &KEYS[..grouping.by.len()]
}

/// The columns that tell groups apart: the organisation, if there are several, and the keys. [`take_group`] reads them.
pub(super) fn group(grouping: &Grouping, is_under: bool) -> Vec<Column> {
    let parent = is_under.then_some(PARENT);
    parent.into_iter().chain(keys(grouping).iter().copied()).collect()
}

/// Reads the columns of [`group`].
pub(super) fn take_group(
    columns: &mut row::Columns<'_>,
    grouping: &Grouping,
    is_under: bool,
) -> Result<(Option<Uuid>, Vec<Key>), sqlx::Error> {
    let organization = is_under.then(|| columns.take()).transpose()?;
    let keys = grouping.by.iter().map(|&dimension| take_key(columns, dimension));
    Ok((organization, keys.collect::<Result<_, _>>()?))
}

/// Which rows are wanted.
pub(super) struct Base<'a> {
    pub store: &'a Store,
    pub subject: &'a Subject,
    pub grouping: &'a Grouping,
    /// The organisations under which rows are counted, each on its own.
    pub under: Option<(Role, &'a [Uuid])>,
    /// The groups that matter; all if not given.
    pub only: Option<&'a Only>,
}

impl Base<'_> {
    /// The rows with parent, keys, amount and currency, and with rates if values are converted.
    pub fn values(&self) -> Result<SelectStatement> {
        let mut select = self.keyed()?;
        let (amount, currency) = (self.column("value_amount"), self.column("value_currency"));
        select
            .expr_as(Expr::col(amount), AMOUNT.1)
            .expr_as(Expr::col(currency), CURRENCY.1);
        if let Some(target) = &self.grouping.currency {
            for (rate, of) in [(RATE_FROM.1, Expr::col(currency)), (RATE_TO.1, Expr::val(target))] {
                let of_day = Condition::all()
                    .add(Expr::col((rate, "currency")).eq(of))
                    .add(Expr::col((rate, "day")).eq(day(self.store.backend(), self.date())));
                select
                    .join_as(JoinType::LeftJoin, "rate", rate, of_day)
                    .expr_as(Expr::col((rate, "per_euro")), rate);
            }
        }
        Ok(select)
    }

    /// The rows with parent, keys, and the organisations on both sides.
    pub fn parties(&self) -> Result<SelectStatement> {
        let mut select = self.keyed()?;
        self.join_suppliers(&mut select, JoinType::LeftJoin, "party");
        select
            .expr_as(Expr::col(("party", "organization_id")), SUPPLIER.1)
            .expr_as(Expr::col(self.column("buyer_id")), BUYER.1);
        Ok(select)
    }

    /// The rows with parent and keys.
    pub fn keyed(&self) -> Result<SelectStatement> {
        let mut select = Query::select();
        select.from(self.table()).cond_where(self.matches()?);
        if let Some((role, organizations)) = self.under {
            let parent = match role {
                Role::Buyer => self.column("buyer_id"),
                Role::Supplier => {
                    self.join_suppliers(&mut select, JoinType::InnerJoin, "under");
                    ("under", "organization_id")
                }
            };
            let belongs = match (role, organizations) {
                (Role::Buyer, [only]) if self.is_unfiltered() => is_unseen(parent, *only),
                _ => is_any_of(self.store.backend(), parent, organizations),
            };
            select.expr_as(Expr::col(parent), PARENT.1).and_where(belongs);
        }
        let mut has_tender = matches!(self.subject, Subject::Tenders(_));
        for (place, &dimension) in self.grouping.by.iter().enumerate() {
            let of_tender = matches!(dimension, Dimension::Category | Dimension::Method | Dimension::Source);
            if of_tender && !has_tender {
                let same = Expr::col(("tender", "id")).equals(self.tender());
                select.join(JoinType::InnerJoin, "tender", same);
                has_tender = true;
            }
            let key = self.key(&mut select, dimension);
            if let Some(only) = self.only {
                select.cond_where(only.among(self.store.backend(), place, &key));
            }
            select.expr_as(key, KEYS[place].1);
        }
        Ok(select)
    }

    /// That a row is what the filter asks for.
    fn matches(&self) -> Result<Condition> {
        match self.subject {
            Subject::Awards(filter) => match condition::only_buyer(filter)? {
                Some(buyer) => Ok(Condition::all().add(is_unseen(self.column("buyer_id"), buyer))),
                None => condition::award(self.store, filter),
            },
            Subject::Tenders(filter) => condition::tender(self.store, filter),
        }
    }

    fn is_unfiltered(&self) -> bool {
        match self.subject {
            Subject::Awards(filter) => **filter == AwardFilter::default(),
            Subject::Tenders(filter) => **filter == TenderFilter::default(),
        }
    }

    /// What a row is grouped by, and the tables that this takes.
    fn key(&self, select: &mut SelectStatement, dimension: Dimension) -> Expr {
        match dimension {
            Dimension::Year => year(self.store.backend(), self.date()),
            Dimension::Month => month(self.store.backend(), self.date()),
            Dimension::Buyer => Expr::col(self.column("buyer_id")),
            Dimension::Supplier => {
                self.join_suppliers(select, JoinType::LeftJoin, "supplier");
                Expr::col(("supplier", "organization_id"))
            }
            Dimension::CpvDivision => self.code(select, "division", Scheme::Cpv, 2),
            Dimension::CpvGroup => self.code(select, "cpv_group", Scheme::Cpv, 3),
            Dimension::Region => self.code(select, "region", Scheme::Nuts, 4),
            Dimension::Country => {
                let buys = Expr::col(("buying", "id")).equals(self.column("buyer_id"));
                select.join_as(JoinType::LeftJoin, "organization", "buying", buys);
                Expr::col(("buying", "country"))
            }
            Dimension::Category => Expr::col(("tender", "main_procurement_category")),
            Dimension::Method => Expr::col(("tender", "procurement_method")),
            Dimension::Source => {
                let publishes = Expr::col(("source", "id")).equals(("tender", "source_id"));
                select.join(JoinType::LeftJoin, "source", publishes);
                Expr::col(("source", "slug"))
            }
            Dimension::Status => Expr::col(self.column("status")),
            // A currency without an amount is no value.
            Dimension::Currency => CaseStatement::new()
                .case(
                    Expr::col(self.column("value_amount")).is_not_null(),
                    Expr::col(self.column("value_currency")),
                )
                .into(),
        }
    }

    /// The codes of a tender that are so long. What is no code of the scheme, but was published as one, is as long by
    /// chance only, and passed over.
    fn code(&self, select: &mut SelectStatement, name: &'static str, scheme: Scheme, length: i32) -> Expr {
        let code = Expr::col((name, "code"));
        let only_of = |text: Expr, signs: &'static str| Expr::from(Func::cust("ltrim").arg(text).arg(signs)).eq("");
        let mut carried = Condition::all()
            .add(Expr::col((name, "tender_id")).equals(self.tender()))
            .add(Expr::col((name, "scheme")).eq(scheme.name()))
            .add(Expr::from(Func::cust("length").arg(code.clone())).eq(length));
        carried = match scheme {
            Scheme::Cpv => carried.add(only_of(code.clone(), DIGITS)),
            Scheme::Nuts => {
                let country = Func::cust("substr").arg(code.clone()).arg(1).arg(2);
                carried
                    .add(only_of(country.into(), LETTERS))
                    .add(only_of(code.clone(), LETTERS_AND_DIGITS))
            }
        };
        select.join_as(JoinType::LeftJoin, "tender_code", name, carried);
        code
    }

    fn join_suppliers(&self, select: &mut SelectStatement, join: JoinType, name: &'static str) {
        let mut given = Condition::all().add(Expr::col((name, "tender_id")).equals(self.tender()));
        if let Subject::Awards(_) = self.subject {
            given = given.add(Expr::col((name, "award_id")).equals(("award", "id")));
        }
        select.join_as(join, "award_supplier", name, given);
    }

    const fn table(&self) -> &'static str {
        match self.subject {
            Subject::Awards(_) => "award",
            Subject::Tenders(_) => "tender",
        }
    }

    const fn column(&self, name: &'static str) -> Column {
        (self.table(), name)
    }

    const fn date(&self) -> Column {
        match self.subject {
            Subject::Awards(_) => ("award", "date"),
            Subject::Tenders(_) => ("tender", "published_at"),
        }
    }

    const fn tender(&self) -> Column {
        match self.subject {
            Subject::Awards(_) => ("award", "tender_id"),
            Subject::Tenders(_) => ("tender", "id"),
        }
    }
}

const DIGITS: &str = "0123456789";
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LETTERS_AND_DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Reads the key of a dimension.
fn take_key(columns: &mut row::Columns<'_>, dimension: Dimension) -> Result<Key, sqlx::Error> {
    Ok(match dimension {
        Dimension::Year | Dimension::Month => columns.take::<Option<i32>>()?.map_or(Key::Absent, Key::Number),
        Dimension::Buyer | Dimension::Supplier => {
            columns.take::<Option<Uuid>>()?.map_or(Key::Absent, Key::Organization)
        }
        _ => columns.take::<Option<String>>()?.map_or(Key::Absent, Key::Text),
    })
}
