//! What a collector of traces is told of a request: from the request itself down to its statements.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::json;

use crate::harness::{Hub, on_both_databases};

const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
const CALLER: u64 = 0x00f0_67aa_0ba9_02b7;

/// What a collector was sent.
type Sent = Arc<Mutex<Vec<ExportTraceServiceRequest>>>;

/// A collector, and where it is.
fn collect() -> (Sent, String) {
    let sent = Sent::default();
    let data = Data::new(sent.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .route("/v1/traces", web::post().to(take))
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0");
    let server = server.expect("there is a free port");
    let url = format!("http://{}", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    (sent, url)
}

async fn take(body: Bytes, sent: Data<Sent>) -> HttpResponse {
    let request = ExportTraceServiceRequest::decode(body).expect("what is sent is OTLP");
    sent.lock().expect("nobody panics while holding it").push(request);
    HttpResponse::Ok().finish()
}

/// Runs the binary as a server of the hub's data; gives its address too.
fn serve(hub: &Hub, variables: &[(&str, &str)]) -> (Child, String) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_tendergraph"))
        .current_dir(hub.folder.path())
        .args(["serve", "--bind", "127.0.0.1:0", "--index-path", "traced-index"])
        .env_clear()
        .env("DATABASE_URL", &hub.database_url)
        .env("LOG_FORMAT", "json")
        .envs(variables.iter().copied())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary can be run");
    let mut log = BufReader::new(server.stderr.take().expect("it is piped"));
    let mut line = String::new();
    while !line.contains("serving on") {
        line.clear();
        let length = log.read_line(&mut line).expect("the log is text");
        assert_ne!(length, 0, "the server has ended");
    }
    // A pipe that nobody reads would stop the server in the end.
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    let event: serde_json::Value = serde_json::from_str(&line).expect("a line of the log is JSON");
    let address = event["address"].as_str().expect("it tells the address").to_owned();
    (server, format!("http://{address}/graphql"))
}

/// Tells the server to stop, and waits until it has.
fn stop(mut server: Child) {
    let told = Command::new("kill").arg(server.id().to_string()).status();
    assert!(told.expect("there is `kill`").success());
    assert!(server.wait().expect("it ends").success());
}

async fn ask(url: &str, traceparent: String) {
    let url = url.to_owned();
    // Lots are asked for in two ways, so that they do not come with their tenders.
    let query = "query Titles { tenders(first: 3) { nodes { title
        lots(first: 5) { nodes { title } } first: lots(first: 1) { nodes { title } }
    } } }";
    let body = json!({ "query": query }).to_string();
    let asked = web::block(move || {
        let request = ureq::post(&url)
            .header("content-type", "application/json")
            .header("x-request-id", "request-7")
            .header("traceparent", traceparent);
        request.send(body).map(|response| response.status())
    });
    assert_eq!(
        asked.await.expect("it is not cancelled").expect("the server answers"),
        200
    );
}

/// All spans that were sent. Whatever sent them must have told its name.
fn spans(sent: &Sent) -> Vec<Span> {
    let sent = sent.lock().expect("nobody panics while holding it");
    let resources = sent.iter().flat_map(|request| &request.resource_spans);
    let mut spans = Vec::new();
    for of_resource in resources {
        let resource = of_resource.resource.as_ref().expect("spans have a resource");
        assert_eq!(text(&resource.attributes, "service.name"), "hub-under-test");
        spans.extend(of_resource.scope_spans.iter().flat_map(|scope| scope.spans.clone()));
    }
    spans
}

fn value<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a Value> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    found.value.as_ref()?.value.as_ref()
}

fn text<'a>(attributes: &'a [KeyValue], name: &str) -> &'a str {
    match value(attributes, name) {
        Some(Value::StringValue(text)) => text,
        other => panic!("{name} is {other:?}"),
    }
}

fn number(attributes: &[KeyValue], name: &str) -> i64 {
    match value(attributes, name) {
        Some(Value::IntValue(number)) => *number,
        other => panic!("{name} is {other:?}"),
    }
}

fn called<'a>(spans: &'a [Span], name: &str) -> Vec<&'a Span> {
    spans.iter().filter(|span| span.name == name).collect()
}

on_both_databases! {
    async fn a_request_is_told_down_to_its_statements_and_goes_on_the_clients_trace(hub: &Hub) {
        hub.ingest_demo(20).await;
        let (sent, collector) = collect();
        let variables = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.as_str()),
            ("OTEL_SERVICE_NAME", "hub-under-test"),
            // Nothing is sent until the server stops.
            ("OTEL_BSP_SCHEDULE_DELAY", "3600000"),
        ];
        let (server, url) = serve(hub, &variables);
        ask(&url, format!("00-{TRACE:032x}-{CALLER:016x}-01")).await;
        // One that the client does not want to be traced.
        ask(&url, format!("00-{:032x}-{CALLER:016x}-00", TRACE + 1)).await;
        web::block(move || stop(server)).await.expect("it is not cancelled");

        let spans = spans(&sent);
        assert!(spans.iter().all(|span| span.trace_id == TRACE.to_be_bytes()), "{spans:#?}");
        let [request] = called(&spans, "request")[..] else { panic!("one request: {spans:#?}") };
        assert_eq!(request.parent_span_id, CALLER.to_be_bytes());
        assert_eq!(request.kind, 2, "a server's");
        assert_eq!(text(&request.attributes, "url.path"), "/graphql");
        assert_eq!(number(&request.attributes, "http.response.status_code"), 200);
        assert_eq!(text(&request.attributes, "cache"), "MISS");

        let [operation] = called(&spans, "operation")[..] else { panic!("one operation: {spans:#?}") };
        assert_eq!(operation.parent_span_id, request.span_id);
        for (name, expected) in [("name", "Titles"), ("kind", "query"), ("request_id", "request-7"), ("outcome", "executed")] {
            assert_eq!(text(&operation.attributes, name), expected);
        }
        assert!(number(&operation.attributes, "cost") > 0);

        let batches = called(&spans, "batch");
        assert!(batches.iter().all(|batch| batch.parent_span_id == operation.span_id));
        let [lots] = batches[..] else { panic!("one batch: {spans:#?}") };
        assert_eq!(text(&lots.attributes, "kind"), "Level PartsOf LotRow");
        assert_eq!((number(&lots.attributes, "keys"), number(&lots.attributes, "objects")), (2, 6));

        let statements = called(&spans, "statement");
        let parents: HashSet<&[u8]> = statements.iter().map(|statement| &statement.parent_span_id[..]).collect();
        assert_eq!(parents, HashSet::from([&operation.span_id[..], &lots.span_id[..]]));
        assert!(statements.iter().any(|statement| number(&statement.attributes, "rows") >= 3));
        assert_eq!(spans.len(), 3 + statements.len(), "no span for a field: {spans:#?}");
    }
}
