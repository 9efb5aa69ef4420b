//! Where the cost of a compilation lies, part by part: of one compiler, or of two and how they differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use shared_types::Unit;

use super::columns;
use super::numbers::{percent, share, value};

/// The longest name that a terminal shows, in characters.
const NAME_MAX: usize = 90;

/// What each part of something costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostTable {
    /// What the costs are: `self time by query`.
    pub title: String,
    /// What a part is called: `query`, `function`, `section`.
    pub part: String,
    /// What is counted of each part beside its cost, where something is: `calls`, `copies`.
    pub counted: Option<String>,
    /// The unit of the costs.
    pub unit: Unit,
    /// The parts, by name.
    pub costs: BTreeMap<String, Cost>,
}

/// What one part costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// How much, in the unit of the table.
    pub amount: u64,
    /// How many calls or copies there are.
    pub count: u64,
}

impl CostTable {
    fn total(&self) -> u64 {
        let amounts = self.costs.values().map(|cost| cost.amount);
        amounts.fold(0, u64::saturating_add)
    }

    fn of(&self, name: &str) -> Cost {
        self.costs.get(name).copied().unwrap_or_default()
    }
}

/// The parts of one compiler's cost, the largest first, at most `rows_max` of them, below their sum.
pub fn cost_table(table: &CostTable, rows_max: usize) -> String {
    let total = table.total();
    let mut parts: Vec<(&String, &Cost)> = table.costs.iter().collect();
    parts.sort_by(|one, other| (other.1.amount, one.0).cmp(&(one.1.amount, other.0)));
    let count_head = table.counted.clone().unwrap_or_default();
    let mut rows = vec![
        [table.part.as_str(), "cost", "share", count_head.as_str()].map(str::to_owned),
        [
            "all together".to_owned(),
            amount(total, table.unit),
            share(1.0),
            String::new(),
        ],
    ];
    rows.extend(parts.iter().take(rows_max).map(|(name, cost)| {
        [
            shortened(name),
            amount(cost.amount, table.unit),
            share(relative(cost.amount, total)),
            table
                .counted
                .as_ref()
                .map_or_else(String::new, |_| cost.count.to_string()),
        ]
    }));
    let mut text = format!(
        "{}\n{}",
        table.title,
        columns::aligned(&rows, |column| column > 0)
    );
    text.push_str(&hidden_line(parts.len(), rows_max, &table.part));
    text
}

/// How the costs of two compilers differ, the largest difference first, at most `rows_max` of them,
/// below that of their sums. Parts that cost the same are left out.
pub fn cost_difference(base: &CostTable, head: &CostTable, rows_max: usize) -> String {
    let names: BTreeSet<&String> = base.costs.keys().chain(head.costs.keys()).collect();
    let mut parts: Vec<(&String, Cost, Cost)> = names
        .into_iter()
        .map(|name| (name, base.of(name), head.of(name)))
        .filter(|(_, base, head)| base != head)
        .collect();
    parts.sort_by(|one, other| {
        let size = |part: &(&String, Cost, Cost)| part.1.amount.abs_diff(part.2.amount);
        size(other).cmp(&size(one)).then_with(|| one.0.cmp(other.0))
    });
    let count_head = base.counted.clone().unwrap_or_default();
    let mut rows = vec![
        [
            base.part.as_str(),
            "base",
            "head",
            "difference",
            "change",
            count_head.as_str(),
        ]
        .map(str::to_owned),
        difference_row(
            "all together",
            base.total(),
            head.total(),
            base.unit,
            String::new(),
        ),
    ];
    rows.extend(parts.iter().take(rows_max).map(|(name, of_base, of_head)| {
        let counts = match &base.counted {
            Some(_) if of_base.count == of_head.count => of_base.count.to_string(),
            Some(_) => format!("{} → {}", of_base.count, of_head.count),
            None => String::new(),
        };
        difference_row(name, of_base.amount, of_head.amount, base.unit, counts)
    }));
    let mut text = format!(
        "{}\n{}",
        base.title,
        columns::aligned(&rows, |column| column > 0)
    );
    if parts.is_empty() {
        text.push_str("  the two are equal in every part\n");
    }
    text.push_str(&hidden_line(parts.len(), rows_max, &base.part));
    text
}

