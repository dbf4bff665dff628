//! The paper: Markdown on standard output, so that a run can be kept as it is.

use std::fmt;
use std::io::{self, Stdout, Write as _};

/// What a figure is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    bound: Bound,
    figure: f64,
    unit: &'static str,
}

#[derive(Debug, Clone, Copy)]
enum Bound {
    AtMost,
    AtLeast,
}

impl Target {
    /// At most so many of a unit; a number by itself has the unit "".
    pub(crate) fn at_most(figure: f64, unit: &'static str) -> Self {
        Self {
            bound: Bound::AtMost,
            figure,
            unit,
        }
    }

    /// At least so many of a unit.
    pub(crate) fn at_least(figure: f64, unit: &'static str) -> Self {
        Self {
            bound: Bound::AtLeast,
            figure,
            unit,
        }
    }

    fn is_met_by(self, figure: f64) -> bool {
        match self.bound {
            Bound::AtMost => figure <= self.figure,
            Bound::AtLeast => figure >= self.figure,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let space = if self.unit.is_empty() { "" } else { " " };
        let bound = match self.bound {
            Bound::AtMost => "at most",
            Bound::AtLeast => "at least",
        };
        write!(f, "{bound} {}{space}{}", self.figure, self.unit)
    }
}

/// Standard output, and how many of the targets on it were met.
pub(crate) struct Page {
    out: Stdout,
    met: usize,
    missed: Vec<String>,
}

/// A table; the first row is its head.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<const N: usize>(head: [&str; N]) -> Self {
        Self {
            rows: vec![head.map(str::to_owned).to_vec()],
        }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.to_vec());
    }
}

impl Page {
    pub(crate) fn on_stdout() -> Self {
        Self {
            out: io::stdout(),
            met: 0,
            missed: Vec::new(),
        }
    }

    pub(crate) fn heading(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n## {text}\n")?;
        self.out.flush()
    }

    pub(crate) fn paragraph(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// What is in a table's cell of a figure with a target, which counts towards the summary.
    pub(crate) fn judge(&mut self, what: &str, figure: f64, target: Target) -> String {
        if target.is_met_by(figure) {
            self.met += 1;
            format!("{target}: met")
        } else {
            self.missed.push(what.to_owned());
            format!("{target}: missed")
        }
    }

    /// A table with its columns under each other.
    pub(crate) fn table(&mut self, table: &Table) -> io::Result<()> {
        let columns = table.rows.first().map_or(0, Vec::len);
        let width_of = |column: usize| {
            let cells = table.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width_of).collect();
        for (number, row) in table.rows.iter().enumerate() {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            writeln!(self.out, "| {} |", cells.collect::<Vec<_>>().join(" | "))?;
            if number == 0 {
                let rules: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
                writeln!(self.out, "| {} |", rules.join(" | "))?;
            }
        }
        Ok(())
    }

    /// How many targets were met, and which were missed.
    pub(crate) fn verdict(&mut self) -> io::Result<()> {
        let (met, missed) = (self.met, std::mem::take(&mut self.missed));
        self.heading("Targets")?;
        let all = met + missed.len();
        let missed = if missed.is_empty() {
            String::new()
        } else {
            format!("; missed: {}", missed.join(", "))
        };
        self.paragraph(&format!("{met} of {all} met{missed}."))
    }
}
