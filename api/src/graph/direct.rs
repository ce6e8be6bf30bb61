//! Resolving the fields of objects without a task for each.
//!
//! The engine resolves every field of every object as a task of its own and gathers the answers in a map, which costs more
//! than most fields do: a plain field is read off a row that is already there. [`Direct`] and [`Objects`] ask the fields
//! that may have to wait, all at once, and then write the objects as JSON, plain fields straight from their rows.
//!
//! They also do two things by the specification (GraphQL September 2025, 6.2.4 and 6.4.4) that the engine does not: fields
//! are answered in the order of the document, and a field that failed is null, or makes null what is around it.

pub mod plain;
mod plan;

use std::borrow::Cow;
use std::future::{Future, poll_fn};
use std::ops::Range;
use std::pin::Pin;
use std::task::Poll;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};

use super::json;
pub(crate) use plain::plain_fields;
pub use plain::{Plain, PlainValue};
pub use plan::{Plan, Planned};

/// An object whose fields are resolved directly. In the schema it is the object itself.
#[derive(Clone, Debug)]
pub struct Direct<T>(pub T);

impl<T: Plain> OutputType for Direct<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        let objects = [&self.0];
        let plan = Plan::new::<T, _>(context, &context.item.node)?;
        let mut text = Vec::new();
        write_all(&objects, std::slice::from_ref(context), &plan, &mut text).await?;
        Ok(json::raw(text))
    }
}

/// Objects of one type whose fields are resolved directly. In the schema they are a list of them.
#[derive(Clone, Debug)]
pub struct Objects<T>(pub Vec<T>);

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
        let plan = Plan::new::<T, _>(context, &context.item.node)?;
        let places: Vec<_> = (0..self.0.len()).map(|index| context.with_index(index)).collect();
        let mut text = vec![b'['];
        write_all(&self.0, &places, &plan, &mut text).await?;
        text.push(b']');
        Ok(json::raw(text))
    }
}

/// Bytes that are set aside for a field before it is known.
const FIELD_BYTES: usize = 48;

/// Writes objects with commas between them. `places` says where each stands in the answer.
async fn write_all<T: Plain>(
    objects: &[T],
    places: &[ContextSelectionSet<'_>],
    plan: &Plan<'_>,
    text: &mut Vec<u8>,
) -> ServerResult<()> {
    let known = if plan.must_wait() && !objects.is_empty() {
        Known::all(objects, places, plan).await
    } else {
        Known::default()
    };
    let answered: usize = known.answers.iter().flatten().map(Told::length).sum();
    text.reserve(objects.len() * plan.fields.len() * FIELD_BYTES + answered);
    let mut answers = known.answers.into_iter().flatten();
    for (index, (object, place)) in objects.iter().zip(places).enumerate() {
        if index > 0 {
            text.push(b',');
        }
        text.push(b'{');
        for (index, planned) in plan.fields.iter().enumerate() {
            if index > 0 {
                text.push(b',');
            }
            let field = planned.field();
            json::write_key(&field.node.response_key().node, text);
            let context = || place.with_field(field);
            if planned.is_scalar() && plain::write_field(object, planned, &context(), text) {
                continue;
            }
            let told = if planned.is_scalar() { None } else { answers.next() };
            let answer = match told {
                Some(Told::Written(written)) => {
                    text.extend_from_slice(&known.written[written]);
                    continue;
                }
                Some(Told::Answered(answer)) => answer,
                None => answer(place, object, field).await,
            };
            match answer {
                Ok(value) => json::write(&value, text),
                Err(error) if is_nullable::<T>(place, field) => {
                    place.add_error(error);
                    json::write(&Value::Null, text);
                }
                Err(error) => return Err(error),
            }
        }
        text.push(b'}');
    }
    Ok(())
}

/// Whether the schema lets this field be null.
fn is_nullable<T: Plain>(context: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> bool {
    let object = context.schema_env.registry.types.get(T::type_name().as_ref());
    let field = object.and_then(|object| object.field_by_name(&field.node.name.node));
    field.is_some_and(|field| !field.ty.ends_with('!'))
}

type Answer = ServerResult<Value>;
type Waiting<'a> = (usize, Pin<Box<dyn Future<Output = Answer> + Send + 'a>>);

/// What is known of the fields that are objects or may have to wait, object by object.
#[derive(Default)]
struct Known {
    answers: Vec<Option<Told>>,
    /// Objects that could write themselves at once.
    written: Vec<u8>,
}

/// What a field holds.
enum Told {
    /// This part of [`Known::written`].
    Written(Range<usize>),
    /// What the engine answered.
    Answered(Answer),
}

impl Told {
    fn length(&self) -> usize {
        match self {
            Self::Written(written) => written.len(),
            Self::Answered(answer) => answer.as_ref().map_or(0, json::length),
        }
    }
}

impl Known {
    /// Asks all fields of all objects before any is waited for, so that what they need is gathered.
    async fn all<T: Plain>(objects: &[T], places: &[ContextSelectionSet<'_>], plan: &Plan<'_>) -> Self {
        let mut known = Self::default();
        let mut asked = objects.iter().zip(places);
        let mut waiting: Vec<Waiting<'_>> = Vec::new();
        poll_fn(|task| {
            waiting.retain_mut(|(index, future)| match future.as_mut().poll(task) {
                Poll::Ready(answer) => {
                    known.answers[*index] = Some(Told::Answered(answer));
                    false
                }
                Poll::Pending => true,
            });
            for (object, place) in asked.by_ref() {
                for planned in plan.fields.iter().filter(|planned| !planned.is_scalar()) {
                    if known.write(object, place, planned) {
                        continue;
                    }
                    let mut future = answer(place, object, planned.field());
                    let answer = future.as_mut().poll(task);
                    if answer.is_pending() {
                        waiting.push((known.answers.len(), future));
                    }
                    known.answers.push(match answer {
                        Poll::Ready(answer) => Some(Told::Answered(answer)),
                        Poll::Pending => None,
                    });
                }
            }
            if waiting.is_empty() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        known
    }

    /// Writes an object behind a plain field, unless something in it may have to wait.
    fn write<T: Plain>(&mut self, object: &T, place: &ContextSelectionSet<'_>, planned: &Planned<'_>) -> bool {
        let start = self.written.len();
        let is_written = plain::write_field(object, planned, &place.with_field(planned.field()), &mut self.written);
        if is_written {
            self.answers.push(Some(Told::Written(start..self.written.len())));
        }
        is_written
    }
}

/// Answers a field by way of the engine. Its future is boxed, since objects hold each other in rings.
fn answer<'a, T: Plain>(
    context: &'a ContextSelectionSet<'a>,
    object: &'a T,
    field: &'a Positioned<Field>,
) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
    Box::pin(async move {
        let context = context.with_field(field);
        Ok(object.resolve_field(&context).await?.unwrap_or_default())
    })
}
