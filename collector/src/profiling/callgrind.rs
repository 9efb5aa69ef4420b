//! Instructions by function of the compiler, by valgrind's callgrind and cachegrind.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::Path;

use analysis::words::{Cost, CostTable};
use shared_types::{Scenario, Unit};

use super::{Findings, ProfileFile, refused};
use crate::CollectorError;
use crate::linked_file::readable_name;
use crate::measure::{ObservedUnit, program_on_path};

/// What valgrind simulates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Simulation {
    /// Who calls whom: callgrind.
    Calls,
    /// Caches: cachegrind.
    Caches,
}

impl Simulation {
    fn name(self) -> &'static str {
        match self {
            Self::Calls => "callgrind",
            Self::Caches => "cachegrind",
        }
    }

    /// The events that are shown, as valgrind names them, with what they are.
    fn events(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Calls => &[("Ir", "instructions")],
            Self::Caches => &[
                ("Ir", "instructions"),
                (
                    "D1mr",
                    "reads that miss the first level of a simulated cache",
                ),
                (
                    "DLmr",
                    "reads that miss the last level of a simulated cache",
                ),
            ],
        }
    }
}

pub(super) fn profile(
    simulation: Simulation,
    unit: &ObservedUnit<'_>,
    scenario: &Scenario,
    folder: &Path,
) -> Result<Findings, CollectorError> {
    let Some(valgrind) = program_on_path("valgrind") else {
        return Err(refused(format!(
            "{} needs valgrind, which is not installed: `apt-get install valgrind`",
            simulation.name()
        )));
    };
    let name = simulation.name();
    let report = folder.join(format!("{name}.out"));
    let mut options: Vec<OsString> = ["--quiet", "--demangle=no"].map(OsString::from).into();
    options.push(format!("--tool={name}").into());
    if simulation == Simulation::Caches {
        options.push("--cache-sim=yes".into());
    }
    let mut out = OsString::from(format!("--{name}-out-file="));
    out.push(&report);
    options.push(out);
    unit.observe(scenario, &[], &|execution| {
        let program = std::mem::replace(&mut execution.program, valgrind.clone().into());
        let compiler = std::iter::once(program).chain(std::mem::take(&mut execution.arguments));
        execution.arguments = options.iter().cloned().chain(compiler).collect();
    })?;
    let text = std::fs::read(&report).map_err(CollectorError::io("read", &report))?;
    let text = String::from_utf8_lossy(&text);
    let mut tables = Vec::new();
    for (event, what) in simulation.events() {
        let costs =
            costs_by_function(&text, event).map_err(|reason| CollectorError::Execution {
                program: name.to_owned(),
                reason: format!("its report `{}` cannot be used: {reason}", report.display()),
            })?;
        tables.push(CostTable {
            title: format!("{what} by function of the compiler, without what it calls"),
            part: "function".to_owned(),
            counted: (simulation == Simulation::Calls).then(|| "calls".to_owned()),
            unit: Unit::Count,
            costs,
        });
    }
    let open_with = match simulation {
        Simulation::Calls => "KCachegrind, or `callgrind_annotate --inclusive=yes`",
        Simulation::Caches => "`cg_annotate`; `cg_diff` takes two",
    };
    Ok(Findings {
        tables,
        files: vec![ProfileFile {
            path: report,
            open_with: open_with.to_owned(),
        }],
    })
}

/// The cost of each function in one event, without that of what it calls, from a report in the format
/// that callgrind and cachegrind share (valgrind's manual, "Callgrind Format Specification").
///
/// # Errors
/// Says what of it is not in that format, or that it does not count the event.
pub fn costs_by_function(report: &str, event: &str) -> Result<BTreeMap<String, Cost>, String> {
    let mut reader = Reader::default();
    for line in report.lines() {
        reader.read(line, event)?;
    }
    if reader.column.is_none() {
        return Err(format!("it does not say that it counts {event}"));
    }
    let mut costs: BTreeMap<String, Cost> = BTreeMap::new();
    for (symbol, cost) in reader.costs {
        // A recursive function is told apart by `'2` behind its name.
        let symbol = symbol.split('\'').next().unwrap_or(&symbol);
        let sum = costs.entry(readable_name(symbol)).or_default();
        sum.amount = sum.amount.saturating_add(cost.amount);
        sum.count = sum.count.saturating_add(cost.count);
    }
    costs.retain(|_, cost| cost.amount > 0);
    Ok(costs)
}

#[derive(Default)]
struct Reader {
    /// How many numbers stand before the costs.
    positions: Option<usize>,
    /// Which of the costs is wanted.
    column: Option<usize>,
    /// Names that were given a number, to be short from then on.
    names: HashMap<String, String>,
    current: Option<String>,
    callee: Option<String>,
    /// The next line is what a call cost, callees included.
    is_call: bool,
    costs: HashMap<String, Cost>,
}

