//! Files on the network as input of `tendergraph ingest`.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::packing::gzip;

/// A request: its path and its headers, named in lower case.
#[derive(Clone, Debug)]
pub struct Request {
    /// The path with the query.
    pub path: String,
    headers: HashMap<String, String>,
}

impl Request {
    /// A header, named in lower case; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What a server sends, and how many bytes of it before it breaks off.
pub struct Answer {
    head: String,
    body: Vec<u8>,
    sent: usize,
}

/// A whole answer: status, more headers, each with its end of line, and body.
pub fn answer(status: &str, headers: &str, body: &[u8]) -> Answer {
    Answer {
        head: format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
            body.len()
        ),
        body: body.to_vec(),
        sent: body.len(),
    }
}

/// The requests that a server got.
pub type Requests = Arc<Mutex<Vec<Request>>>;

/// Serves what `respond` says on a free port, as long as the test lives; tells the port and keeps the requests.
pub fn serve(respond: impl Fn(&Request, usize) -> Answer + Send + 'static) -> (u16, Requests) {
    serve_over(respond, Ok)
}

fn serve_over<S: Read + Write>(
    respond: impl Fn(&Request, usize) -> Answer + Send + 'static,
    secure: impl Fn(TcpStream) -> std::io::Result<S> + Send + 'static,
) -> (u16, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("a listener has an address").port();
    let requests = Requests::default();
    let seen = requests.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client may go away at any time.
            let _ = secure(stream).and_then(|mut stream| {
                let request = read_request(&mut stream)?;
                let number = {
                    let mut seen = seen.lock().expect("no test panics here");
                    seen.push(request.clone());
                    seen.len()
                };
                let answer = respond(&request, number);
                stream.write_all(answer.head.as_bytes())?;
                stream.write_all(&answer.body[..answer.sent])?;
                stream.flush()
            });
        }
    });
    (port, requests)
}

fn read_request(stream: &mut impl Read) -> std::io::Result<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines
        .next()
        .unwrap_or_else(|| Err(std::io::ErrorKind::UnexpectedEof.into()))?;
    let mut headers = HashMap::new();
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else {
            break;
        };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    Ok(Request { path, headers })
}

/// So many releases, one a line, each of a process of its own.
pub fn releases(count: usize) -> String {
    let release = |number| {
        format!(r#"{{"ocid":"ocds-{number}","id":"1","date":"2026-01-01","tag":["tender"],"tender":{{"title":"x"}}}}"#)
    };
    (0..count).map(release).collect::<Vec<_>>().join("\n")
}

/// Loads an address; downloads go to a folder beside the database.
fn load(folder: &Path, url: &str, flags: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_tendergraph"))
        .current_dir(folder)
        .args([
            "ingest",
            url,
            "--source",
            "test",
            "--json",
            "--rejects",
            "rejects.ndjson",
            "--downloads",
            "downloads",
        ])
        .args(flags)
        .env_clear()
        .env("DATABASE_URL", "sqlite://hub.db")
        .output()
        .expect("the binary can be run");
    println!("{url}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn new_releases(output: &Output) -> Option<u64> {
    let summary: Value = serde_json::from_slice(&output.stdout).ok()?;
    summary["new"].as_u64()
}

const PRIVATE: &[&str] = &["--allow-private-addresses"];

#[test]
fn a_file_is_fetched_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let content = gzip(releases(3).as_bytes());
    let (port, requests) = serve(move |request, _| match request.path.as_str() {
        "/moved" => answer("302 Found", "location: /there?really=yes\r\n", b""),
        "/there?really=yes" => answer("200 OK", "etag: \"1\"\r\n", &content),
        _ => answer("404 Not Found", "", b"no"),
    });
    let output = load(
        folder.path(),
        &format!("http://somebody:secret@127.0.0.1:{port}/moved"),
        PRIVATE,
    );
    assert_eq!((output.status.code(), new_releases(&output)), (Some(0), Some(3)));
    assert_eq!(
        fs::read_dir(folder.path().join("downloads"))
            .expect("the folder is made")
            .count(),
        0
    );
    let requests = requests.lock().expect("no test panics here");
    assert!(requests[1].header("user-agent").starts_with("tendergraph/"));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("secret"));
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let content = releases(2000).into_bytes();
    let (port, requests) = serve(move |request, number| {
        let start: Option<usize> = request
            .header("range")
            .strip_prefix("bytes=")
            .and_then(|range| range.trim_end_matches('-').parse().ok());
        let mut whole = answer("200 OK", "etag: \"1\"\r\n", &content);
        match start {
            Some(start) if request.header("if-range") == "\"1\"" => {
                let range = format!(
                    "etag: \"1\"\r\ncontent-range: bytes {start}-{}/{}\r\n",
                    content.len() - 1,
                    content.len()
                );
                answer("206 Partial Content", &range, &content[start..])
            }
            _ => {
                whole.sent = if number == 1 { 50_000 } else { whole.sent };
                whole
            }
        }
    });
    let output = load(folder.path(), &format!("http://127.0.0.1:{port}/"), PRIVATE);
    assert_eq!(new_releases(&output), Some(2000));
    let requests = requests.lock().expect("no test panics here");
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].header("range"), "bytes=50000-");
}

