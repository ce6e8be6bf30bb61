//! As much of an HTTP/1.1 client as the tests need: one request on a connection of its own, whatever it looks like.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct Request {
    head: String,
    body: Vec<u8>,
}

impl Request {
    /// A request without a body.
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            head: format!("{method} {target} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n"),
            body: Vec::new(),
        }
    }

    pub fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A GraphQL request that asks `query`.
    pub fn query(query: &str) -> Self {
        Self::json(&json!({ "query": query }))
    }

    /// A POST of JSON to `/graphql`.
    pub fn json(body: &Value) -> Self {
        Self::new("POST", "/graphql")
            .header("Content-Type", "application/json")
            .body(body.to_string())
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        for part in [name, ": ", value, "\r\n"] {
            self.head.push_str(part);
        }
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        let length = self.body.len();
        self.header("Content-Length", &length.to_string())
    }

    /// A body that says itself where it ends.
    pub fn raw_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends the request and leaves the answer for later.
    pub async fn open(&self, address: SocketAddr) -> Pending {
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        stream
            .write_all(format!("{}\r\n", self.head).as_bytes())
            .await
            .expect("the head can be sent");
        // A server that refuses the body by its announced length need not read it.
        let _ = stream.write_all(&self.body).await;
        Pending(stream)
    }

    pub async fn send(&self, address: SocketAddr) -> Reply {
        self.open(address).await.reply().await
    }
}

/// A request that was sent.
pub struct Pending(TcpStream);

impl Pending {
    pub async fn reply(mut self) -> Reply {
        let mut bytes = Vec::new();
        self.0.read_to_end(&mut bytes).await.expect("the answer can be read");
        Reply::parse(&bytes)
    }
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    headers: Vec<(String, String)>,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// The body as text; what is no text is replaced.
    pub body: String,
}

impl Reply {
    fn parse(bytes: &[u8]) -> Self {
        const END: &[u8] = b"\r\n\r\n";
        let end = bytes.windows(END.len()).position(|window| window == END);
        let end = end.unwrap_or_else(|| panic!("no HTTP: {:?}", String::from_utf8_lossy(bytes)));
        let head = std::str::from_utf8(&bytes[..end]).expect("the heads that the hub sends are text");
        let body = &bytes[end + END.len()..];
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .and_then(|status| status.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(':'));
        Self {
            status: status.expect("a status line has a number"),
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
            bytes: body.to_vec(),
            body: String::from_utf8_lossy(body).into_owned(),
        }
    }

    /// The values of a header, joined as they would be in one line.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self
            .headers
            .iter()
            .filter(|(found, _)| found == name)
            .map(|(_, value)| &**value)
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of the first error.
    pub fn code(&self) -> String {
        let json = self.json();
        let code = json["errors"][0]["extensions"]["code"].as_str();
        code.unwrap_or_else(|| panic!("no error with a code: {self:?}"))
            .to_owned()
    }

    pub fn x_cache(&self) -> String {
        self.header("x-cache").unwrap_or_else(|| panic!("no x-cache: {self:?}"))
    }
}