impl Reader {
    fn read(&mut self, line: &str, event: &str) -> Result<(), String> {
        let is_cost =
            line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first));
        if is_cost {
            return self.read_cost(line);
        }
        if let Some(events) = line.strip_prefix("events:") {
            self.column = events.split_whitespace().position(|found| found == event);
        } else if let Some(positions) = line.strip_prefix("positions:") {
            self.positions = Some(positions.split_whitespace().count());
        } else if let Some(name) = line.strip_prefix("fn=") {
            self.current = Some(self.name(name)?);
        } else if let Some(name) = line.strip_prefix("cfn=") {
            self.callee = Some(self.name(name)?);
        } else if let Some(call) = line.strip_prefix("calls=") {
            let count = call
                .split_whitespace()
                .next()
                .and_then(|count| count.parse::<u64>().ok());
            let count = count.ok_or_else(|| format!("`{line}` has no number of calls"))?;
            if let Some(callee) = self.callee.take() {
                let cost = self.costs.entry(callee).or_default();
                cost.count = cost.count.saturating_add(count);
            }
            self.is_call = true;
        }
        Ok(())
    }

    fn read_cost(&mut self, line: &str) -> Result<(), String> {
        if std::mem::take(&mut self.is_call) {
            return Ok(());
        }
        let (Some(column), Some(current)) = (self.column, &self.current) else {
            return Ok(());
        };
        // Costs of zero at the end of a line are left out.
        let amount = match line
            .split_whitespace()
            .nth(self.positions.unwrap_or(1) + column)
        {
            None => 0,
            Some(amount) => amount
                .parse::<u64>()
                .map_err(|_| format!("`{line}` has a cost that is no number"))?,
        };
        let cost = self.costs.entry(current.clone()).or_default();
        cost.amount = cost.amount.saturating_add(amount);
        Ok(())
    }

    /// The name in `name`, `(12) name` or, from its second time on, `(12)`.
    fn name(&mut self, text: &str) -> Result<String, String> {
        let Some((number, name)) = text.strip_prefix('(').and_then(|text| text.split_once(')'))
        else {
            return Ok(text.to_owned());
        };
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(text.to_owned());
        }
        match name.trim_start() {
            "" => {
                self.names.get(number).cloned().ok_or_else(|| {
                    format!("it uses the name number {number}, which it has not given")
                })
            }
            name => {
                self.names.insert(number.to_owned(), name.to_owned());
                Ok(name.to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CALLGRIND: &str = "\
# callgrind format
version: 1
positions: line
events: Ir

ob=(1) /lib/librustc_driver.so
fl=(1) ???
fn=(1) _ZN4tiny4main17h0123456789abcdefE
0 100
cfn=(2) _ZN4tiny7doubled17h0123456789abcdefE
calls=3 0
0 5000
+2 11

fn=(2)
0 60
* 40
cfn=(2)
calls=2 0
0 20

fn=(3) _ZN4tiny7doubled17hfedcba9876543210E'2
0 7

totals: 218
";

    const CACHEGRIND: &str = "\
desc: I1 cache: 32768 B, 64 B, 8-way associative
cmd: rustc tiny
events: Ir I1mr ILmr Dr D1mr DLmr
fl=lib.rs
fn=plain_name
10 50 1 1 20 4 2
11 25 0 0 10 1
fn=(below main)
12 5
summary: 80 1 1 30 5 2
";

    fn found(report: &str, event: &str) -> Vec<(String, u64, u64)> {
        let costs = costs_by_function(report, event).unwrap();
        let costs = costs.into_iter();
        costs
            .map(|(name, cost)| (name, cost.amount, cost.count))
            .collect()
    }

    #[test]
    fn a_function_has_its_own_cost_and_not_that_of_what_it_calls() {
        assert_eq!(
            found(CALLGRIND, "Ir"),
            [
                ("tiny::doubled".to_owned(), 107, 5),
                ("tiny::main".to_owned(), 111, 0),
            ]
        );
    }

    #[test]
    fn each_event_of_cachegrind_has_its_column() {
        let instructions = [
            ("(below main)".to_owned(), 5, 0),
            ("plain_name".to_owned(), 75, 0),
        ];
        assert_eq!(found(CACHEGRIND, "Ir"), instructions);
        assert_eq!(found(CACHEGRIND, "D1mr"), [("plain_name".to_owned(), 5, 0)]);
        assert_eq!(found(CACHEGRIND, "DLmr"), [("plain_name".to_owned(), 2, 0)]);
    }

    #[test]
    fn a_report_that_lacks_something_is_refused_with_the_reason() {
        let error = costs_by_function(CALLGRIND, "Dr").unwrap_err();
        assert!(error.contains("counts Dr"), "{error}");
        let error = costs_by_function("events: Ir\nfn=(7)\n", "Ir").unwrap_err();
        assert!(error.contains("number 7"), "{error}");
        let error = costs_by_function("events: Ir\nfn=a\n1 x\n", "Ir").unwrap_err();
        assert!(error.contains("no number"), "{error}");
    }

    proptest! {
        #[test]
        fn whatever_the_report_reading_never_panics(
            report in "(fn=|cfn=|calls=|events: Ir|positions: |\\(1\\)|[0-9+*-]{1,4}| |\n|[a-z']{1,3}){0,60}"
        ) {
            let _ = costs_by_function(&report, "Ir");
        }
    }
}
