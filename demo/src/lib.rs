//! Believable procurement data for demonstrations and measurements, made of nothing but a seed.
//!
//! The Netherlands of this crate has invented ministries, municipalities and water boards that buy from invented
//! companies, in Dutch, at the times of the year, for the amounts and with the gaps that real publications have: values
//! are missing, suppliers are spelled in many ways, deadlines move. It is written as [OCDS 1.1] release packages, one a
//! line and one a contracting process, and read by the hub like any other publisher's data.
//!
//! The bytes depend on the [`Options`] alone, and process 7 on the seed and its own number: the first thousand
//! processes of a run over a million are the run over a thousand.
//!
//! [OCDS 1.1]: https://standard.open-contracting.org/1.1/en/

mod buyer;
mod calendar;
mod correction;
mod outcome;
mod place;
mod process;
mod random;
mod release;
mod subject;
mod supplier;
mod tender;

use std::io::{self, Write};

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many contracting processes, each with one tender.
    pub tenders: u64,
    /// Where all randomness comes from: another seed is another landscape.
    pub seed: u64,
    /// Over how many releases each process is told.
    pub releases_per_tender: Releases,
}

/// How many releases a contracting process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Releases {
    /// 1 to 6, as they fall in real life: the tender, its corrections, the award, the contract and its amendment.
    Natural,
    /// Always this many, and at least one. A single release holds the whole process; three are tender, award and
    /// contract; more add corrections of the tender. A process that came to no contract, because it was cancelled or
    /// is still open, makes up for the missing releases with corrections.
    Exactly(u32),
}

/// Writes the processes that `options` ask for to `out`, one release package a line.
///
/// One process is held in memory at a time, whatever the number of tenders.
///
/// # Errors
/// Whatever `out` refuses to take.
pub fn write(options: &Options, out: &mut impl Write) -> io::Result<()> {
    let landscape = process::Landscape::new(options.seed);
    let mut line = Vec::with_capacity(16 * 1024);
    for number in 0..options.tenders {
        line.clear();
        serde_json::to_writer(&mut line, &landscape.package(number, options.releases_per_tender))?;
        line.push(b'\n');
        out.write_all(&line)?;
    }
    Ok(())
}
