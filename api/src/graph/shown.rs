//! Which columns an object shows, told from the document before its row is read.

use async_graphql::{Context, Lookahead, SelectionField};

use crate::store::{Row, Shown};

/// An object that shows the columns of a row.
pub trait Shows {
    /// The row.
    type Row: Row;
    /// The columns behind fields that are not named like one. A field that neither stands here nor is a column is taken
    /// to show them all.
    const FIELDS: &'static [(&'static str, &'static [&'static str])];
}

/// The columns of the object that a field answers with.
pub fn by_object<T: Shows>(context: &Context<'_>) -> Shown {
    under::<T>(&[context.look_ahead()])
}

/// The columns of the entries of the list that a field answers with.
pub fn by_entries<T: Shows>(context: &Context<'_>) -> Shown {
    under::<T>(&entries(&context.look_ahead()))
}

/// The entries of a list.
pub fn entries<'a>(list: &Lookahead<'a>) -> [Lookahead<'a>; 2] {
    [list.field("nodes"), list.field("edges").field("node")]
}

/// A field of objects that stand in these places, if any of them is asked for it.
pub fn field<'a>(places: &[Lookahead<'a>], name: &str) -> Option<Lookahead<'a>> {
    let asked = places.iter().flat_map(|place| place.field(name).selection_fields());
    let asked: Vec<SelectionField<'a>> = asked.collect();
    Lookahead::try_from(&asked[..]).ok()
}

/// The columns of objects that stand in these places.
pub fn under<T: Shows>(places: &[Lookahead<'_>]) -> Shown {
    let selected = places.iter().flat_map(Lookahead::selection_fields);
    let fields = selected.flat_map(|object| object.selection_set().collect::<Vec<_>>());
    fields.fold(Shown::NONE, |shown, field| shown.and(columns::<T>(field.name())))
}

fn columns<T: Shows>(field: &str) -> Shown {
    if let Some((_, columns)) = T::FIELDS.iter().find(|(name, _)| *name == field) {
        return Shown::named::<T::Row>(columns);
    }
    let is_meant = |column: &&&str| is_same_name(field, column);
    let mut columns = T::Row::ALWAYS.iter().chain(T::Row::IF_SHOWN);
    match columns.find(is_meant) {
        Some(column) => Shown::named::<T::Row>(&[column]),
        None if field == "__typename" => Shown::NONE,
        None => Shown::ALL,
    }
}

/// Whether a field, `publishedAt`, is named like a column, `published_at`.
fn is_same_name(field: &str, column: &str) -> bool {
    let letters = column.bytes().filter(|letter| *letter != b'_');
    letters.eq(field.bytes().map(|letter| letter.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::super::buyer::Buyer;
    use super::super::tender::Tender;
    use super::*;
    use crate::store::organization::OrganizationRow;
    use crate::store::tender::TenderRow;

    #[test]
    fn a_field_shows_the_column_of_its_name_or_those_that_are_given_for_it() {
        let expected = Shown::named::<TenderRow>(&["procurement_method_details"]);
        assert_eq!(columns::<Tender>("procurementMethodDetails"), expected);
        let expected = Shown::named::<TenderRow>(&["value_amount", "value_currency"]);
        assert_eq!(columns::<Tender>("value"), expected);
        let expected = Shown::named::<OrganizationRow>(&["name"]);
        assert_eq!(columns::<Buyer>("aliases"), expected);
        assert_eq!(columns::<Tender>("publishedAt"), Shown::NONE);
        assert_eq!(columns::<Tender>("__typename"), Shown::NONE);
    }

    #[test]
    fn a_field_that_nothing_is_known_of_shows_everything() {
        assert_eq!(columns::<Tender>("somethingNew"), Shown::ALL);
    }
}
