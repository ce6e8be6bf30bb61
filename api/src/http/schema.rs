//! `GET /schema.graphql`: the schema as text, for code generators and people.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::conditional::Document;
use crate::graph;

/// The text, made once.
pub struct Sdl(Document);

impl Sdl {
    /// Prints the schema.
    #[must_use]
    pub fn new() -> Self {
        Self(Document::new(graph::sdl(), "text/plain; charset=utf-8"))
    }
}

/// Answers with the schema.
pub async fn get(request: HttpRequest, sdl: Data<Sdl>) -> HttpResponse {
    sdl.0.respond(&request)
}
