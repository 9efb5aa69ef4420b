//! How many lines of LLVM IR each function of the benchmark gives: what it costs LLVM, and how often a
//! generic function is compiled anew.

use std::collections::BTreeMap;
use std::path::PathBuf;

use analysis::words::{Cost, CostTable};
use shared_types::{Profile, Scenario, Unit};

use super::{Findings, ProfileFile, refused};
use crate::CollectorError;
use crate::linked_file::generic_name;
use crate::measure::ObservedUnit;

/// What makes the compiler write IR as LLVM gets it, before any optimisation.
const FLAGS: [&str; 2] = ["--emit=llvm-ir", "-Cno-prepopulate-passes"];

pub(super) fn profile(
    unit: &ObservedUnit<'_>,
    scenario: &Scenario,
    folder: &std::path::Path,
) -> Result<Findings, CollectorError> {
    if !matches!(unit.profile(), Profile::Debug | Profile::Opt) {
        return Err(refused(format!(
            "the profile {} generates no code: take debug or opt for llvm-lines",
            unit.profile()
        )));
    }
    unit.observe(scenario, &FLAGS.map(str::to_owned), &|_| ())?;
    let mut costs = BTreeMap::new();
    let mut files = Vec::new();
    for path in unit.output_files()? {
        if path.extension().is_none_or(|extension| extension != "ll") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(CollectorError::io("read", &path))?;
        count_lines(&text, &mut costs);
        let to: PathBuf = folder.join(path.file_name().unwrap_or_default());
        std::fs::copy(&path, &to).map_err(CollectorError::io("copy", &path))?;
        files.push(ProfileFile {
            path: to,
            open_with: "any editor".to_owned(),
        });
    }
    if costs.is_empty() {
        return Err(refused(
            "the compiler wrote no LLVM IR: llvm-lines needs the code generator LLVM",
        ));
    }
    Ok(Findings {
        tables: vec![CostTable {
            title: "lines of LLVM IR by function of the benchmark".to_owned(),
            part: "function".to_owned(),
            counted: Some("copies".to_owned()),
            unit: Unit::Count,
            costs,
        }],
        files,
    })
}

/// Adds the lines of each function that a text of LLVM IR defines, by its readable name.
fn count_lines(ir: &str, costs: &mut BTreeMap<String, Cost>) {
    let mut current: Option<String> = None;
    let mut lines = 0_u64;
    for line in ir.lines() {
        match &current {
            None => {
                current = line.strip_prefix("define ").and_then(defined_name);
                lines = 0;
            }
            Some(name) if line == "}" => {
                let cost = costs.entry(name.clone()).or_default();
                cost.amount += lines;
                cost.count += 1;
                current = None;
            }
            // Blank lines and comments cost nothing.
            Some(_) => {
                let text = line.trim_start();
                lines += u64::from(!text.is_empty() && !text.starts_with(';'));
            }
        }
    }
}

/// The name in `internal void @_ZN4tiny…E(ptr %x) unnamed_addr {`, or `@"a name"(`.
fn defined_name(definition: &str) -> Option<String> {
    let (_, rest) = definition.split_once('@')?;
    let symbol = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split('(').next()?,
    };
    (!symbol.is_empty()).then(|| generic_name(symbol))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const IR: &str = r#"
; ModuleID = 'tiny.0'
@alloc_1 = private unnamed_addr constant [3 x i8] c"day"

; core::ptr::drop_in_place
define internal void @"_ZN4core3ptr13drop_in_place17h0123456789abcdefE"(ptr %_1) unnamed_addr #0 {
start:
  ret void
}

; tiny::doubled
define noundef i32 @_ZN4tiny7doubled17h0123456789abcdefE(i32 noundef %number) unnamed_addr #1 {
start:
; a comment
  %_0 = mul i32 %number, 2

  ret i32 %_0
}

; core::ptr::drop_in_place
define internal void @_ZN4core3ptr13drop_in_place17hfedcba9876543210E(ptr %_1) unnamed_addr #0 {
start:
  br label %bb1

bb1:
  ret void
}

declare void @_ZN4core9panicking5panic17h0123456789abcdefE() unnamed_addr #2
"#;

    #[test]
    fn the_copies_of_a_generic_function_are_counted_together() {
        let mut costs = BTreeMap::new();
        count_lines(IR, &mut costs);
        let found: Vec<(&str, u64, u64)> = costs
            .iter()
            .map(|(name, cost)| (name.as_str(), cost.amount, cost.count))
            .collect();
        assert_eq!(
            found,
            [("core::ptr::drop_in_place", 6, 2), ("tiny::doubled", 3, 1)]
        );
    }

    proptest! {
        #[test]
        fn whatever_the_text_counting_never_panics(text in "(define |@\"?|[(){}\"\n]|[a-z ;]{1,5}){0,60}") {
            let mut costs = BTreeMap::new();
            count_lines(&text, &mut costs);
            let lines: u64 = costs.values().map(|cost| cost.amount).sum();
            prop_assert!(lines <= text.lines().count() as u64);
        }
    }
}
