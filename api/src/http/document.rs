//! Documents, parsed and measured once.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use async_graphql::Name;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::parser::{self, parse_query};
use moka::future::Cache;

use super::refusal::Refusal;
use super::{limits, strings, tokens};
use crate::error::Code;
use crate::graph::Roots;

/// How many bytes parsed documents may take up, by a rough guess.
const CAPACITY: u64 = 32 * 1024 * 1024;
/// How much bigger a parsed document is than its text.
const GROWTH: usize = 16;

/// A document within all bounds.
pub struct Document {
    /// What the engine executes.
    pub parsed: ExecutableDocument,
    /// What the engine needs of it once it is valid, if that is less.
    pub roots: Option<Arc<Roots>>,
    /// The names of its fragments, each after those that it spreads.
    pub fragments: Vec<Name>,
    /// Whether the engine has validated it and found nothing; what is left to check then are the variables.
    pub is_valid: AtomicBool,
    /// What its only operation costs, once that is known, unless variables decide that.
    pub cost: OnceLock<u64>,
    /// Bytes it takes up, roughly.
    weight: u32,
}

impl Document {
    /// The operation that is asked for.
    ///
    /// # Errors
    /// If there is none of this name, or several and no name.
    pub fn operation(&self, name: Option<&str>) -> Result<&OperationDefinition, Refusal> {
        let refusal = |message: String| Refusal::new(Code::GraphqlValidationFailed, message);
        let found = match (&self.parsed.operations, name) {
            (DocumentOperations::Single(operation), None) => Some(operation),
            (DocumentOperations::Single(_), Some(_)) => None,
            (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
            (DocumentOperations::Multiple(operations), None) => {
                let mut all = operations.values();
                let first = all.next();
                if all.next().is_some() {
                    let message = "the document has several operations; say which in `operationName`";
                    return Err(refusal(message.to_owned()));
                }
                first
            }
        };
        let no_such = || {
            refusal(format!(
                "the document has no operation named \"{}\"",
                name.unwrap_or_default()
            ))
        };
        found.map(|operation| &operation.node).ok_or_else(no_such)
    }
}

/// The name of the type at the root of an operation.
#[must_use]
pub const fn root_type(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

/// Parses documents and keeps those that may be executed. Shared by all workers.
pub struct Documents {
    known: Cache<blake3::Hash, Arc<Document>>,
    max_depth: usize,
}

impl Documents {
    /// Takes documents of up to `max_depth` levels.
    #[must_use]
    pub fn new(max_depth: usize) -> Self {
        let known = Cache::builder()
            .max_capacity(CAPACITY)
            .weigher(|_, document: &Arc<Document>| document.weight)
            .build();
        Self { known, max_depth }
    }

    /// The document of this text, parsed and within all bounds.
    ///
    /// # Errors
    /// If it is too long, is not GraphQL, exceeds a bound of [`limits`], or holds texts that nobody writes.
    pub async fn parse(&self, text: &str) -> Result<Arc<Document>, Refusal> {
        let key = blake3::hash(text.as_bytes());
        if let Some(document) = self.known.get(&key).await {
            return Ok(document);
        }
        tokens::check(text)?;
        let parsed = parse_query(text).map_err(|error| syntax(&error))?;
        let fragments = limits::check(&parsed, self.max_depth)?;
        strings::check(&parsed)?;
        let weight = u32::try_from(text.len() * GROWTH).unwrap_or(u32::MAX);
        let document = Arc::new(Document {
            roots: Roots::of(&parsed).map(Arc::new),
            parsed,
            fragments,
            is_valid: AtomicBool::new(false),
            cost: OnceLock::new(),
            weight,
        });
        self.known.insert(key, Arc::clone(&document)).await;
        Ok(document)
    }
}

/// One line of what is wrong and where. The parser's own words draw the place with the text of the document around it.
fn syntax(error: &parser::Error) -> Refusal {
    let words = error.to_string();
    let words = words
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("= "))
        .unwrap_or(&words);
    let words = words.lines().next().unwrap_or_default().trim();
    let refusal = Refusal::unparsed(format!("the document is not GraphQL: {words}"));
    match error.positions().next() {
        Some(position) => refusal.at(position),
        None => refusal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document {
            roots: None,
            parsed: parse_query(text).expect("the test's own document"),
            fragments: Vec::new(),
            is_valid: AtomicBool::new(false),
            cost: OnceLock::new(),
            weight: 0,
        }
    }

    fn complaint(text: &str) -> String {
        let refusal = syntax(&parse_query(text).expect_err("the document is wrong"));
        String::from_utf8(refusal.into_answer().body.to_vec()).expect("JSON is UTF-8")
    }

    #[test]
    fn a_syntax_error_is_one_line_with_its_place() {
        let expected = r#"{"errors":[{"message":"the document is not GraphQL: expected selection","locations":[{"line":2,"column":3}],"extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]}"#;
        assert_eq!(complaint("{ a {\n  "), expected);
    }

    #[test]
    fn a_name_given_twice_is_a_syntax_error_too() {
        assert!(complaint("query A { a } query A { b }").contains("operation A is defined twice"));
        assert!(complaint("fragment A on Q { a }").contains("does not contain an operation"));
    }

    #[test]
    fn the_name_chooses_the_operation() {
        let two = document("query A { a } mutation B { b }");
        let kind = |name| two.operation(name).ok().map(|operation| operation.ty);
        assert_eq!(kind(Some("A")), Some(OperationType::Query));
        assert_eq!(kind(Some("B")), Some(OperationType::Mutation));
        assert_eq!(kind(Some("C")), None);
        assert_eq!(kind(None), None);
    }

    #[test]
    fn a_single_operation_needs_no_name() {
        let kind = |text, name| document(text).operation(name).ok().map(|operation| operation.ty);
        assert_eq!(kind("query A { a }", None), Some(OperationType::Query));
        assert_eq!(kind("subscription { a }", None), Some(OperationType::Subscription));
        assert_eq!(kind("{ a }", Some("A")), None);
    }
}
