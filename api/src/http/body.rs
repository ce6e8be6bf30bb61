//! Reading the body of a request: all of it, but not more than allowed, and not for ever.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::refusal::Refusal;
use crate::error::Code;

/// Bytes of a body.
pub const MAX_BYTES: usize = 1024 * 1024;
/// How long a client may take to send one.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads a body.
///
/// # Errors
/// 413 if it is too large, 408 if it does not come to its end in time, 400 if it breaks off.
pub async fn read(headers: &HeaderMap, payload: Payload) -> Result<Bytes, Refusal> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_BYTES) {
        return Err(too_large());
    }
    timeout(PATIENCE, collect(payload)).await.unwrap_or_else(|_| {
        let message = format!("the body did not come to its end within {} s", PATIENCE.as_secs());
        Err(Refusal::new(Code::BadUserInput, message).with_status(StatusCode::REQUEST_TIMEOUT))
    })
}

/// Most bodies come in one piece, which is passed on as it is.
async fn collect(mut payload: Payload) -> Result<Bytes, Refusal> {
    let mut whole = BytesMut::new();
    let mut only = Bytes::new();
    while let Some(piece) = payload.next().await {
        let piece = piece.map_err(|error| {
            let message = format!("the body breaks off: {error}");
            Refusal::new(Code::BadUserInput, message).with_status(StatusCode::BAD_REQUEST)
        })?;
        if only.is_empty() && whole.is_empty() {
            only = piece;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut only));
            whole.extend_from_slice(&piece);
        }
        if only.len().max(whole.len()) > MAX_BYTES {
            return Err(too_large());
        }
    }
    Ok(if whole.is_empty() { only } else { whole.freeze() })
}

fn too_large() -> Refusal {
    let message = format!("the body has more than {MAX_BYTES} bytes");
    Refusal::new(Code::QueryTooLarge, message).with_status(StatusCode::PAYLOAD_TOO_LARGE)
}
