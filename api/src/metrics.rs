//! Numbers about the hub for Prometheus: counted where things happen, for all workers, and read at `/metrics`.
//!
//! A number that costs something for each field would slow down what it measures; here are numbers of operations, of loader
//! batches and of answers.

use std::any::type_name;

use async_graphql::parser::types::OperationType;
use prometheus::core::Collector;
use prometheus::{
    Encoder as _, Histogram, HistogramOpts, HistogramTimer, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};

use crate::answer::{Answer, Outcome};
use crate::error::Code;

/// Why a number can be made and registered.
const RIGHT: &str = "names and labels of metrics are right, and none is registered twice";

/// Bounds of durations in seconds: from an answer out of memory to the longest that is waited for.
const SECONDS: [f64; 12] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0,
];
/// Bounds of points.
const POINTS: [f64; 9] = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0];
/// Bounds of keys asked for at once.
const KEYS: [f64; 8] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 1000.0];

/// What is counted.
pub struct Metrics {
    registry: Registry,
    operations: IntCounterVec,
    refusals: IntCounterVec,
    phases: HistogramVec,
    costs: Histogram,
    /// How many keys loaders ask for at once.
    pub batches: Batches,
    /// Where answers came from.
    pub answers: Answers,
    /// Events that subscribers were told.
    pub events: IntCounter,
    /// What is read when somebody looks.
    pub gauges: Gauges,
}

/// What is known at the moment.
pub struct Gauges {
    /// Subscriptions that go on.
    pub subscriptions: IntGauge,
    /// Sockets and event streams that are open.
    pub streams: IntGauge,
    /// The newest data revision that was heard of.
    pub revision: IntGauge,
    /// The data revision that the search index is at.
    pub search_revision: IntGauge,
    /// How many data revisions the search index is behind.
    pub search_lag: IntGauge,
    /// Whether the database answered when it was last asked.
    pub database: IntGauge,
    /// Statements put to the database.
    pub statements: IntGauge,
    /// Bytes of memory of the process.
    pub memory: IntGauge,
    connections: IntGaugeVec,
}

/// A part of answering an operation.
#[derive(Clone, Copy, Debug)]
pub enum Phase {
    /// From the parameters to an operation within all bounds: finding, parsing, measuring.
    Admission,
    /// The engine's work, statements included.
    Execution,
}

/// Where an answer came from.
#[derive(Clone, Copy, Debug)]
pub enum Layer {
    /// The client had it.
    Client,
    /// This process kept it.
    Process,
    /// Another request was having it computed.
    Flight,
    /// Redis kept it.
    Redis,
    /// It was computed.
    None,
}

impl Layer {
    const ALL: [Self; 5] = [Self::Client, Self::Process, Self::Flight, Self::Redis, Self::None];

    fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Process => "process",
            Self::Flight => "flight",
            Self::Redis => "redis",
            Self::None => "none",
        }
    }
}

/// Counts answers by where they came from. Cheap to clone.
#[derive(Clone)]
pub struct Answers(IntCounterVec);

impl Answers {
    /// Counts one.
    pub fn count(&self, layer: Layer) {
        self.0.with_label_values(&[layer.name()]).inc();
    }
}

/// Counts the keys of loader batches. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Batches(HistogramVec);

impl Batches {
    /// Counts a batch of so many keys of a type.
    #[expect(clippy::cast_precision_loss, reason = "a batch has few keys")]
    pub fn count<K>(&self, keys: usize) {
        self.0.with_label_values(&[&loader::<K>()]).observe(keys as f64);
    }
}

/// The name of a loader's keys.
#[must_use]
pub fn loader<K>() -> String {
    short(type_name::<K>())
}

/// The name of a type without the modules around it and the types in it.
fn short(name: &str) -> String {
    let names = name.split(['<', '>']).filter(|name| !name.is_empty());
    let names: Vec<&str> = names.filter_map(|name| name.rsplit("::").next()).collect();
    names.join(" ")
}

impl Metrics {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new() -> Self {
        let registry = Registry::new();
        let metrics = Self {
            operations: counters(
                &registry,
                "operations_total",
                "GraphQL operations by type and by what became of them",
                &["type", "outcome"],
            ),
            refusals: counters(
                &registry,
                "refusals_total",
                "Requests that were not executed, by the code of the error",
                &["code"],
            ),
            phases: histograms(
                &registry,
                "phase_seconds",
                "Time that parts of answering took",
                "phase",
                &SECONDS,
            ),
            costs: histogram(
                &registry,
                "operation_cost_points",
                "Points that operations cost",
                &POINTS,
            ),
            batches: Batches(histograms(
                &registry,
                "loader_batch_keys",
                "Keys that loaders asked for at once, by loader",
                "loader",
                &KEYS,
            )),
            answers: Answers(counters(
                &registry,
                "answers_total",
                "Answers by the layer that had them: client, process, flight, redis, or none",
                &["layer"],
            )),
            events: registered(
                &registry,
                IntCounter::new(
                    "tendergraph_subscription_events_total",
                    "Events that subscribers were told",
                ),
            ),
            gauges: Gauges::new(&registry),
            registry,
        };
        // A rate needs its zero.
        for layer in Layer::ALL {
            metrics.answers.0.with_label_values(&[layer.name()]);
        }
        metrics
    }