#[test]
fn a_new_version_is_fetched_from_its_start() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (old, new) = (releases(2000).into_bytes(), releases(1500).into_bytes());
    let (port, requests) = serve(move |_, number| {
        let (etag, content) = if number == 1 { ("\"1\"", &old) } else { ("\"2\"", &new) };
        let mut answer = answer("200 OK", &format!("etag: {etag}\r\n"), content);
        answer.sent = if number == 1 { 50_000 } else { answer.sent };
        answer
    });
    let output = load(folder.path(), &format!("http://127.0.0.1:{port}/"), PRIVATE);
    assert_eq!((new_releases(&output), output.status.code()), (Some(1500), Some(0)));
    assert_eq!(
        requests.lock().expect("no test panics here")[1].header("if-range"),
        "\"1\""
    );
}

#[test]
fn another_run_goes_on_with_what_one_has_left() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let content = releases(2000).into_bytes();
    let size = content.len();
    let (port, requests) = serve(move |_, number| match number {
        1 => {
            let mut whole = answer("200 OK", "last-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n", &content);
            whole.sent = 70_000;
            whole
        }
        2 => answer("403 Forbidden", "", b""),
        _ => {
            let range = format!("content-range: bytes 70000-{}/{size}\r\n", size - 1);
            answer("206 Partial Content", &range, &content[70_000..])
        }
    });
    let url = format!("http://127.0.0.1:{port}/");
    assert_eq!(load(folder.path(), &url, PRIVATE).status.code(), Some(1));
    let left = fs::read_dir(folder.path().join("downloads")).expect("the folder is made");
    assert_eq!(left.count(), 2);
    assert_eq!(new_releases(&load(folder.path(), &url, PRIVATE)), Some(2000));
    let requests = requests.lock().expect("no test panics here");
    assert_eq!(requests[2].header("range"), "bytes=70000-");
    assert_eq!(requests[2].header("if-range"), "Thu, 01 Jan 2026 00:00:00 GMT");
}

#[test]
fn private_addresses_are_refused_unless_allowed() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let content = releases(1);
    let (port, requests) = serve(move |_, _| answer("200 OK", "", content.as_bytes()));
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433"] {
        let output = load(folder.path(), &format!("http://{host}:{port}/"), &[]);
        assert_eq!(output.status.code(), Some(1), "{host}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("--allow-private-addresses"),
            "{host}"
        );
    }
    assert_eq!(requests.lock().expect("no test panics here").len(), 0);
    let rejects = fs::read_to_string(folder.path().join("rejects.ndjson")).expect("rejects are written");
    assert!(rejects.lines().all(|line| line.contains(r#""code":"not_fetched""#)));
}

#[test]
fn limits_and_errors_are_told() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let content = releases(20_000);
    let (port, _) = serve(move |request, _| match request.path.as_str() {
        "/large" => answer("200 OK", "", content.as_bytes()),
        "/endless" => Answer {
            head: "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_owned(),
            body: content.clone().into_bytes(),
            sent: content.len(),
        },
        "/circle" => answer("302 Found", "location: /circle\r\n", b""),
        "/file" => answer("302 Found", "location: file:///etc/passwd\r\n", b""),
        _ => answer("404 Not Found", "", b""),
    });
    for (path, word) in [
        ("/large", "more than 1000000 bytes"),
        ("/endless", "more than 1000000 bytes"),
        ("/circle", "redirect"),
        ("/file", "cannot be fetched"),
        ("/missing", "status 404"),
    ] {
        let flags = ["--allow-private-addresses", "--download-limit", "1"];
        let output = load(folder.path(), &format!("http://127.0.0.1:{port}{path}"), &flags);
        assert_eq!(output.status.code(), Some(1), "{path}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(word), "{path}: {told}");
    }
}

#[test]
fn one_file_that_cannot_be_fetched_does_not_stop_the_others() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(folder.path().join("one.json"), releases(1)).expect("the folder can be written");
    let (port, _) = serve(|_, _| answer("410 Gone", "", b""));
    let output = load(
        folder.path(),
        &format!("http://127.0.0.1:{port}/"),
        &["one.json", "--allow-private-addresses"],
    );
    assert_eq!((output.status.code(), new_releases(&output)), (Some(3), Some(1)));
}

#[test]
fn certificates_are_checked() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate can be made");
    fs::write(folder.path().join("authority.pem"), key.cert.pem()).expect("the folder can be written");
    let private = rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der()).expect("it is a key");
    let config = rustls::ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("there are protocols")
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .expect("the key goes with the certificate");
    let config = Arc::new(config);
    let content = releases(2);
    let (port, _) = serve_over(
        move |_, _| answer("200 OK", "", content.as_bytes()),
        move |stream| {
            let session = rustls::ServerConnection::new(config.clone()).map_err(std::io::Error::other)?;
            Ok(rustls::StreamOwned::new(session, stream))
        },
    );
    let url = format!("https://localhost:{port}/");
    let unknown = load(folder.path(), &url, PRIVATE);
    assert_eq!(unknown.status.code(), Some(1));
    let trusted = load(
        folder.path(),
        &url,
        &["--allow-private-addresses", "--certificates", "authority.pem"],
    );
    assert_eq!(new_releases(&trusted), Some(2));
}
