//! Levels: the objects of one type that stand at the same place of the document.

use std::borrow::Cow;
use std::ops::Range;

use async_graphql::parser::types::Field;
use async_graphql::{
    Context, ContextSelectionSet, Error, InputType, OutputType, Positioned, Result, ServerError, ServerResult, Value,
};
use futures_util::future::{BoxFuture, join_all};

use super::plain::{Plain, write_plain};
use super::plan::{FieldKind, Plan, Planned};
use super::{Direct, Objects, json};

/// Bytes that are set aside for a field before it is known.
const FIELD_BYTES: usize = 64;

/// A value that holds objects: none, one, or a list of them.
pub trait Holder: OutputType {
    /// What it holds.
    type Object: Plain;
    /// Whether it is a list, even where it holds one.
    const IS_LIST: bool;

    /// What it holds; nothing where it is null or an empty list.
    fn held(&self) -> &[Self::Object];
}

impl<T: Plain> Holder for Direct<T> {
    type Object = T;
    const IS_LIST: bool = false;

    fn held(&self) -> &[T] {
        std::slice::from_ref(&self.0)
    }
}

impl<T: Plain> Holder for Option<Direct<T>> {
    type Object = T;
    const IS_LIST: bool = false;

    fn held(&self) -> &[T] {
        self.as_ref().map_or(&[], Holder::held)
    }
}

impl<T: Plain> Holder for Objects<T> {
    type Object = T;
    const IS_LIST: bool = true;

    fn held(&self) -> &[T] {
        &self.0
    }
}

/// A question to all objects of a level: what one field of each of them holds.
pub struct Asked<'a, T> {
    /// The objects.
    pub objects: &'a [&'a T],
    places: &'a [ContextSelectionSet<'a>],
    field: &'a Positioned<Field>,
}

impl<'a, T> Asked<'a, T> {
    /// The same question to objects behind the ones that were asked.
    pub fn to<'b, U>(&'b self, objects: &'b [&'b U]) -> Asked<'b, U>
    where
        'a: 'b,
    {
        Asked {
            objects,
            places: self.places,
            field: self.field,
        }
    }

    /// The field in the first of the places. Arguments are the same in all.
    pub fn context(&self) -> Context<'a> {
        // A level without objects is never asked.
        self.places[0].with_field(self.field)
    }

    /// An argument of the field.
    ///
    /// # Errors
    /// If its value is not of the type that the schema says, which was checked before.
    pub fn argument<A: InputType>(&self, name: &str) -> Result<A> {
        let argument = self.context().param_value(name, None);
        argument
            .map(|(_, value)| value)
            .map_err(|error| Error::new(error.message))
    }

    /// Writes what the objects answered, each its own.
    pub async fn write<H: Holder>(&self, answers: Vec<Result<H>>) -> Written {
        self.write_each(answers.iter().map(Result::as_ref)).await
    }

    /// Writes what the objects answered together, or that none of them could.
    pub async fn write_all<H: Holder>(&self, answers: Result<Vec<H>>) -> Written {
        match &answers {
            Ok(answers) => self.write_each(answers.iter().map(Ok)).await,
            Err(error) => self.write_each(self.objects.iter().map(|_| Err::<&H, _>(error))).await,
        }
    }

    async fn write_each<'h, H: Holder + 'h>(&self, answers: impl Iterator<Item = Result<&'h H, &Error>>) -> Written {
        let field = |place: &'a ContextSelectionSet<'a>| place.with_field(self.field);
        let located = |(answer, place): (Result<_, &Error>, _)| {
            answer.map_err(|error| Box::new(located(&field(place), error.clone())))
        };
        let told = answers.zip(self.places).map(located).collect();
        let selected = |place| field(place).with_selection_set(&self.field.node.selection_set);
        let sets: Vec<_> = self.places.iter().map(selected).collect();
        write_held(told, &sets).await
    }
}

fn located(field: &Context<'_>, error: Error) -> ServerError {
    field.set_error_path(error.into_server_error(field.item.pos))
}

type Failure = Box<ServerError>;

/// Values as JSON text, or why there is none.
#[derive(Default)]
pub struct Written {
    text: Vec<u8>,
    values: Vec<Result<Range<usize>, Failure>>,
}

