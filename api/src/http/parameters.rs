//! The parameters of a GraphQL request, from a JSON body or from a query string.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use async_graphql::Variables;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::refusal::Refusal;
use crate::error::Code;

/// What a request asks.
#[derive(Debug, PartialEq)]
pub struct Parameters {
    /// Which document.
    pub wanted: Wanted,
    /// Which operation of the document.
    pub operation_name: Option<String>,
    /// The values of the operation's variables.
    pub variables: Variables,
}

/// How a request says which document it means.
#[derive(Debug, PartialEq)]
pub enum Wanted {
    /// By its text.
    Text(String),
    /// By its id (trusted documents).
    Id(String),
    /// By the hash of its text (automatic persisted queries), and with the text if the hub is to keep it.
    Hash(String, Option<String>),
}

/// A JSON object, whatever is in it.
type Object = serde_json::Map<String, serde_json::Value>;

/// The body of a POST request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    #[serde(default)]
    variables: Variables,
    extensions: Option<Object>,
}

/// The query string of a GET request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// The extension `persistedQuery`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersistedQuery {
    version: u32,
    sha256_hash: String,
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
        let body: Body = serde_json::from_slice(body).map_err(|error| {
            let refusal = Refusal::malformed(format!("the body is not a GraphQL request in JSON: {error}"));
            match error.classify() {
                Category::Data => refusal,
                _ => refusal.with_status(StatusCode::BAD_REQUEST),
            }
        })?;
        body.try_into()
    }

    /// Reads what a socket's message to subscribe brings along.
    ///
    /// # Errors
    /// If it is not an object with entries of the right types.
    pub fn from_message(payload: serde_json::Value) -> Result<Self, Refusal> {
        let body: Body = serde_json::from_value(payload)
            .map_err(|error| Refusal::malformed(format!("the payload is not a GraphQL request: {error}")))?;
        body.try_into()
    }

    /// Reads the query string of a GET request. An empty parameter is an absent one.
    ///
    /// # Errors
    /// If a parameter comes twice, or `variables` or `extensions` are not JSON objects.
    pub fn from_address(query_string: &str) -> Result<Self, Refusal> {
        let address = Query::<Address>::from_query(query_string)
            .map_err(|error| Refusal::malformed(format!("the address cannot be read: {error}")))?
            .into_inner();
        let extensions = object("extensions", address.extensions)?;
        Ok(Self {
            wanted: Wanted::new(address.query, address.document_id, extensions)?,
            operation_name: address.operation_name.filter(|name| !name.is_empty()),
            variables: object("variables", address.variables)?.unwrap_or_default(),
        })
    }
}

impl TryFrom<Body> for Parameters {
    type Error = Refusal;

    fn try_from(body: Body) -> Result<Self, Refusal> {
        Ok(Self {
            wanted: Wanted::new(body.query, body.document_id, body.extensions)?,
            operation_name: body.operation_name.filter(|name| !name.is_empty()),
            variables: body.variables,
        })
    }
}

impl Wanted {
    fn new(query: Option<String>, id: Option<String>, extensions: Option<Object>) -> Result<Self, Refusal> {
        let query = query.filter(|query| !query.is_empty());
        let id = id.filter(|id| !id.is_empty());
        let hash = extensions.map(persisted_hash).transpose()?.flatten();
        match (query, id, hash) {
            (text, None, Some(hash)) => Ok(Self::Hash(hash, text)),
            (Some(text), None, None) => Ok(Self::Text(text)),
            (None, Some(id), None) => Ok(Self::Id(id)),
            (None, None, None) => Err(Refusal::malformed(
                "the parameter `query` is missing: a GraphQL document as text",
            )),
            (_, Some(_), _) => Err(Refusal::malformed(
                "`documentId` names a document on its own: leave the rest out",
            )),
        }
    }
}

/// The hash in the extension `persistedQuery`; other extensions are not for this hub.
fn persisted_hash(mut extensions: Object) -> Result<Option<String>, Refusal> {
    let refusal = |what: &str| {
        let message = format!("the extension `persistedQuery` {what}; write {{\"version\": 1, \"sha256Hash\": \"…\"}}");
        Refusal::malformed(message)
    };
    let Some(extension) = extensions
        .remove("persistedQuery")
        .filter(|extension| !extension.is_null())
    else {
        return Ok(None);
    };
    let extension: PersistedQuery =
        serde_json::from_value(extension).map_err(|error| refusal(&format!("cannot be read: {error}")))?;
    match extension.version {
        1 => Ok(Some(extension.sha256_hash)),
        version => Err(refusal(&format!("has the version {version}"))),
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
            wanted: Wanted::Text(query.to_owned()),
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
    fn a_document_can_be_named_by_its_hash_or_id() {
        let extensions = r#"{"persistedQuery": {"version": 1, "sha256Hash": "ab"}, "other": 1}"#;
        let body = format!(r#"{{"extensions": {extensions}}}"#);
        let read = Parameters::from_body(body.as_bytes()).expect("the body is right");
        assert_eq!(read.wanted, Wanted::Hash("ab".to_owned(), None));
        let read = Parameters::from_body(br#"{"documentId": "ab"}"#).expect("the body is right");
        assert_eq!(read.wanted, Wanted::Id("ab".to_owned()));
        let read = Parameters::from_address("documentId=ab&query=").expect("the address is right");
        assert_eq!(read.wanted, Wanted::Id("ab".to_owned()));
        assert!(Parameters::from_body(br#"{"documentId": "ab", "query": "{a}"}"#).is_err());
        for extension in [
            "1",
            "{}",
            r#"{"version": 2, "sha256Hash": "ab"}"#,
            r#"{"version": 1, "sha256Hash": 1}"#,
        ] {
            let body = format!(r#"{{"query": "{{a}}", "extensions": {{"persistedQuery": {extension}}}}}"#);
            assert!(Parameters::from_body(body.as_bytes()).is_err(), "{extension}");
        }
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