    /// Counts an operation by what became of it.
    pub fn operation(&self, kind: OperationType, cost: u64, outcome: &'static str) {
        self.operations.with_label_values(&[self::kind(kind), outcome]).inc();
        #[expect(clippy::cast_precision_loss, reason = "costs are small")]
        self.costs.observe(cost as f64);
    }

    /// Counts a request that was not executed.
    pub fn refusal(&self, code: Code) {
        self.refusals.with_label_values(&[code.as_str()]).inc();
    }

    /// Measures a phase until it is dropped.
    pub fn phase(&self, phase: Phase) -> HistogramTimer {
        let phase = match phase {
            Phase::Admission => "admission",
            Phase::Execution => "execution",
        };
        self.phases.with_label_values(&[phase]).start_timer()
    }

    /// All of it as Prometheus reads it.
    #[must_use]
    pub fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        let encoded = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        encoded.expect("a text in memory takes everything");
        text
    }
}

impl Gauges {
    fn new(registry: &Registry) -> Self {
        let gauge = |name: &str, help: &str| {
            let made = IntGauge::new(format!("tendergraph_{name}"), help);
            registered(registry, made)
        };
        Self {
            subscriptions: gauge("subscriptions", "Subscriptions that go on"),
            streams: gauge("streams", "Sockets and event streams that are open"),
            revision: gauge("data_revision", "The newest data revision that was heard of"),
            search_revision: gauge(
                "search_revision",
                "The data revision that the search index is at; -1 while there is no index",
            ),
            search_lag: gauge(
                "search_lag_revisions",
                "How many data revisions the search index is behind the newest that was heard of",
            ),
            database: gauge("database_up", "1 if the database answered when it was last asked"),
            statements: gauge(
                "statements",
                "SQL statements put to the database so far, for answers and subscribers",
            ),
            memory: gauge("resident_memory_bytes", "Memory of the process"),
            connections: registered(
                registry,
                IntGaugeVec::new(
                    Opts::new(
                        "tendergraph_database_connections",
                        "Connections to the database, by whether they are idle or in use",
                    ),
                    &["state"],
                ),
            ),
        }
    }

    /// Tells of the connections of all workers.
    pub fn set_connections(&self, open: usize, idle: usize) {
        for (state, count) in [("idle", idle), ("used", open.saturating_sub(idle))] {
            self.connections
                .with_label_values(&[state])
                .set(count.try_into().unwrap_or(i64::MAX));
        }
    }
}

fn counters(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    registered(
        registry,
        IntCounterVec::new(Opts::new(format!("tendergraph_{name}"), help), labels),
    )
}

fn histogram(registry: &Registry, name: &str, help: &str, bounds: &[f64]) -> Histogram {
    let options = HistogramOpts::new(format!("tendergraph_{name}"), help).buckets(bounds.to_vec());
    registered(registry, Histogram::with_opts(options))
}

fn histograms(registry: &Registry, name: &str, help: &str, label: &str, bounds: &[f64]) -> HistogramVec {
    let options = HistogramOpts::new(format!("tendergraph_{name}"), help).buckets(bounds.to_vec());
    registered(registry, HistogramVec::new(options, &[label]))
}

fn registered<C: Collector + Clone + 'static>(registry: &Registry, made: prometheus::Result<C>) -> C {
    let made = made.expect(RIGHT);
    registry.register(Box::new(made.clone())).expect(RIGHT);
    made
}

/// What a kind of operation is called.
#[must_use]
pub fn kind(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}

/// How an answer is counted.
#[must_use]
pub fn outcome(answer: &Answer) -> &'static str {
    match answer.outcome {
        Outcome::Executed => "executed",
        Outcome::Partial => "partial",
        Outcome::Unparsed | Outcome::Rejected | Outcome::Malformed => "refused",
        Outcome::Failed(_) => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loaders_are_called_by_the_names_of_their_keys() {
        assert_eq!(short("api::store::tender::TenderById"), "TenderById");
        assert_eq!(
            short("api::store::nested::Under<api::store::award::AwardList>"),
            "Under AwardList"
        );
    }
}