impl Written {
    /// The text of the only value.
    ///
    /// # Errors
    /// If there is none.
    pub fn only(self) -> ServerResult<Vec<u8>> {
        match self.values.into_iter().next() {
            Some(Ok(range)) if range == (0..self.text.len()) => Ok(self.text),
            Some(Ok(range)) => Ok(self.text[range].to_vec()),
            Some(Err(failure)) => Err(*failure),
            None => Ok(b"null".to_vec()),
        }
    }

    fn failed(failure: &Failure, values: usize) -> Self {
        Self {
            text: Vec::new(),
            values: (0..values).map(|_| Err(failure.clone())).collect(),
        }
    }

    /// Adds the value whose text begins there, unless it failed.
    fn push(&mut self, start: usize, outcome: Result<(), Failure>) {
        if outcome.is_err() {
            self.text.truncate(start);
        }
        self.values.push(outcome.map(|()| start..self.text.len()));
    }
}

/// Writes values that hold objects. `places` says where each of them stands in the answer.
pub async fn write_held<H: Holder>(holders: Vec<Result<&H, Failure>>, places: &[ContextSelectionSet<'_>]) -> Written {
    let mut objects = Vec::with_capacity(holders.len());
    objects.extend(holders.iter().flatten().flat_map(|holder| holder.held()));
    let places_of_objects = if !H::IS_LIST && objects.len() == places.len() {
        Cow::Borrowed(places)
    } else {
        Cow::Owned(places_of_objects(&holders, places))
    };
    let written = match places_of_objects.first() {
        Some(place) => match Plan::new::<H::Object, _>(place, &place.item.node) {
            Ok(plan) => write_objects(&objects, &places_of_objects, &plan).await,
            Err(error) => Written::failed(&Box::new(error), objects.len()),
        },
        None => Written::default(),
    };
    if H::IS_LIST {
        lists(holders, written)
    } else {
        singles(holders, written)
    }
}

fn places_of_objects<'p, H: Holder>(
    holders: &[Result<&H, Failure>],
    places: &'p [ContextSelectionSet<'p>],
) -> Vec<ContextSelectionSet<'p>> {
    let held = holders
        .iter()
        .map(|holder| holder.as_ref().map_or(0, |holder| holder.held().len()));
    let mut of_objects = Vec::with_capacity(held.clone().sum());
    for (count, place) in held.zip(places) {
        if H::IS_LIST {
            of_objects.extend((0..count).map(|index| place.with_index(index)));
        } else if count > 0 {
            of_objects.push(place.clone());
        }
    }
    of_objects
}

/// Puts written objects where one or none is held.
fn singles<H: Holder>(holders: Vec<Result<&H, Failure>>, mut written: Written) -> Written {
    let end = written.text.len();
    if written.values.len() < holders.len() {
        written.text.extend_from_slice(b"null");
    }
    let null = end..written.text.len();
    let mut objects = written.values.into_iter();
    let values = holders.into_iter().map(|holder| {
        let is_null = holder?.held().is_empty();
        let object = if is_null { None } else { objects.next() };
        object.unwrap_or_else(|| Ok(null.clone()))
    });
    Written {
        values: values.collect(),
        text: written.text,
    }
}

/// Puts written objects into lists. A list with an object that failed fails: its entries are never null.
fn lists<H: Holder>(holders: Vec<Result<&H, Failure>>, written: Written) -> Written {
    let mut objects = written.values.into_iter();
    let mut lists = Written {
        text: Vec::with_capacity(written.text.len() + written.text.len() / 8 + 2 * holders.len()),
        values: Vec::with_capacity(holders.len()),
    };
    for holder in holders {
        let start = lists.text.len();
        let list = || {
            lists.text.push(b'[');
            let mut failure = None;
            for object in objects.by_ref().take(holder?.held().len()) {
                match object {
                    Ok(object) => {
                        if lists.text.len() > start + 1 {
                            lists.text.push(b',');
                        }
                        lists.text.extend_from_slice(&written.text[object]);
                    }
                    Err(error) => failure = failure.or(Some(error)),
                }
            }
            lists.text.push(b']');
            failure.map_or(Ok(()), Err)
        };
        let outcome = list();
        lists.push(start, outcome);
    }
    lists
}

