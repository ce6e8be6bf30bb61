//! A question that is measured: how the hub is asked it, how the limit server is, and whether both answer the same.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::http::post;

/// A kind of question.
#[derive(Debug)]
pub struct Read {
    /// What it is called in tables.
    pub name: &'static str,
    /// How the hub is asked: GraphQL.
    pub document: &'static str,
    /// How PostgreSQL is asked: one statement, which answers with the text that is sent.
    pub statement: &'static str,
    /// The least part of the limit's rate.
    pub bar: f64,
    /// Fails if two answers, without ids and cursors, do not show the same.
    pub compare: fn(hub: &Value, limit: &Value) -> Result<()>,
}

/// One of its questions, in the words of both sides.
#[derive(Clone, Debug)]
pub struct Question {
    /// The variables of the document.
    pub variables: Value,
    /// The parameters of the statement, as text.
    pub parameters: Vec<String>,
}

impl Read {
    /// The body of a request to the hub.
    pub fn body(&self, question: &Question) -> String {
        json!({ "query": self.document, "variables": question.variables }).to_string()
    }

    /// A request to the hub. `headers` are further lines of its head.
    pub fn to_hub(&self, question: &Question, headers: &str) -> Vec<u8> {
        post("/graphql", headers, &self.body(question))
    }

    /// A request to the limit server.
    pub fn to_limit(&self, question: &Question) -> Vec<u8> {
        post(
            &format!("/read/{}", self.path()),
            "",
            &json!(question.parameters).to_string(),
        )
    }

    /// The last part of the limit server's address for it.
    pub fn path(&self) -> String {
        self.name.replace(' ', "-")
    }

    /// Fails if two answers to one question differ.
    pub fn check(&self, hub: &[u8], limit: &[u8]) -> Result<()> {
        (self.compare)(&data(hub)?, &data(limit)?)
            .with_context(|| format!("{}: the hub and the limit answer differently", self.name))
    }
}

/// That two answers are the same.
pub fn same(hub: &Value, limit: &Value) -> Result<()> {
    ensure!(hub == limit, "{hub}\n{limit}");
    Ok(())
}

/// What an answer without errors holds. Ids and cursors mean nothing outside the server that gave them, and are left out.
pub fn data(answer: &[u8]) -> Result<Value> {
    let mut answer: Value = serde_json::from_slice(answer)?;
    ensure!(
        answer.get("errors").is_none(),
        "there are errors in the answer: {answer}"
    );
    let mut data = answer["data"].take();
    let shown = data.as_object().into_iter().flat_map(|data| data.values());
    ensure!(shown.clone().any(|value| !value.is_null()), "an answer shows nothing");
    forget_ids(&mut data);
    Ok(data)
}

fn forget_ids(value: &mut Value) {
    match value {
        Value::Object(members) => {
            // An identifier's id is the number in a register, and the same for everyone.
            let is_identifier = members.contains_key("scheme");
            members.retain(|name, _| name != "endCursor" && (name != "id" || is_identifier));
            members.values_mut().for_each(forget_ids);
        }
        Value::Array(elements) => elements.iter_mut().for_each(forget_ids),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_compared_by_what_they_show() {
        let answer = |id: &str, title: &str| {
            let text = json!({ "data": { "tender": {
                "id": id, "title": title, "buyer": { "identifier": { "scheme": "NL-KVK", "id": "1" } },
            } } });
            text.to_string().into_bytes()
        };
        let one = data(&answer("a", "Roads")).unwrap();
        assert_eq!(one["tender"]["buyer"]["identifier"]["id"], "1");
        assert!(same(&one, &data(&answer("b", "Roads")).unwrap()).is_ok());
        assert!(same(&one, &data(&answer("a", "Paths")).unwrap()).is_err());
        assert!(data(br#"{"data":{"tender":null}}"#).is_err());
        assert!(data(br#"{"data":{"tender":{}},"errors":[]}"#).is_err());
    }
}
