//! Two servers side by side: short rounds that alternate, so that whatever else the machine does meets both alike.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use crate::load::{self, Exchange};
use crate::postgres::Cluster;
use crate::process::Stat;
use crate::table::Table;

/// How long and how hard is measured.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Rounds of each side.
    pub rounds: u32,
    /// Length of a round.
    pub length: Duration,
    /// Connections that send requests.
    pub connections: usize,
}

/// A server and what it is asked.
#[derive(Clone, Debug)]
pub struct Side {
    /// Its name in the table.
    pub name: &'static str,
    /// Where it listens.
    pub address: SocketAddr,
    /// Its process.
    pub process: u32,
    /// The requests, again and again.
    pub exchanges: Arc<[Exchange]>,
}

/// What was measured of one side, over all its rounds.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Requests a second, round by round.
    rates: Vec<f64>,
    /// The median of the time to answer in milliseconds, round by round.
    medians: Vec<f64>,
    /// The 99th percentile of the time to answer in milliseconds, round by round.
    slowest: Vec<f64>,
    requests: u32,
    server_cpu: Duration,
    database_cpu: Duration,
    load_cpu: Duration,
}

/// What was measured of both.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// What is measured: the hub.
    pub measured: Outcome,
    /// What limits it.
    pub limit: Outcome,
}

impl Outcome {
    /// Requests a second in the round in the middle.
    pub fn rate(&self) -> f64 {
        median(&self.rates)
    }

    /// The median of the time to answer, in the round in the middle, in milliseconds.
    pub fn median_milliseconds(&self) -> f64 {
        median(&self.medians)
    }

    /// Processor time of the server for a request, in milliseconds.
    pub fn server_milliseconds(&self) -> f64 {
        self.milliseconds_of(self.server_cpu)
    }

    fn milliseconds_of(&self, cpu: Duration) -> f64 {
        cpu.as_secs_f64() * 1e3 / f64::from(self.requests.max(1))
    }

    async fn add_round(&mut self, plan: Plan, side: &Side, cluster: &Cluster) -> Result<()> {
        let cpu = || Ok::<_, anyhow::Error>([Stat::of(side.process)?.cpu, cluster.cpu()?, own_cpu()?]);
        let before = cpu()?;
        let round = load::round(side.address, &side.exchanges, plan.connections, plan.length).await?;
        let after = cpu()?;
        self.rates.push(f64::from(round.requests) / round.elapsed.as_secs_f64());
        self.medians.push(round.median.as_secs_f64() * 1e3);
        self.slowest.push(round.slowest.as_secs_f64() * 1e3);
        self.requests += round.requests;
        for (index, total) in [&mut self.server_cpu, &mut self.database_cpu, &mut self.load_cpu]
            .into_iter()
            .enumerate()
        {
            *total += after[index].saturating_sub(before[index]);
        }
        Ok(())
    }

    fn row(&self, name: &str) -> [String; 8] {
        let lowest = self.rates.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = self.rates.iter().copied().fold(0.0, f64::max);
        [
            name.to_owned(),
            format!("{:.0}/s", self.rate()),
            format!("{lowest:.0}-{highest:.0}"),
            format!("{:.2} ms", self.median_milliseconds()),
            format!("{:.1} ms", median(&self.slowest)),
            format!("{:.3} ms", self.server_milliseconds()),
            format!("{:.3} ms", self.milliseconds_of(self.database_cpu)),
            format!("{:.3} ms", self.milliseconds_of(self.load_cpu)),
        ]
    }
}

impl Comparison {
    /// The hub's rate as a part of the limit's: the median over the pairs of rounds that followed one another.
    pub fn ratio(&self) -> f64 {
        self.median_of_pairs(|outcome| &outcome.rates)
    }

    /// How many times as long an answer takes as the limit's: the median over the pairs of rounds that followed one another.
    pub fn slowdown(&self) -> f64 {
        self.median_of_pairs(|outcome| &outcome.medians)
    }

    fn median_of_pairs(&self, rounds: impl Fn(&Outcome) -> &Vec<f64>) -> f64 {
        let pairs = rounds(&self.measured).iter().zip(rounds(&self.limit));
        let ratios: Vec<f64> = pairs.map(|(measured, limit)| measured / limit).collect();
        median(&ratios)
    }

    /// Both as rows of a table.
    pub fn table(&self, title: &str, measured: &Side, limit: &Side) -> Table {
        let columns = [
            "side",
            "rate",
            "range",
            "median",
            "99th percentile",
            "server CPU",
            "database CPU",
            "load generator CPU",
        ];
        let mut table = Table::new(title, &columns);
        table.row(self.measured.row(measured.name));
        table.row(self.limit.row(limit.name));
        table
    }
}

/// Measures both sides in turn, after a round of each that does not count.
///
/// # Errors
/// If a server answers anything but what is expected.
pub async fn alternate(plan: Plan, cluster: &Cluster, measured: &Side, limit: &Side) -> Result<Comparison> {
    for side in [measured, limit] {
        load::round(side.address, &side.exchanges, plan.connections, plan.length).await?;
    }
    let mut comparison = Comparison::default();
    for round in 0..plan.rounds {
        // Neither side always comes after the other.
        if round % 2 == 0 {
            comparison.measured.add_round(plan, measured, cluster).await?;
            comparison.limit.add_round(plan, limit, cluster).await?;
        } else {
            comparison.limit.add_round(plan, limit, cluster).await?;
            comparison.measured.add_round(plan, measured, cluster).await?;
        }
    }
    Ok(comparison)
}

/// Processor time of this process.
///
/// # Errors
/// If the system has no `/proc`.
pub fn own_cpu() -> Result<Duration> {
    Ok(Stat::of(std::process::id())?.cpu)
}

/// The value in the middle, or 0 of none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.get(middle) {
        None => 0.0,
        Some(&upper) if sorted.len() % 2 == 1 => upper,
        Some(&upper) => f64::midpoint(sorted[middle - 1], upper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "halves of small whole numbers are exact")]
    fn the_middle_counts() {
        assert_eq!(median(&[]), 0.0);
        assert_eq!(median(&[9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[9.0, 1.0, 2.0, 4.0]), 3.0);
    }
}