/// Writes the objects of a level.
async fn write_objects<T: Plain>(objects: &[&T], places: &[ContextSelectionSet<'_>], plan: &Plan<'_>) -> Written {
    let waiting = plan.fields.iter().filter(|planned| !planned.is_plain());
    let mut asked = join_all(waiting.map(|planned| ask(objects, places, planned))).await;
    let held: usize = asked.iter().map(Answers::length).sum();
    // What fields take from their context is the same in all places: their arguments.
    let contexts: Vec<_> = match places.first() {
        Some(place) => plan
            .fields
            .iter()
            .map(|planned| place.with_field(planned.field()))
            .collect(),
        None => Vec::new(),
    };
    let mut written = Written {
        text: Vec::with_capacity(objects.len() * plan.fields.len() * FIELD_BYTES + held),
        values: Vec::with_capacity(objects.len()),
    };
    for (index, (object, place)) in objects.iter().zip(places).enumerate() {
        let start = written.text.len();
        let outcome = write_object(index, *object, (place, &contexts), plan, &mut asked, &mut written.text);
        written.push(start, outcome);
    }
    written
}

fn write_object<T: Plain>(
    index: usize,
    object: &T,
    (place, contexts): (&ContextSelectionSet<'_>, &[Context<'_>]),
    plan: &Plan<'_>,
    asked: &mut [Answers],
    text: &mut Vec<u8>,
) -> Result<(), Failure> {
    let mut asked = asked.iter_mut();
    text.push(b'{');
    for (number, (planned, context)) in plan.fields.iter().zip(contexts).enumerate() {
        if number > 0 {
            text.push(b',');
        }
        text.extend_from_slice(&planned.key);
        let field = planned.field();
        let outcome = if planned.is_plain() {
            write_plain(object, planned, context, text)
                .map_err(|error| Box::new(located(&place.with_field(field), error)))
        } else {
            asked.next().map_or(Ok(()), |answers| answers.write(index, text))
        };
        match outcome {
            Ok(()) => {}
            Err(failure) if is_nullable::<T>(place, field) => {
                place.add_error(*failure);
                text.extend_from_slice(b"null");
            }
            Err(failure) => return Err(failure),
        }
    }
    text.push(b'}');
    Ok(())
}

/// Whether the schema lets this field be null.
fn is_nullable<T: Plain>(context: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> bool {
    let object = context.schema_env.registry.types.get(T::type_name().as_ref());
    let field = object.and_then(|object| object.field_by_name(&field.node.name.node));
    field.is_some_and(|field| !field.ty.ends_with('!'))
}

/// What the objects of a level answered to one field, in their order.
enum Answers {
    /// Written by the level below.
    Written(Written),
    /// As the engine answers.
    Values(Vec<ServerResult<Value>>),
}

impl Answers {
    fn length(&self) -> usize {
        match self {
            Self::Written(written) => written.text.len(),
            Self::Values(_) => 0,
        }
    }

    /// Writes the answer of one object.
    fn write(&mut self, index: usize, text: &mut Vec<u8>) -> Result<(), Failure> {
        match self {
            Self::Written(written) => {
                let range = std::mem::replace(&mut written.values[index], Ok(0..0))?;
                text.extend_from_slice(&written.text[range]);
            }
            Self::Values(values) => {
                let value = std::mem::replace(&mut values[index], Ok(Value::Null))?;
                json::write(&value, text);
            }
        }
        Ok(())
    }
}

/// Asks the objects of a level for a field that holds objects or may have to wait.
async fn ask<T: Plain>(objects: &[&T], places: &[ContextSelectionSet<'_>], planned: &Planned<'_>) -> Answers {
    let field = planned.field();
    if let FieldKind::Objects(place) = planned.kind {
        let asked = Asked { objects, places, field };
        return Answers::Written(T::ask(place, asked).await);
    }
    let answers = objects
        .iter()
        .zip(places)
        .map(|(object, place)| answer(place, *object, field));
    Answers::Values(join_all(answers).await)
}

/// Answers a field by way of the engine. Its future is boxed, since objects hold each other in rings.
fn answer<'a, T: Plain>(
    context: &'a ContextSelectionSet<'a>,
    object: &'a T,
    field: &'a Positioned<Field>,
) -> BoxFuture<'a, ServerResult<Value>> {
    Box::pin(async move {
        let context = context.with_field(field);
        Ok(object.resolve_field(&context).await?.unwrap_or_default())
    })
}
