//! Resolving the fields of objects level by level, without a task for each.
//!
//! The engine resolves every field of every object as a task of its own and gathers the answers in a map, which costs more
//! than most fields do. [`Direct`] and [`Objects`] take all objects that stand at one place of the document together,
//! wherever in the answer each of them stands: a plain field is read off each row and written as JSON at once, and a field
//! that holds objects is asked for all of them with one question, whose answers are the next [`level`].
//!
//! They also do two things by the specification (GraphQL September 2025, 6.2.4 and 6.4.4) that the engine does not: fields
//! are answered in the order of the document, and a field that failed is null, or makes null what is around it.

pub mod level;
pub mod plain;
mod plan;
mod together;

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};

use super::json;
pub use level::Asked;
use level::Holder;
pub use plain::Plain;
pub(crate) use plain::plain_fields;
pub use together::Together;

/// An object whose fields are resolved directly. In the schema it is the object itself.
#[derive(Clone, Debug)]
pub struct Direct<T>(pub T);

/// Objects of one type whose fields are resolved directly. In the schema they are a list of them.
#[derive(Clone, Debug)]
pub struct Objects<T>(pub Vec<T>);

impl<T: Plain> OutputType for Direct<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve(self, context).await
    }
}

impl<T: Plain> OutputType for Objects<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve(self, context).await
    }
}

/// Answers the engine, which asks for one place of the answer at a time.
async fn resolve<H: Holder>(holder: &H, context: &ContextSelectionSet<'_>) -> ServerResult<Value> {
    let written = level::write_held(vec![Ok(holder)], std::slice::from_ref(context)).await;
    written.only().map(json::raw)
}
