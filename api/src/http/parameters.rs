//! The parameters of a GraphQL request, from a JSON body or from a query string.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use async_graphql::Variables;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::refusal::Refusal;
use crate::error::Code;

/// What a request asks. Its `extensions` are checked to be an object and not used.
#[derive(Debug, PartialEq)]
pub struct Parameters {
    /// The document.
    pub query: String,
    /// Which operation of the document.
    pub operation_name: Option<String>,
    /// The values of the operation's variables.
    pub variables: Variables,
}

/// A JSON object, whatever is in it.
type Object = serde_json::Map<String, serde_json::Value>;

/// The body of a POST request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    query: Option<String>,
    operation_name: Option<String>,
    #[serde(default)]
    variables: Variables,
    #[serde(rename = "extensions")]
    _extensions: Option<Object>,
}

/// The query string of a GET request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

impl Parameters {
    /// Reads the JSON body of a POST request.
    ///
    /// # Errors
    /// If it is not one JSON object with entries of the right types.
    pub fn from_body(body: &[u8]) -> Result<Self, Refusal> {
        if body.trim_ascii_start().starts_with(b"[") {
            let message = "several requests in one are not taken; send each on its own, over one connection";
            return Err(Refusal::new(Code::BatchTooLarge, message).with_status(StatusCode::BAD_REQUEST));
        }
        let body: Body = serde_json::from_slice(body)
            .map_err(|error| Refusal::malformed(format!("the body is not a GraphQL request in JSON: {error}")))?;
        Self::new(body.query, body.operation_name, body.variables)
    }

    /// Reads the query string of a GET request. An empty parameter is an absent one.
    ///
    /// # Errors
    /// If a parameter comes twice, or `variables` or `extensions` are not JSON objects.
    pub fn from_address(query_string: &str) -> Result<Self, Refusal> {
        let address = Query::<Address>::from_query(query_string)
            .map_err(|error| Refusal::malformed(format!("the address cannot be read: {error}")))?
            .into_inner();
        object::<Object>("extensions", address.extensions)?;
        Self::new(
            address.query,
            address.operation_name,
            object("variables", address.variables)?.unwrap_or_default(),
        )
    }

    fn new(query: Option<String>, operation_name: Option<String>, variables: Variables) -> Result<Self, Refusal> {
        let query = query
            .filter(|query| !query.is_empty())
            .ok_or_else(|| Refusal::malformed("the parameter `query` is missing: a GraphQL document as text"))?;
        Ok(Self {
            query,
            operation_name: operation_name.filter(|name| !name.is_empty()),
            variables,
        })
    }
}

fn object<T: DeserializeOwned>(name: &str, text: Option<String>) -> Result<Option<T>, Refusal> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    serde_json::from_str(&text)
        .map_err(|error| Refusal::malformed(format!("the parameter `{name}` is not a JSON object: {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parameters(query: &str, operation_name: Option<&str>, variables: serde_json::Value) -> Parameters {
        Parameters {
            query: query.to_owned(),
            operation_name: operation_name.map(str::to_owned),
            variables: Variables::from_json(variables),
        }
    }

    #[test]
    fn a_body_has_a_document_and_what_belongs_to_it() {
        let body = r#"{"query": "{a}", "operationName": "A", "variables": {"b": [1.5]}, "extensions": {}}"#;
        let read = Parameters::from_body(body.as_bytes()).expect("the body is right");
        assert_eq!(read, parameters("{a}", Some("A"), json!({"b": [1.5]})));
    }

    #[test]
    fn null_is_the_same_as_absent() {
        let body = r#"{"query": "{a}", "operationName": null, "variables": null, "extensions": null}"#;
        let read = Parameters::from_body(body.as_bytes()).expect("the body is right");
        assert_eq!(read, parameters("{a}", None, json!({})));
    }

    #[test]
    fn bodies_of_other_shapes_are_refused() {
        let bodies = [
            "",
            "{",
            "null",
            "1",
            "\"{a}\"",
            "{}",
            r#"{"query": null}"#,
            r#"{"query": ""}"#,
            r#"{"query": 1}"#,
            r#"{"query": "{a}", "operationName": 1}"#,
            r#"{"query": "{a}", "variables": "{}"}"#,
            r#"{"query": "{a}", "variables": []}"#,
            r#"{"query": "{a}", "extensions": 0}"#,
            r#"{"query": "{a}"} {}"#,
            r#"{"query": "{a}", "query": "{b}"}"#,
        ];
        for body in bodies {
            assert!(Parameters::from_body(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_batch_is_told_to_come_one_by_one() {
        let refusal = Parameters::from_body(br#" [{"query": "{a}"}]"#).expect_err("a batch is refused");
        assert_eq!(refusal.code(), Code::BatchTooLarge);
    }

    #[test]
    fn an_address_has_the_same_parameters() {
        let read = Parameters::from_address(
            "query=%7Ba%7D+&operationName=null&variables=%7B%22b%22%3A%22%C3%A9%22%7D&other=1",
        );
        assert_eq!(
            read.expect("the address is right"),
            parameters("{a} ", Some("null"), json!({"b": "é"}))
        );
    }

    #[test]
    fn empty_parameters_of_an_address_are_absent() {
        let read = Parameters::from_address("query={a}&operationName=&variables=&extensions=");
        assert_eq!(read.expect("the address is right"), parameters("{a}", None, json!({})));
    }

    #[test]
    fn addresses_of_other_shapes_are_refused() {
        for address in [
            "",
            "query=",
            "query={a}&variables={",
            "query={a}&variables=1",
            "query={a}&extensions=[]",
            "query={a}&query={b}",
        ] {
            assert!(Parameters::from_address(address).is_err(), "{address}");
        }
    }
}
