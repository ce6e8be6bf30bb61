//! Threads for what is ahead of the writer: reading and preparing.
//!
//! They give way to others. In the end everything waits for the database, so what it is told comes first where there are
//! fewer processors than threads; and so do the answers of a server that runs in the same process.

use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// By how much their priority is lower, as `nice` counts it.
const LOWER: i32 = 10;

static THREADS: LazyLock<Runtime> = LazyLock::new(|| {
    let mut threads = Builder::new_current_thread();
    threads.thread_name("tendergraph-load").on_thread_start(|| {
        // On Linux it is that of the calling thread alone. Where it cannot be lowered, all are equal.
        #[cfg(target_os = "linux")]
        let _ = rustix::process::nice(LOWER);
    });
    threads.build().expect("it has no driver that could fail")
});

/// Does work on one of the threads.
pub(crate) fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    THREADS.spawn_blocking(work)
}
