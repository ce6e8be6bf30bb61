//! Resolving the fields of an object without a task for each.
//!
//! The engine resolves every field of every object as a task of its own and gathers the answers in a map, which costs more
//! than most fields do: a plain field is read off a row that is already there. [`Direct`] asks each field at once, keeps
//! only those that must wait, and writes the object as JSON as soon as all are known.
//!
//! It also does two things by the specification (GraphQL September 2025, 6.2.4 and 6.4.4) that the engine does not: fields
//! are answered in the order of the document, and a field that failed is null, or makes null what is around it.

use std::borrow::Cow;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use async_graphql::parser::types::{Field, Selection};
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, ObjectType, OutputType, Positioned, ServerError, ServerResult, Value};

use super::json;

/// An object whose fields are resolved directly. In the schema it is the object itself.
#[derive(Clone, Debug)]
pub struct Direct<T>(pub T);

impl<T: ObjectType> OutputType for Direct<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        // Boxed, so that what holds the object does not grow with all that the object holds while it waits.
        Box::pin(self.as_json(context)).await
    }
}

impl<T: ObjectType> Direct<T> {
    async fn as_json(&self, context: &ContextSelectionSet<'_>) -> ServerResult<Value> {
        let mut fields = Vec::with_capacity(context.item.node.items.len());
        collect(context, &self.0, &mut fields)?;
        let answers = answer_all(context, &self.0, &fields).await;

        let mut text = Vec::with_capacity(64 * fields.len());
        text.push(b'{');
        for (field, answer) in fields.iter().zip(answers) {
            let value = match answer {
                Some(Ok(value)) => value,
                Some(Err(error)) if is_nullable::<T>(context, field) => {
                    context.add_error(error);
                    Value::Null
                }
                Some(Err(error)) => return Err(error),
                None => Value::Null,
            };
            if text.len() > 1 {
                text.push(b',');
            }
            json::write_field(&field.node.response_key().node, &value, &mut text);
        }
        text.push(b'}');
        Ok(json::raw(text))
    }
}

/// Whether the schema lets this field be null.
fn is_nullable<T: ObjectType>(context: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> bool {
    let object = context.schema_env.registry.types.get(T::type_name().as_ref());
    let field = object.and_then(|object| object.field_by_name(&field.node.name.node));
    field.is_some_and(|field| !field.ty.ends_with('!'))
}

type Selected<'a> = Vec<Cow<'a, Positioned<Field>>>;

/// The fields selected of an object, those of fragments that apply to it included, in the order of the document. A field
/// that is selected twice is one with both selections.
fn collect<'a, T: ObjectType>(
    context: &ContextSelectionSet<'a>,
    object: &T,
    fields: &mut Selected<'a>,
) -> ServerResult<()> {
    for selection in &context.item.node.items {
        let (condition, selected) = match &selection.node {
            Selection::Field(field) => {
                select(field, fields);
                continue;
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                let fragment = context
                    .query_env
                    .fragments
                    .get(name)
                    .ok_or_else(|| ServerError::new(format!("Unknown fragment \"{name}\"."), Some(spread.pos)))?;
                (Some(&fragment.node.type_condition), &fragment.node.selection_set)
            }
            Selection::InlineFragment(fragment) => {
                (fragment.node.type_condition.as_ref(), &fragment.node.selection_set)
            }
        };
        let name = object.introspection_type_name();
        let applies = condition.is_none_or(|condition| {
            let wanted = condition.node.on.node.as_str();
            let interfaces = context.schema_env.registry.implements.get(name.as_ref());
            wanted == name || interfaces.is_some_and(|interfaces| interfaces.contains(wanted))
        });
        if applies {
            collect(&context.with_selection_set(selected), object, fields)?;
        }
    }
    Ok(())
}

fn select<'a>(field: &'a Positioned<Field>, fields: &mut Selected<'a>) {
    let key = &field.node.response_key().node;
    match fields.iter_mut().find(|other| other.node.response_key().node == *key) {
        Some(other) => {
            let more = field.node.selection_set.node.items.iter().cloned();
            other.to_mut().node.selection_set.node.items.extend(more);
        }
        None => fields.push(Cow::Borrowed(field)),
    }
}

type Answer = ServerResult<Value>;
type Waiting<'a> = (usize, Pin<Box<dyn Future<Output = Answer> + Send + 'a>>);

/// Plain fields that ask the database nevertheless. One that is missing here is still answered, but asked twice.
const WAITING: &[&str] = &[
    "aliases",
    "awardCount",
    "buyerCount",
    "dataRevision",
    "firstPublishedAt",
    "lastPublishedAt",
    "ocds",
    "releaseCount",
    "supplierCount",
    "tenderCount",
    "totalCount",
];

/// Answers to all fields, in their order. All are asked before any is waited for, so that what they need is gathered.
async fn answer_all<T: ObjectType>(
    context: &ContextSelectionSet<'_>,
    object: &T,
    fields: &[Cow<'_, Positioned<Field>>],
) -> Vec<Option<Answer>> {
    let mut answers: Vec<Option<Answer>> = std::iter::repeat_with(|| None).take(fields.len()).collect();
    let mut waiting: Vec<Waiting<'_>> = Vec::new();
    let mut asked = 0;
    poll_fn(|task| {
        waiting.retain_mut(|(index, future)| match future.as_mut().poll(task) {
            Poll::Ready(answer) => {
                answers[*index] = Some(answer);
                false
            }
            Poll::Pending => true,
        });
        while let Some(field) = fields.get(asked) {
            let is_plain =
                field.node.selection_set.node.items.is_empty() && !WAITING.contains(&field.node.name.node.as_str());
            let at_once = if is_plain {
                answer_now(context, object, field, task)
            } else {
                Poll::Pending
            };
            match at_once {
                Poll::Ready(answer) => answers[asked] = Some(answer),
                Poll::Pending => {
                    let mut future = answer(context, object, field);
                    match future.as_mut().poll(task) {
                        Poll::Ready(answer) => answers[asked] = Some(answer),
                        Poll::Pending => waiting.push((asked, future)),
                    }
                }
            }
            asked += 1;
        }
        if waiting.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    answers
}

/// Answers a field that need not wait, in no memory but the stack's.
fn answer_now<T: ObjectType>(
    context: &ContextSelectionSet<'_>,
    object: &T,
    field: &Positioned<Field>,
    task: &mut Context<'_>,
) -> Poll<Answer> {
    if field.node.name.node == "__typename" {
        return Poll::Ready(Ok(Value::String(object.introspection_type_name().into_owned())));
    }
    let context = context.with_field(field);
    let future = pin!(object.resolve_field(&context));
    future.poll(task).map_ok(Option::unwrap_or_default)
}

/// Answers a field that may have to wait. Its future is boxed, since objects hold each other in rings.
fn answer<'a, T: ObjectType>(
    context: &'a ContextSelectionSet<'a>,
    object: &'a T,
    field: &'a Positioned<Field>,
) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
    Box::pin(async move {
        let context = context.with_field(field);
        Ok(object.resolve_field(&context).await?.unwrap_or_default())
    })
}
