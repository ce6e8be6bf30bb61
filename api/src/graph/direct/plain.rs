//! Fields that need not wait: they are read off what is already there, and written as JSON at once.

use std::future::Future;
use std::pin::pin;
use std::task::{Context as Task, Poll, Waker};

use async_graphql::connection::PageInfo;
use async_graphql::{Context, ContextSelectionSet, ID, ObjectType, Result, Value};
use chrono::{DateTime, Utc};

use super::super::statistics::ValueKind;
use super::plan::{PlainField, Plan, Planned};
use super::{Direct, Objects, json};
use crate::criteria::Decimal;
use crate::criteria::code::{
    AwardStatus, ChangeKind, ContractStatus, ProcurementCategory, ProcurementMethod, RunOutcome, TenderStatus,
};
use crate::graph::history::FieldChangeKind;
use crate::graph::scalar::Json;

/// An object that can tell some of its fields at once. [`plain_fields!`] says which; a field that is missing there is
/// still answered, by the engine and at a higher price.
pub trait Plain: ObjectType {
    /// The fields, by the names of their methods in Rust.
    const FIELDS: &'static [&'static str];

    /// Writes the field at this place of [`Plain::FIELDS`] as JSON; `false` if it must be left to the engine after all.
    fn write(&self, place: usize, planned: &Planned<'_>, context: &Context<'_>, text: &mut Vec<u8>) -> bool;
}

impl<T: Plain> Plain for &T {
    const FIELDS: &'static [&'static str] = T::FIELDS;

    fn write(&self, place: usize, planned: &Planned<'_>, context: &Context<'_>, text: &mut Vec<u8>) -> bool {
        T::write(self, place, planned, context, text)
    }
}

/// Says which fields an object can tell at once: methods of its `#[Object]` that take no arguments and await nothing, or
/// fields of a `SimpleObject`.
macro_rules! plain_fields {
    (@impl [$($generics:tt)*] $object:ty, $self:ident, $context:ident: $($name:ident => $value:expr),*) => {
        impl<$($generics)*> $crate::graph::direct::Plain for $object {
            const FIELDS: &'static [&'static str] = &[$(stringify!($name)),*];

            #[allow(unused_variables, reason = "some objects have no plain fields, and fields need no context")]
            fn write(
                &self,
                place: usize,
                planned: &$crate::graph::direct::Planned<'_>,
                $context: &async_graphql::Context<'_>,
                text: &mut Vec<u8>,
            ) -> bool {
                #[expect(non_camel_case_types, reason = "they are the names of the fields")]
                #[allow(clippy::enum_variant_names, clippy::items_after_statements, reason = "so are these")]
                enum Place { $($name),* }
                let $self = self;
                match place {
                    $(place if place == Place::$name as usize => {
                        $value.is_some_and(|value| {
                            $crate::graph::direct::PlainValue::write(&value, planned, $context, text)
                        })
                    })*
                    _ => false,
                }
            }
        }
    };
    ([$($generics:tt)*] $object:ty: $($method:ident),* $(,)?) => {
        $crate::graph::direct::plain_fields!(@impl [$($generics)*] $object, object, context:
            $($method => $crate::graph::direct::plain::now(object.$method(context))),*);
    };
    (fields of $object:ty: $($field:ident),+ $(,)?) => {
        $crate::graph::direct::plain_fields!(@impl [] $object, object, context: $($field => Some(&object.$field)),+);
    };
    ($object:ty: $($method:ident),* $(,)?) => {
        $crate::graph::direct::plain_fields!([] $object: $($method),*);
    };
}
pub(crate) use plain_fields;

plain_fields!(fields of PageInfo: has_previous_page, has_next_page, start_cursor, end_cursor);

/// What a method answers that awaits nothing.
pub fn now<T>(answer: impl Future<Output = Result<T>>) -> Option<T> {
    match pin!(answer).poll(&mut Task::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer.ok(),
        Poll::Pending => None,
    }
}

/// A value that can be written as JSON at once.
pub trait PlainValue {
    /// Writes it; `false` if it must be left to the engine, and then nothing is written.
    fn write(&self, planned: &Planned<'_>, context: &Context<'_>, text: &mut Vec<u8>) -> bool;
}

