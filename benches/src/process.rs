//! Programs under measurement: starting and ending them, and what they cost in processor time and memory.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::net::TcpStream;
use tokio::time::sleep;

/// Linux counts processor time in hundredths of a second wherever it shows it to programs, whatever it uses inside.
const TICK: Duration = Duration::from_millis(10);
/// How often a process that is waited for is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// How long a server may take until it accepts connections.
const START: Duration = Duration::from_mins(1);
/// How much of what a failed program said is shown.
const LOG_TAIL: usize = 4000;

/// What the kernel tells about a process in `/proc/PID/stat`.
#[derive(Clone, Copy, Debug)]
pub struct Stat {
    /// Whether it has ended and only waits to be collected.
    pub has_ended: bool,
    /// The process that started it.
    pub parent: u32,
    /// Processor time of all its threads.
    pub cpu: Duration,
    /// Processor time of those of its children that were collected.
    pub children_cpu: Duration,
}

impl Stat {
    /// Reads what is known of a process.
    ///
    /// # Errors
    /// If there is no such process.
    pub fn of(process: u32) -> Result<Self> {
        let path = format!("/proc/{process}/stat");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        Self::parse(&text).with_context(|| format!("{path} does not look as proc(5) says"))
    }

    fn parse(text: &str) -> Option<Self> {
        // The second field is the program's name, in which anything may stand.
        let (_, rest) = text.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<u32>().ok();
        Some(Self {
            has_ended: matches!(*fields.first()?, "Z" | "X"),
            parent: fields.get(1)?.parse().ok()?,
            cpu: TICK * (ticks(11)? + ticks(12)?),
            children_cpu: TICK * (ticks(13)? + ticks(14)?),
        })
    }
}

/// What a program that ran to its end cost.
#[derive(Clone, Debug)]
pub struct Cost {
    /// From start to end.
    pub elapsed: Duration,
    /// Processor time.
    pub cpu: Duration,
    /// The most memory it held at any time, in bytes.
    pub peak_memory: u64,
}

/// A program that was started here, and is ended with this value.
#[derive(Debug)]
pub struct Process {
    child: Child,
    started: Instant,
}

impl Process {
    fn spawn(command: &mut Command, output: &Path) -> Result<Self> {
        let file = File::create(output).with_context(|| format!("cannot write {}", output.display()))?;
        let name = command.get_program().to_owned();
        let child = command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(File::create(log_of(output))?)
            .spawn()
            .with_context(|| format!("cannot start {}", name.display()))?;
        Ok(Self {
            child,
            started: Instant::now(),
        })
    }

    /// Starts a server and waits until it accepts connections at `address`. What it says goes to the file `output`,
    /// and what it says on standard error to a file beside it.
    ///
    /// # Errors
    /// If it ends before, or takes longer than a minute.
    pub async fn serve(command: &mut Command, address: SocketAddr, output: &Path) -> Result<Self> {
        let process = Self::spawn(command, output)?;
        while TcpStream::connect(address).await.is_err() {
            if process.stat()?.has_ended || process.started.elapsed() > START {
                bail!(
                    "{} does not serve:\n{}",
                    command.get_program().display(),
                    log_tail(output)
                );
            }
            sleep(LOOK).await;
        }
        Ok(process)
    }

    /// Runs a program to its end. Its standard output is left in the file `output`.
    ///
    /// # Errors
    /// If it fails; what it said is shown.
    pub async fn run(command: &mut Command, output: &Path) -> Result<Cost> {
        let mut process = Self::spawn(command, output)?;
        let mut peak_memory = 0;
        // A process that has ended keeps its times until it is collected, but no longer its memory.
        let (stat, elapsed) = loop {
            let stat = process.stat()?;
            if stat.has_ended {
                break (stat, process.started.elapsed());
            }
            peak_memory = process.peak_memory().unwrap_or(peak_memory);
            sleep(LOOK).await;
        };
        let status = process.child.wait()?;
        ensure!(status.success(), "{command:?} failed ({status}):\n{}", log_tail(output));
        Ok(Cost {
            elapsed,
            cpu: stat.cpu,
            peak_memory,
        })
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn stat(&self) -> Result<Stat> {
        Stat::of(self.id())
    }

    /// The most memory it held so far, in bytes; `None` if it has just ended.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim()
            .strip_suffix(" kB")?
            .parse::<u64>()
            .ok()
            .map(|kibibytes| kibibytes * 1024)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself: there is nobody to tell about an error.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the standard error of a program stands whose standard output is this file.
fn log_of(output: &Path) -> PathBuf {
    output.with_added_extension("log")
}

/// The end of what a program said, on both of its outputs.
fn log_tail(output: &Path) -> String {
    let said = [log_of(output), output.to_owned()]
        .map(|path| fs::read(path).unwrap_or_default())
        .concat();
    String::from_utf8_lossy(&said[said.len().saturating_sub(LOG_TAIL)..]).into_owned()
}

/// An address of this machine on which nobody listens. Somebody else may take it before it is used, but hardly will.
///
/// # Errors
/// If no port is left.
pub fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
    Ok(listener.local_addr()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_times() {
        let text = "7 (a) b) (c) Z 3 7 7 0 -1 4194304 9 0 0 0 150 25 1000 1 20 0 8 0 99\n";
        let stat = Stat::parse(text).unwrap();
        assert!(stat.has_ended);
        assert_eq!(stat.parent, 3);
        assert_eq!(stat.cpu, Duration::from_millis(1750));
        assert_eq!(stat.children_cpu, Duration::from_millis(10_010));
        assert!(Stat::parse("7 (a) S 3").is_none());
    }
}
