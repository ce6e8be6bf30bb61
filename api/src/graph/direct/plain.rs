//! How the fields of an object are resolved: most need not wait and are written as JSON at once.

use std::future::Future;
use std::pin::pin;
use std::task::{Context as Task, Poll, Waker};

use async_graphql::connection::PageInfo;
use async_graphql::{Context, ObjectType, Result, Value};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use super::super::statistics::ValueKind;
use super::json;
use super::level::{Asked, Written};
use super::plan::{FieldKind, Planned};
use crate::criteria::code::{
    AwardStatus, ChangeKind, ContractStatus, MergeStrategy, ProcurementCategory, ProcurementMethod, RunOutcome,
    TenderStatus,
};
use crate::criteria::{Decimal, GlobalId, TenderDimension};
use crate::graph::history::FieldChangeKind;
use crate::graph::scalar::Json;

/// An object whose fields are resolved directly. [`plain_fields!`] says which and how; a field that is missing there is
/// still answered, by the engine and at a higher price.
pub trait Plain: ObjectType {
    /// The fields that it can tell at once, by the names of their methods in Rust.
    const FIELDS: &'static [&'static str];
    /// The fields that hold objects and are asked of many at once, by the names of their methods.
    const OBJECTS: &'static [&'static str];

    /// Writes the field at this place of [`Plain::FIELDS`] as JSON.
    ///
    /// # Errors
    /// If it cannot be told; then nothing is written.
    fn write(&self, place: usize, context: &Context<'_>, text: &mut Vec<u8>) -> Result<()>;

    /// Writes, for each of many objects, the field at this place of [`Plain::OBJECTS`].
    fn ask<'a>(place: usize, asked: Asked<'a, Self>) -> BoxFuture<'a, Written>
    where
        Self: Sized + 'a;
}

impl<T: Plain> Plain for &T {
    const FIELDS: &'static [&'static str] = T::FIELDS;
    const OBJECTS: &'static [&'static str] = T::OBJECTS;

    fn write(&self, place: usize, context: &Context<'_>, text: &mut Vec<u8>) -> Result<()> {
        T::write(self, place, context, text)
    }

    fn ask<'a>(place: usize, asked: Asked<'a, Self>) -> BoxFuture<'a, Written>
    where
        Self: 'a,
    {
        Box::pin(async move {
            let objects: Vec<&T> = asked.objects.iter().map(|object| **object).collect();
            T::ask(place, asked.to(&objects)).await
        })
    }
}

/// Says how the fields of an object are resolved. First those that it can tell at once: methods of its `#[Object]` that
/// take no arguments and await nothing, or fields of a `SimpleObject`. Then, after `objects:`, such methods that answer
/// with objects. Last, after `relations:`, what must be asked for: a method and, behind `=`, the function that answers it
/// for many objects, with the method's arguments.
macro_rules! plain_fields {
    (
        @impl [$($generics:tt)*] $object:ty, $self:ident, $context:ident: $($name:ident => $value:expr),*;
        $($held:ident),*; $($relation:ident = $many:ident($($argument:ident),*)),*
    ) => {
        impl<$($generics)*> $crate::graph::direct::Plain for $object {
            const FIELDS: &'static [&'static str] = &[$(stringify!($name)),*];
            const OBJECTS: &'static [&'static str] = &[$(stringify!($held),)* $(stringify!($relation)),*];

            #[allow(unused_variables, reason = "some objects have no plain fields, and fields need no context")]
            fn write(
                &self,
                place: usize,
                $context: &async_graphql::Context<'_>,
                text: &mut Vec<u8>,
            ) -> async_graphql::Result<()> {
                #[allow(non_camel_case_types, clippy::enum_variant_names, reason = "they are the names of the fields")]
                #[allow(dead_code, reason = "some objects have none")]
                enum Place { $($name),* }
                let $self = self;
                match place {
                    $(place if place == Place::$name as usize => {
                        $crate::graph::direct::plain::PlainValue::write(&$value?, text);
                    })*
                    _ => {}
                }
                Ok(())
            }

            #[allow(unused_variables, reason = "some objects hold no others")]
            fn ask<'a>(
                place: usize,
                asked: $crate::graph::direct::Asked<'a, Self>,
            ) -> futures_util::future::BoxFuture<'a, $crate::graph::direct::level::Written>
            where
                Self: 'a,
            {
                #[allow(non_camel_case_types, clippy::enum_variant_names, reason = "they are the names of the fields")]
                #[allow(dead_code, reason = "some objects have none")]
                enum Place { $($held,)* $($relation),* }
                match place {
                    $(place if place == Place::$held as usize => Box::pin(async move {
                        let context = asked.context();
                        let mut answers = Vec::with_capacity(asked.objects.len());
                        for object in asked.objects {
                            answers.push(object.$held(&context).await);
                        }
                        asked.write(answers).await
                    }),)*
                    $(place if place == Place::$relation as usize => Box::pin(async move {
                        let answers = async {
                            let context = asked.context();
                            $(let $argument = asked.argument(stringify!($argument))?;)*
                            <$object>::$many(&context, asked.objects, $($argument),*).await
                        };
                        asked.write_all(answers.await).await
                    }),)*
                    _ => Box::pin(std::future::ready($crate::graph::direct::level::Written::default())),
                }
            }
        }
    };
    (fields of $object:ty: $($field:ident),+ $(,)?) => {
        $crate::graph::direct::plain_fields!(@impl [] $object, object, context:
            $($field => async_graphql::Result::<_>::Ok(&object.$field)),+;;);
    };
    (
        [$($generics:tt)*] $object:ty: $($method:ident),* $(,)?
        $(; objects: $($held:ident),+ $(,)?)?
        $(; relations: $($relation:ident = $many:ident($($argument:ident),*)),+ $(,)?)?
    ) => {
        $crate::graph::direct::plain_fields!(@impl [$($generics)*] $object, object, context:
            $($method => $crate::graph::direct::plain::now(object.$method(context))),*;
            $($($held),+)?;
            $($($relation = $many($($argument),*)),+)?);
    };
    ($object:ty: $($rest:tt)*) => {
        $crate::graph::direct::plain_fields!([] $object: $($rest)*);
    };
}
pub(crate) use plain_fields;

