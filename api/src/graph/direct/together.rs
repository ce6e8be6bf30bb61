//! Waiting for many answers at once, every one of which is asked before any is waited for.
//!
//! Joining more than a few futures in the usual way lets other tasks run after two of them, and a loader that runs then asks
//! for two keys at a time.

use std::borrow::Cow;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};

/// What all of these answer, in their order.
pub async fn together<'a, T>(questions: impl Iterator<Item = Pin<Box<dyn Future<Output = T> + Send + 'a>>>) -> Vec<T> {
    let mut waiting: Vec<_> = questions.enumerate().collect();
    let mut answers: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
    poll_fn(|task| {
        waiting.retain_mut(|(place, question)| match question.as_mut().poll(task) {
            Poll::Ready(answer) => {
                answers[*place] = Some(answer);
                false
            }
            Poll::Pending => true,
        });
        if waiting.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    answers.into_iter().flatten().collect()
}

/// A list of what the engine resolves, such as objects of several types, all of them together.
#[derive(Clone, Debug)]
pub struct Together<T>(pub Vec<T>);

impl<T: OutputType> OutputType for Together<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let places: Vec<_> = (0..self.0.len()).map(|index| context.with_index(index)).collect();
        let entries = self.0.iter().zip(&places).map(|(entry, place)| {
            let resolved = async move {
                let resolved = entry.resolve(place, field).await;
                resolved.map_err(|error| place.set_error_path(error))
            };
            Box::pin(resolved) as Pin<Box<dyn Future<Output = ServerResult<Value>> + Send + '_>>
        });
        let values: ServerResult<Vec<Value>> = together(entries).await.into_iter().collect();
        values.map(Value::List)
    }
}
