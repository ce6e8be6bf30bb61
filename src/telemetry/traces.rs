//! Traces of requests, sent to an OpenTelemetry collector by OTLP over HTTP.
//!
//! The SDK gathers spans and sends them from a thread of its own, so that no request waits for the collector, and a
//! collector that is gone loses its traces and nothing else. Which requests are traced says the client, in `traceparent`,
//! or else the variable `OTEL_TRACES_SAMPLER`.

use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{KeyValue, global};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::registry::LookupSpan;

use crate::config::TraceSettings;

/// How long the collector may take to take spans.
const PATIENCE: Duration = Duration::from_secs(10);

/// The sending of traces, until this is dropped: then what is left is sent.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Starts it, if the settings name a collector.
    ///
    /// # Errors
    /// If they name what is no address.
    pub fn start(settings: &TraceSettings) -> anyhow::Result<Option<Self>> {
        let Some(endpoint) = settings.endpoint() else {
            return Ok(None);
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Courier::new())
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .build()
            .with_context(|| format!("{endpoint} is not the address of an OpenTelemetry collector"))?;
        let resource = Resource::builder()
            .with_service_name(settings.service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_batch_exporter(exporter)
            .build();
        global::set_text_map_propagator(TraceContextPropagator::new());
        Ok(Some(Self { provider }))
    }

    /// What hears of spans, and of warnings in them.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("tendergraph"))
            // Where in the source a span begins, and on which thread, is nothing to those who run the hub.
            .with_location(false)
            .with_threads(false)
            .with_filter(FilterFn::new(is_told as fn(&Metadata<'_>) -> bool).with_max_level_hint(Level::DEBUG))
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// The hub's own spans, and what is said in them of trouble.
fn is_told(metadata: &Metadata<'_>) -> bool {
    let is_own = metadata.target().split("::").next() == Some("api");
    is_own && (metadata.is_span() || *metadata.level() <= Level::WARN)
}

/// Brings spans to the collector. It waits for the answer, which the SDK's own thread may do.
#[derive(Debug)]
struct Courier(ureq::Agent);

impl Courier {
    fn new() -> Self {
        let settings = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE));
        Self(settings.build().into())
    }
}

#[async_trait]
impl HttpClient for Courier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let response = self.0.run(Request::from_parts(head, body.to_vec()))?;
        let (head, mut body) = response.into_parts();
        Ok(Response::from_parts(head, body.read_to_vec()?.into()))
    }
}