plain_fields!(fields of PageInfo: has_previous_page, has_next_page, start_cursor, end_cursor);

/// What a method answers that awaits nothing.
///
/// # Errors
/// If the method fails, or waits after all.
pub fn now<T>(answer: impl Future<Output = Result<T>>) -> Result<T> {
    match pin!(answer).poll(&mut Task::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => Err("a field that is told at once has waited".into()),
    }
}

/// Writes a field that the object can tell at once.
///
/// # Errors
/// If it cannot be told; then nothing is written.
pub fn write_plain<T: Plain>(
    object: &T,
    planned: &Planned<'_>,
    context: &Context<'_>,
    text: &mut Vec<u8>,
) -> Result<()> {
    match planned.kind {
        FieldKind::Plain(place) => object.write(place, context, text)?,
        _ => json::write_string(&T::type_name(), text),
    }
    Ok(())
}

/// A value that can be written as JSON at once.
pub trait PlainValue {
    /// Writes it.
    fn write(&self, text: &mut Vec<u8>);
}

impl<T: PlainValue + ?Sized> PlainValue for &T {
    fn write(&self, text: &mut Vec<u8>) {
        T::write(self, text);
    }
}

impl<T: PlainValue> PlainValue for Option<T> {
    fn write(&self, text: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(text),
            None => text.extend_from_slice(b"null"),
        }
    }
}

impl<T: PlainValue> PlainValue for [T] {
    fn write(&self, text: &mut Vec<u8>) {
        text.push(b'[');
        for (index, value) in self.iter().enumerate() {
            if index > 0 {
                text.push(b',');
            }
            value.write(text);
        }
        text.push(b']');
    }
}

macro_rules! plain_values {
    ($($type:ty: $value:ident, $text:ident => $write:expr;)+) => {
        $(impl PlainValue for $type {
            fn write(&self, $text: &mut Vec<u8>) {
                let $value = self;
                $write;
            }
        })+
    };
}

plain_values! {
    str: value, text => json::write_string(value, text);
    String: value, text => json::write_string(value, text);
    GlobalId: value, text => {
        text.push(b'"');
        value.with_text(|id| text.extend_from_slice(id));
        text.push(b'"');
    };
    bool: value, text => json::write(&Value::Boolean(*value), text);
    i32: value, text => json::write(&Value::from(*value), text);
    DateTime<Utc>: value, text => json::write_instant(*value, text);
    Json: value, text => text.extend_from_slice(value.0.as_bytes());
    FieldChangeKind: value, text => json::write(&Value::from(*value), text);
    Decimal: value, text => {
        text.push(b'"');
        value.write_digits(text);
        text.push(b'"');
    };
    TenderStatus: value, text => json::write(&Value::from(*value), text);
    AwardStatus: value, text => json::write(&Value::from(*value), text);
    MergeStrategy: value, text => json::write(&Value::from(*value), text);
    RunOutcome: value, text => json::write(&Value::from(*value), text);
    ContractStatus: value, text => json::write(&Value::from(*value), text);
    ValueKind: value, text => json::write(&Value::from(*value), text);
    TenderDimension: value, text => json::write(&Value::from(*value), text);
    ChangeKind: value, text => json::write(&Value::from(*value), text);
    ProcurementCategory: value, text => json::write(&Value::from(*value), text);
    ProcurementMethod: value, text => json::write(&Value::from(*value), text);
}