impl<T: PlainValue + ?Sized> PlainValue for &T {
    fn write(&self, planned: &Planned<'_>, context: &Context<'_>, text: &mut Vec<u8>) -> bool {
        T::write(self, planned, context, text)
    }
}

impl<T: PlainValue> PlainValue for Option<T> {
    fn write(&self, planned: &Planned<'_>, context: &Context<'_>, text: &mut Vec<u8>) -> bool {
        if let Some(value) = self {
            return value.write(planned, context, text);
        }
        text.extend_from_slice(b"null");
        true
    }
}

impl<T: Plain> PlainValue for Direct<T> {
    fn write(&self, planned: &Planned<'_>, context: &Context<'_>, text: &mut Vec<u8>) -> bool {
        let selected = &planned.field().node.selection_set;
        let Ok(plan) = Plan::new::<T, _>(context, &selected.node) else {
            return false;
        };
        let start = text.len();
        let is_written = write_object(&self.0, &plan, &context.with_selection_set(selected), text);
        if !is_written {
            text.truncate(start);
        }
        is_written
    }
}

impl<T: Plain> PlainValue for Objects<T> {
    fn write(&self, planned: &Planned<'_>, context: &Context<'_>, text: &mut Vec<u8>) -> bool {
        let selected = &planned.field().node.selection_set;
        let Ok(plan) = Plan::new::<T, _>(context, &selected.node) else {
            return false;
        };
        let (start, context) = (text.len(), context.with_selection_set(selected));
        text.push(b'[');
        for (index, object) in self.0.iter().enumerate() {
            if index > 0 {
                text.push(b',');
            }
            if !write_object(object, &plan, &context.with_index(index), text) {
                text.truncate(start);
                return false;
            }
        }
        text.push(b']');
        true
    }
}

/// Writes an object; `false` if it has a field that is not plain.
fn write_object<T: Plain>(object: &T, plan: &Plan<'_>, context: &ContextSelectionSet<'_>, text: &mut Vec<u8>) -> bool {
    text.push(b'{');
    for (index, planned) in plan.fields.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        let field = planned.field();
        json::write_key(&field.node.response_key().node, text);
        if !write_field(object, planned, &context.with_field(field), text) {
            return false;
        }
    }
    text.push(b'}');
    true
}

/// Writes the value of a field, if the object can tell it at once.
pub fn write_field<T: Plain>(object: &T, planned: &Planned<'_>, context: &Context<'_>, text: &mut Vec<u8>) -> bool {
    match planned.plain {
        Some(PlainField::TypeName) => {
            json::write_string(&T::type_name(), text);
            true
        }
        Some(PlainField::At(place)) => object.write(place, planned, context, text),
        None => false,
    }
}

/// Values that are written the same whatever is selected.
macro_rules! plain_values {
    ($($type:ty: $value:ident, $text:ident => $write:expr;)+) => {
        $(impl PlainValue for $type {
            fn write(&self, _planned: &Planned<'_>, _context: &Context<'_>, $text: &mut Vec<u8>) -> bool {
                let $value = self;
                $write;
                true
            }
        })+
    };
}

plain_values! {
    str: value, text => json::write_string(value, text);
    String: value, text => json::write_string(value, text);
    ID: value, text => json::write_string(value, text);
    bool: value, text => json::write(&Value::Boolean(*value), text);
    i32: value, text => json::write(&Value::from(*value), text);
    DateTime<Utc>: value, text => json::write_string(&value.to_rfc3339(), text);
    Json: value, text => text.extend_from_slice(value.0.as_bytes());
    FieldChangeKind: value, text => json::write(&Value::from(*value), text);
    Decimal: value, text => json::write_quoted(value, text);
    TenderStatus: value, text => json::write(&Value::from(*value), text);
    AwardStatus: value, text => json::write(&Value::from(*value), text);
    RunOutcome: value, text => json::write(&Value::from(*value), text);
    ContractStatus: value, text => json::write(&Value::from(*value), text);
    ValueKind: value, text => json::write(&Value::from(*value), text);
    ChangeKind: value, text => json::write(&Value::from(*value), text);
    ProcurementCategory: value, text => json::write(&Value::from(*value), text);
    ProcurementMethod: value, text => json::write(&Value::from(*value), text);
}
