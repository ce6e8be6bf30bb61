//! Which columns the statement has.
//!
//! No row is of more than one arm, so columns of one type can share a place in the answer, as long as they are those of
//! different arms. A row is then half as wide as with a place for each.

use std::ops::Range;

use super::{ARMS, Branch, Branches, KINDS, TENDERS};
use crate::store::Row;
use crate::store::award::AwardRow;
use crate::store::contract::ContractRow;
use crate::store::driver_row::Places;
use crate::store::organization::OrganizationRow;
use crate::store::part::{DocumentRow, ItemRow, LotRow};
use crate::store::row::{Shown, SqlType};
use crate::store::tender::TenderRow;

/// A column that is read.
pub(super) struct Column {
    table: &'static str,
    name: &'static str,
    sql_type: SqlType,
}

impl Column {
    fn text(&self) -> String {
        format!("\"{}\".\"{}\"", self.table, self.name)
    }
}

/// The columns of the statement, and their places in its rows. Before them stands the number of the arm.
pub(super) struct Layout {
    /// What is read.
    pub branches: Branches,
    /// The columns by their kinds, which are counted as if they stood side by side.
    columns: [Vec<Column>; KINDS],
    /// Where each of them stands.
    pub places: Places,
    width: usize,
}

impl Layout {
    pub fn new(branches: Branches) -> Self {
        let columns = branches.columns();
        let mut places = vec![0];
        let mut places_of_types: [Vec<usize>; SqlType::COUNT] = Default::default();
        let mut width = 1;
        for arm in ARMS {
            let mut taken = [0; SqlType::COUNT];
            for column in columns[arm].iter().flatten() {
                let sql_type = column.sql_type as usize;
                let of_type = &mut places_of_types[sql_type];
                if of_type.len() == taken[sql_type] {
                    of_type.push(width);
                    width += 1;
                }
                places.push(of_type[taken[sql_type]]);
                taken[sql_type] += 1;
            }
        }
        Self {
            branches,
            columns,
            places: places.into(),
            width,
        }
    }

    /// How many columns come before those of this kind.
    pub fn before(&self, kind: usize) -> usize {
        1 + self.columns[..kind].iter().map(Vec::len).sum::<usize>()
    }

    /// What the arm with these kinds of columns selects.
    pub fn arm(&self, kinds: &Range<usize>) -> String {
        self.select(kinds, |_, column| column.text())
    }

    /// What the arm of the tenders selects if they were found before, by a statement that selects [`Layout::page`] and
    /// whose columns are named by their numbers.
    pub fn arm_of_page(&self, page: &str) -> String {
        self.select(&TENDERS, |number, _| format!("\"{page}\".\"{number}\""))
    }

    fn select(&self, kinds: &Range<usize>, name: impl Fn(usize, &Column) -> String) -> String {
        let mut selected = vec!["NULL".to_owned(); self.width];
        selected[0] = kinds.start.to_string();
        let columns = self.columns[kinds.clone()].iter().flatten();
        for (number, column) in (self.before(kinds.start)..).zip(columns) {
            selected[self.places[number]] = name(number, column);
        }
        selected.join(",")
    }

    /// What a statement selects that finds the tenders.
    pub fn page(&self) -> String {
        let mut text = TENDERS.start.to_string();
        for column in self.columns[TENDERS].iter().flatten() {
            for part in [",\"", column.table, "\".\"", column.name, "\""] {
                text.push_str(part);
            }
        }
        text
    }

    /// How many columns that are.
    pub fn width_of_page(&self) -> usize {
        self.before(TENDERS.end)
    }
}

impl Branches {
    fn columns(&self) -> [Vec<Column>; KINDS] {
        let mut suppliers = of_list::<OrganizationRow>(self.suppliers);
        if self.suppliers.is_some() {
            // The place of each among those of the award.
            suppliers.push(Column {
                table: "award_supplier",
                name: "position",
                sql_type: SqlType::Integer,
            });
        }
        [
            of::<TenderRow>(self.tender),
            of::<OrganizationRow>(self.buyer),
            of_list::<LotRow>(self.lots),
            of_list::<ItemRow>(self.items),
            of_list::<AwardRow>(self.awards),
            suppliers,
            of_list::<ContractRow>(self.contracts),
            of_list::<DocumentRow>(self.documents),
        ]
    }
}

fn of<R: Row>(shown: Option<Shown>) -> Vec<Column> {
    let column = |(name, sql_type)| Column {
        table: R::TABLE,
        name,
        sql_type,
    };
    shown.map_or_else(Vec::new, |shown| R::typed_columns(shown).map(column).collect())
}

fn of_list<R: Row>(branch: Option<Branch>) -> Vec<Column> {
    of::<R>(branch.map(|branch| branch.shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::criteria::PartPage;

    const LIST: Option<Branch> = Some(Branch {
        page: PartPage { size: 20, after: -1 },
        shown: Shown::ALL,
    });

    fn check(branches: Branches) {
        let layout = Layout::new(branches);
        let mut types = vec![None; layout.width];
        for arm in ARMS {
            let columns = layout.columns[arm.clone()].iter().flatten();
            let places = &layout.places[layout.before(arm.start)..];
            let mut taken = Vec::new();
            for (column, &place) in columns.zip(places) {
                assert!(place > 0 && place < layout.width, "{branches:?}");
                assert!(
                    !taken.contains(&place),
                    "two columns of {arm:?} at {place}: {branches:?}"
                );
                let sql_type = *types[place].get_or_insert(column.sql_type);
                assert_eq!(sql_type, column.sql_type, "two types at {place}: {branches:?}");
                taken.push(place);
            }
            assert_eq!(layout.arm(&arm).split(',').count(), layout.width);
        }
        assert!(
            types[1..].iter().all(Option::is_some),
            "a place that nothing takes: {branches:?}"
        );
    }

    #[test]
    fn columns_share_a_place_if_they_are_of_one_type_and_of_different_arms() {
        for chosen in 0_u32..1 << 8 {
            let is_chosen = |number: u32| chosen & (1 << number) != 0;
            let list = |number| LIST.filter(|_| is_chosen(number));
            check(Branches {
                tender: is_chosen(0).then_some(Shown::ALL),
                buyer: is_chosen(1).then_some(Shown::ALL),
                lots: list(2),
                items: list(3),
                awards: list(4),
                suppliers: list(5),
                contracts: list(6),
                documents: list(7),
            });
        }
    }

    #[test]
    fn all_lists_together_are_hardly_wider_than_the_widest() {
        let layout = Layout::new(Branches {
            tender: Some(Shown::ALL),
            buyer: Some(Shown::ALL),
            lots: LIST,
            items: LIST,
            awards: LIST,
            suppliers: LIST,
            contracts: LIST,
            documents: LIST,
        });
        let all = layout.before(KINDS);
        assert!(layout.width < all / 2, "{} of {all}", layout.width);
    }
}
