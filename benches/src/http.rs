//! As much of an HTTP/1.1 client as measuring takes: one request after the other on a connection that is kept.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Room for what arrives at once: most answers, whole.
const PORTION: usize = 64 * 1024;

/// A connection to a server.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// What a server answered.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'c> {
    head: &'c str,
    /// The body.
    pub body: &'c [u8],
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// If nobody listens there.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)
            .await
            .with_context(|| format!("nobody answers at {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            received: Vec::with_capacity(PORTION),
        })
    }

    /// Sends a request and waits for the whole answer, whose length the server must announce.
    ///
    /// # Errors
    /// If the connection breaks, or the answer is not HTTP with a length.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.received.clear();
        let head = loop {
            if let Some(head) = memmem::find(&self.received, b"\r\n\r\n") {
                break head;
            }
            self.receive().await?;
        };
        let text = str::from_utf8(&self.received[..head]).context("the answer's head is not text")?;
        let length = header(text, "content-length").context("the answer has no length")?;
        let body = head + 4;
        let end = body + length.parse::<usize>().context("the answer's length is no number")?;
        while self.received.len() < end {
            self.receive().await?;
        }
        ensure!(self.received.len() == end, "the answer is longer than its length says");
        Ok(Answer {
            head: str::from_utf8(&self.received[..head])?,
            body: &self.received[body..],
        })
    }

    async fn receive(&mut self) -> Result<()> {
        self.received.reserve(PORTION);
        ensure!(
            self.stream.read_buf(&mut self.received).await? > 0,
            "the server closed the connection"
        );
        Ok(())
    }
}

impl<'c> Answer<'c> {
    /// The value of a header, whose name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&'c str> {
        header(self.head, name)
    }

    /// The body of a successful answer.
    ///
    /// # Errors
    /// If the status is another than 200; the answer is shown.
    pub fn ok(self) -> Result<&'c [u8]> {
        if !self.head.starts_with("HTTP/1.1 200 ") {
            bail!("{}\n\n{}", self.head, String::from_utf8_lossy(self.body));
        }
        Ok(self.body)
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

/// A POST request with a JSON body. `headers` are further lines of its head, each with its end.
pub fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{headers}\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A server that sends these bytes in these portions, whatever it is asked.
    async fn server(portions: &'static [&'static str]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await.unwrap();
            for portion in portions {
                stream.write_all(portion.as_bytes()).await.unwrap();
                stream.flush().await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        address
    }

    #[tokio::test]
    async fn an_answer_in_portions_is_put_together() {
        let address = server(&[
            "HTTP/1.1 200 OK\r\nContent-",
            "Length: 5\r\nX-Cache: HIT\r\n\r",
            "\nhe",
            "llo",
        ])
        .await;
        let mut connection = Connection::open(address).await.unwrap();
        let answer = connection.exchange(&post("/", "", "")).await.unwrap();
        assert_eq!(
            (answer.ok().unwrap(), answer.header("x-cache")),
            (&b"hello"[..], Some("HIT"))
        );
    }

    #[tokio::test]
    async fn an_answer_that_cannot_be_trusted_is_an_error() {
        for portions in [
            &["HTTP/1.1 200 OK\r\n\r\n"][..],
            &["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"],
            &["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!"],
        ] {
            let mut connection = Connection::open(server(portions).await).await.unwrap();
            assert!(connection.exchange(&post("/", "", "")).await.is_err(), "{portions:?}");
        }
        let address = server(&["HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"]).await;
        let mut connection = Connection::open(address).await.unwrap();
        assert!(connection.exchange(&post("/", "", "")).await.unwrap().ok().is_err());
    }
}
