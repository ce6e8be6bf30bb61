//! As much of a WebSocket client as the tests need: short text messages, and what closes the socket.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const FINAL: u8 = 0x80;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const MASKED: u8 = 0x80;
/// Instead of a length: it follows in so many bytes.
const TWO_BYTES: u8 = 126;
const EIGHT_BYTES: u8 = 127;
/// What clients must mask their messages with. Any four bytes are right.
const MASK: [u8; 4] = [0; 4];

pub struct WebSocket(TcpStream);

/// What a hub sends.
#[derive(Debug, PartialEq)]
pub enum Received {
    Message(Value),
    Closed(u16, String),
}

impl WebSocket {
    /// Opens a socket, and gives the head of the response to the upgrade.
    pub async fn open(address: SocketAddr, headers: &str) -> (Self, String) {
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        let head = format!(
            "GET /graphql HTTP/1.1\r\nHost: hub\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("the head can be sent");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("the server answers"));
        }
        (Self(stream), String::from_utf8(head).expect("heads are text"))
    }

    /// Opens a socket for GraphQL.
    pub async fn graphql(address: SocketAddr) -> Self {
        let (socket, head) = Self::open(address, "Sec-WebSocket-Protocol: graphql-transport-ws\r\n").await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        socket
    }

    /// Opens a socket for GraphQL and begins.
    pub async fn begun(address: SocketAddr) -> Self {
        let mut socket = Self::graphql(address).await;
        socket.send(&json!({ "type": "connection_init" })).await;
        assert_eq!(
            socket.receive().await,
            Received::Message(json!({ "type": "connection_ack" }))
        );
        socket
    }

    pub async fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        self.frame(TEXT, text.as_bytes()).await;
    }

    pub async fn send_binary(&mut self, bytes: &[u8]) {
        self.frame(BINARY, bytes).await;
    }

    async fn frame(&mut self, kind: u8, payload: &[u8]) {
        let mut frame = vec![FINAL | kind];
        match u16::try_from(payload.len()) {
            Ok(length @ 0..126) => frame.push(MASKED | u8::try_from(length).expect("it is short")),
            Ok(length) => {
                frame.push(MASKED | TWO_BYTES);
                frame.extend_from_slice(&length.to_be_bytes());
            }
            Err(_) => {
                frame.push(MASKED | EIGHT_BYTES);
                frame.extend_from_slice(&(payload.len() as u64).to_be_bytes());
            }
        }
        frame.extend_from_slice(&MASK);
        frame.extend_from_slice(payload);
        // A hub that has closed the socket need not read on.
        let _ = self.0.write_all(&frame).await;
    }

    /// The next thing that is not about the connection alone.
    pub async fn receive(&mut self) -> Received {
        loop {
            let kind = self.0.read_u8().await.expect("there is a frame") & 0x0F;
            let length = match self.0.read_u8().await.expect("a frame has a length") {
                TWO_BYTES => self.0.read_u16().await.expect("a frame has a length").into(),
                EIGHT_BYTES => self.0.read_u64().await.expect("a frame has a length"),
                length => u64::from(length),
            };
            let mut payload = vec![0; usize::try_from(length).expect("it fits")];
            self.0.read_exact(&mut payload).await.expect("a frame is whole");
            match kind {
                TEXT => return Received::Message(serde_json::from_slice(&payload).expect("messages are JSON")),
                CLOSE => {
                    let code = payload.first_chunk().map_or(1005, |&code| u16::from_be_bytes(code));
                    let words = payload.get(2..).unwrap_or_default();
                    return Received::Closed(code, String::from_utf8_lossy(words).into_owned());
                }
                PING => {}
                kind => panic!("a frame of kind {kind}"),
            }
        }
    }

    /// The code and words with which the hub closes the socket.
    pub async fn closed(&mut self) -> (u16, String) {
        match self.receive().await {
            Received::Closed(code, words) => (code, words),
            Received::Message(message) => panic!("a message instead of an end: {message}"),
        }
    }

    /// The next message.
    pub async fn message(&mut self) -> Value {
        match self.receive().await {
            Received::Message(message) => message,
            Received::Closed(code, words) => panic!("closed with {code} {words}"),
        }
    }
}
