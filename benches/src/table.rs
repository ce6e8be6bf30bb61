//! Tables of text, and the figures that have a bar to clear.

use std::fmt;
use std::time::Duration;

/// A table: the first column left-aligned, the others right-aligned.
#[derive(Clone, Debug)]
pub struct Table {
    title: String,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new(title: impl Into<String>, columns: &[&str]) -> Self {
        Self {
            title: title.into(),
            rows: vec![columns.iter().map(ToString::to_string).collect()],
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                self.rows
                    .iter()
                    .filter_map(|row| row.get(column))
                    .map(|cell| cell.chars().count())
                    .max()
            })
            .map(Option::unwrap_or_default)
            .collect();
        writeln!(formatter, "\n{}", self.title)?;
        for (number, row) in self.rows.iter().enumerate() {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                if column == 0 {
                    write!(formatter, "  {cell:<width$}")?;
                } else {
                    write!(formatter, "  {cell:>width$}")?;
                }
            }
            writeln!(formatter)?;
            if number == 0 {
                let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
                writeln!(formatter, "  {}", rule.join("  "))?;
            }
        }
        Ok(())
    }
}

/// A figure beside its limit.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// The figure, with its unit.
    pub measured: String,
    /// The limit, with its unit.
    pub limit: String,
    /// The figure as a part of the limit.
    pub ratio: f64,
    /// What is asked of it, if anything is.
    pub bar: Option<Bar>,
}

/// What is asked of a figure, and whether it is reached.
#[derive(Clone, Debug)]
pub struct Bar {
    text: String,
    is_met: bool,
}

impl Bar {
    /// That the ratio is at least this much.
    pub fn ratio_at_least(bar: f64, ratio: f64) -> Self {
        Self {
            text: format!("ratio >= {bar}"),
            is_met: ratio >= bar,
        }
    }

    /// That the ratio is at most this much.
    pub fn ratio_at_most(bar: f64, ratio: f64) -> Self {
        Self {
            text: format!("ratio <= {bar}"),
            is_met: ratio <= bar,
        }
    }

    /// That the ratio is less than this.
    pub fn ratio_below(bar: f64, ratio: f64) -> Self {
        Self {
            text: format!("ratio < {bar}"),
            is_met: ratio < bar,
        }
    }

    /// That this many bytes are not reached.
    pub fn bytes_below(bar: u64, bytes: u64) -> Self {
        Self {
            text: format!("< {}", megabytes(bar)),
            is_met: bytes < bar,
        }
    }

    /// That this many milliseconds are not exceeded.
    pub fn milliseconds_at_most(bar: f64, milliseconds: f64) -> Self {
        Self {
            text: format!("<= {bar} ms"),
            is_met: milliseconds <= bar,
        }
    }
}

/// All figures in one table.
pub fn of_figures(figures: &[Figure]) -> Table {
    let mut table = Table::new("Figures and bars", &["figure", "measured", "limit", "ratio", "bar", ""]);
    for figure in figures {
        let (bar, verdict) = match &figure.bar {
            Some(bar) => (bar.text.as_str(), if bar.is_met { "ok" } else { "MISSED" }),
            None => ("-", ""),
        };
        table.row([
            figure.name.clone(),
            figure.measured.clone(),
            figure.limit.clone(),
            format!("{:.2}", figure.ratio),
            bar.to_owned(),
            verdict.to_owned(),
        ]);
    }
    table
}

/// A count as a number to calculate with.
#[expect(clippy::cast_precision_loss, reason = "counts and sizes here are far below 2^52")]
pub fn number(count: u64) -> f64 {
    count as f64
}

/// A size in millions of bytes.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", number(bytes) / 1e6)
}

/// Seconds with one digit after the point.
pub fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut table = Table::new("Title", &["name", "rate"]);
        table.row(["é".to_owned(), "1000".to_owned()]);
        assert_eq!(table.to_string(), "\nTitle\n  name  rate\n  ----  ----\n  é     1000\n");
    }

    #[test]
    fn a_missed_bar_is_said() {
        let figure = |ratio| Figure {
            name: "rate".to_owned(),
            measured: "4/s".to_owned(),
            limit: "10/s".to_owned(),
            ratio,
            bar: Some(Bar::ratio_at_least(0.5, ratio)),
        };
        assert!(of_figures(&[figure(0.49)]).to_string().contains("MISSED"));
        assert!(!of_figures(&[figure(0.5)]).to_string().contains("MISSED"));
        assert!(!Bar::milliseconds_at_most(0.6, 0.61).is_met);
    }
}
