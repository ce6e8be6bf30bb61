//! The messages of [graphql-transport-ws](https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md).

use actix_ws::{CloseCode, CloseReason};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Bytes of the words in a close frame.
const MAX_WORDS: usize = 120;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    /// It would like to begin.
    ConnectionInit {
        /// Whatever it has to say about itself.
        payload: Option<Map<String, Value>>,
    },
    /// It wants to know whether the hub is there.
    Ping {
        /// What is to come back.
        payload: Option<Map<String, Value>>,
    },
    /// It is there.
    Pong {},
    /// It asks for an operation.
    Subscribe {
        /// What it calls the operation.
        id: String,
        /// The request.
        payload: Value,
    },
    /// It has heard enough.
    Complete {
        /// What it calls the operation.
        id: String,
    },
}

/// Why the hub closes a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closing {
    /// A message that is none.
    Invalid(String),
    /// Operations are for those who have begun.
    Unauthorized,
    /// The key is not known.
    Forbidden,
    /// The client offered no protocol that the hub speaks.
    NoSuchProtocol,
    /// The client did not begin in time.
    InitTimeout,
    /// It calls a second operation by the name of one that goes on.
    SubscriberExists(String),
    /// It would like to begin twice.
    TooManyInits,
    /// A message is longer than any may be.
    TooLong,
    /// The hub stops.
    Stopping,
}

impl Closing {
    /// What goes into the close frame.
    pub fn reason(&self) -> CloseReason {
        let (code, words) = match self {
            Self::Invalid(words) => (4400, words.clone()),
            Self::Unauthorized => (4401, "Unauthorized".to_owned()),
            Self::Forbidden => (4403, "Forbidden".to_owned()),
            Self::NoSuchProtocol => (4406, "Subprotocol not acceptable".to_owned()),
            Self::InitTimeout => (4408, "Connection initialisation timeout".to_owned()),
            Self::SubscriberExists(id) => (4409, format!("Subscriber for {id} already exists")),
            Self::TooManyInits => (4429, "Too many initialisation requests".to_owned()),
            Self::TooLong => (1009, "The message is too long".to_owned()),
            Self::Stopping => (1001, "The hub stops".to_owned()),
        };
        let end = (0..=words.len().min(MAX_WORDS)).rfind(|&end| words.is_char_boundary(end));
        CloseReason {
            code: CloseCode::from(code),
            description: Some(words[..end.unwrap_or(0)].to_owned()),
        }
    }
}

/// A message that goes out, with the JSON text of its payload as it is.
pub fn write(kind: &str, id: &str, payload: Option<&[u8]>) -> String {
    let id = Value::from(id);
    let Some(payload) = payload else {
        return format!(r#"{{"id":{id},"type":"{kind}"}}"#);
    };
    let payload = String::from_utf8_lossy(payload);
    format!(r#"{{"id":{id},"type":"{kind}","payload":{payload}}}"#)
}

/// The answer to a ping.
pub fn pong(payload: Option<Map<String, Value>>) -> String {
    match payload {
        Some(payload) => format!(r#"{{"type":"pong","payload":{}}}"#, Value::Object(payload)),
        None => r#"{"type":"pong"}"#.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_close_frame_are_cut_between_characters() {
        let reason = Closing::SubscriberExists("é".repeat(100)).reason();
        assert_eq!(reason.code, CloseCode::Other(4409));
        let words = reason.description.unwrap_or_default();
        assert!(
            words.len() <= MAX_WORDS && words.starts_with("Subscriber for éé"),
            "{words}"
        );
    }

    #[test]
    fn ids_are_written_as_json() {
        assert_eq!(write("complete", "a\"b", None), r#"{"id":"a\"b","type":"complete"}"#);
        assert_eq!(
            write("next", "1", Some(b"{}")),
            r#"{"id":"1","type":"next","payload":{}}"#
        );
    }
}
