//! The web pages, which the binary contains: GraphiQL and what it loads.

use std::borrow::Cow;

use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse, http::header};
use rust_embed::RustEmbed;

use super::conditional::Document;

/// What the build of `web/` left. In debug builds it is read from there.
#[derive(RustEmbed)]
#[folder = "../web/dist"]
struct Built;

/// A page may load its own files and nothing else. The editor sets styles inline and starts workers from blobs.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'";
/// For files whose name changes with their content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const NOT_BUILT: &str = "The web pages were not built into this binary. Build them and then the binary:\n\n  \
     make web\n  cargo build --release\n\nThe API itself answers at /graphql, its schema is at /schema.graphql.\n";

/// `GET /`.
pub async fn root() -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, "/graphiql"))
        .finish()
}

/// `GET /graphiql`.
pub async fn graphiql(request: HttpRequest) -> HttpResponse {
    let Some(page) = find("graphiql.html") else {
        return HttpResponse::NotFound()
            .content_type("text/plain; charset=utf-8")
            .body(NOT_BUILT);
    };
    let mut response = page.respond(&request);
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        header::HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    );
    response
}

/// `GET /favicon.svg`.
pub async fn favicon(request: HttpRequest) -> HttpResponse {
    find("favicon.svg").map_or_else(missing, |icon| icon.respond(&request))
}

/// `GET /assets/…`.
pub async fn asset(request: HttpRequest, name: Path<String>) -> HttpResponse {
    let Some(mut asset) = find(&format!("assets/{name}")) else {
        return missing();
    };
    if is_hashed(&name) {
        asset.cache_control = FOR_EVER;
    }
    asset.respond(&request)
}

/// Everything that is not there.
pub async fn not_found() -> HttpResponse {
    missing()
}

fn missing() -> HttpResponse {
    HttpResponse::NotFound()
        .content_type("text/plain; charset=utf-8")
        .body("There is nothing at this address.\n")
}

fn find(path: &str) -> Option<Document> {
    let body = match Built::get(path)?.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    Some(Document::new(body, content_type(path)))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("woff") => "font/woff",
        Some("ttf") => "font/ttf",
        Some("wasm") => "application/wasm",
        Some("md" | "txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether a file's name has the hash of its content: eight characters behind a dash, before the extension.
fn is_hashed(name: &str) -> bool {
    let Some((stem, _)) = name.rsplit_once('.') else {
        return false;
    };
    let Some((rest, hash)) = stem.split_at_checked(stem.len().saturating_sub(8)) else {
        return false;
    };
    rest.len() > 1
        && rest.ends_with('-')
        && hash
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_may_be_kept_for_ever() {
        assert!(is_hashed("graphiql-B2VO9NXW.js"));
        assert!(is_hashed("rolldown-runtime-XKyaHt-9.js"));
        assert!(is_hashed("editor.worker-DEFT_Yb2.js"));
        for name in [
            "licenses.md",
            "graphiql.js",
            "-B2VO9NXW.js",
            "graphiql-B2VO9NX",
            "é-B2VO9NXé.js",
            "",
        ] {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
