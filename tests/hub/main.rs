//! The whole house from outside: files in by the ordinary door, questions over HTTP, on both databases.
//!
//! PostgreSQL, Redis and Chromium come from `TEST_POSTGRES_URL`, `TEST_REDIS_URL` and `CHROMIUM`, which `make test` sets;
//! without them the tests that need them say so and pass. `TENDERGRAPH_SAMPLES` may name a folder of real published data.

mod agreement;
mod breaking_changes;
mod changes;
mod classifications;
mod columns;
mod command_line;
mod conflicts;
mod contracts;
mod errors;
mod everything;
mod exports;
mod facets;
mod filters;
mod harness;
mod history;
mod hostile;
mod inputs;
mod money;
mod organizations;
mod overrides;
mod packing;
mod pages;
mod paging;
mod partners;
mod places;
mod private_postgres;
mod rates;
mod reference;
mod relations;
mod safety;
mod samples;
mod schema;
mod search;
mod sources;
mod statistics;
mod subscriptions;
mod sync;
mod traces;
mod upgrade;
mod urls;