/// All parts as CSV (RFC 4180), numbers in full; those of two compilers side by side.
pub fn cost_csv(base: &CostTable, head: Option<&CostTable>) -> String {
    let counted = base.counted.as_deref().unwrap_or("count");
    let part = &base.part;
    let mut text = match head {
        None => format!("{part},cost in {},{counted}\n", base.unit),
        Some(_) => format!(
            "{part},base in {0},head in {0},base {counted},head {counted}\n",
            base.unit
        ),
    };
    let of_head = head.map(|head| head.costs.keys());
    let names: BTreeSet<&String> = base
        .costs
        .keys()
        .chain(of_head.into_iter().flatten())
        .collect();
    for name in names {
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        let of_base = base.of(name);
        let _ = match head.map(|head| head.of(name)) {
            None => writeln!(text, "{quoted},{},{}", of_base.amount, of_base.count),
            Some(of_head) => writeln!(
                text,
                "{quoted},{},{},{},{}",
                of_base.amount, of_head.amount, of_base.count, of_head.count
            ),
        };
    }
    text
}

fn difference_row(name: &str, base: u64, head: u64, unit: Unit, counts: String) -> [String; 6] {
    let sign = match head.cmp(&base) {
        std::cmp::Ordering::Less => "-",
        std::cmp::Ordering::Equal => "",
        std::cmp::Ordering::Greater => "+",
    };
    let change = match base {
        0 if head == 0 => String::new(),
        0 => "new".to_owned(),
        _ if head == 0 => "gone".to_owned(),
        _ => percent(head as f64 / base as f64 - 1.0),
    };
    [
        shortened(name),
        amount(base, unit),
        amount(head, unit),
        format!("{sign}{}", amount(base.abs_diff(head), unit)),
        change,
        counts,
    ]
}

fn amount(amount: u64, unit: Unit) -> String {
    value(amount as f64, unit)
}

fn relative(part: u64, total: u64) -> f64 {
    if total == 0 {
        0.0
    } else {
        part as f64 / total as f64
    }
}

/// A name that fits: its beginning and its end, since functions of one module differ in the end.
fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= NAME_MAX {
        return name.to_owned();
    }
    let half = NAME_MAX / 2;
    let beginning: String = name.chars().take(half).collect();
    let end: String = name.chars().skip(length - half).collect();
    format!("{beginning}…{end}")
}

fn hidden_line(parts: usize, rows_max: usize, part: &str) -> String {
    match parts.saturating_sub(rows_max) {
        0 => String::new(),
        hidden => format!("  … and {hidden} more (by {part})\n"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(costs: &[(&str, u64, u64)]) -> CostTable {
        let costs = costs.iter().map(|(name, amount, count)| {
            let cost = Cost {
                amount: *amount,
                count: *count,
            };
            ((*name).to_owned(), cost)
        });
        CostTable {
            title: "self time by query".to_owned(),
            part: "query".to_owned(),
            counted: Some("calls".to_owned()),
            unit: Unit::Nanoseconds,
            costs: costs.collect(),
        }
    }

    #[test]
    fn the_costs_of_one_compiler_are_listed_the_largest_first() {
        let costs = [
            ("typeck", 120_000_000, 40),
            ("mir_borrowck", 60_000_000, 40),
            ("type_of", 1_500_000, 900),
            ("hir_crate", 20_000, 1),
        ];
        insta::assert_snapshot!(cost_table(&table(&costs), 3));
    }

    #[test]
    fn of_two_compilers_the_largest_difference_is_first_and_what_is_equal_is_left_out() {
        let base = table(&[
            ("typeck", 120_000_000, 40),
            ("mir_borrowck", 60_000_000, 40),
            ("equal", 5_000_000, 3),
            ("old_query", 2_000_000, 7),
        ]);
        let head = table(&[
            ("typeck", 134_400_000, 40),
            ("mir_borrowck", 58_000_000, 38),
            ("equal", 5_000_000, 3),
            ("new_query", 3_000_000, 9),
        ]);
        insta::assert_snapshot!(cost_difference(&base, &head, 20));
        insta::assert_snapshot!("as_csv", cost_csv(&base, Some(&head)));
    }

    #[test]
    fn two_equal_compilers_differ_in_nothing() {
        let table = table(&[("typeck", 1, 1)]);
        assert!(cost_difference(&table, &table, 9).contains("equal in every part"));
    }

    proptest! {
        #[test]
        fn a_name_of_any_length_fits_its_column(name in ".{0,300}") {
            prop_assert!(shortened(&name).chars().count() <= NAME_MAX + 1);
        }

        #[test]
        fn whatever_the_costs_every_part_has_its_line_of_csv(
            costs in prop::collection::btree_map("[a-z:<>,\"]{1,9}", any::<(u64, u64)>(), 0..9)
        ) {
            let costs: Vec<_> = costs.iter().map(|(name, (amount, count))| (name.as_str(), *amount, *count)).collect();
            let table = table(&costs);
            let _ = cost_table(&table, 2);
            let _ = cost_difference(&table, &table, 2);
            prop_assert_eq!(cost_csv(&table, None).lines().count(), costs.len() + 1);
        }
    }
}
