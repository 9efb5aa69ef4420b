//! How large what was built is, by section and by symbol.

use std::collections::BTreeMap;

use analysis::words::{Cost, CostTable};
use shared_types::{Scenario, Unit};

use super::{Findings, refused};
use crate::measure::ObservedUnit;
use crate::{CollectorError, linked_file};

pub(super) fn profile(
    unit: &ObservedUnit<'_>,
    scenario: &Scenario,
) -> Result<Findings, CollectorError> {
    unit.observe(scenario, &[], &|_| ())?;
    let mut sections = BTreeMap::new();
    let mut symbols: BTreeMap<String, Cost> = BTreeMap::new();
    for path in unit.output_files()? {
        let bytes = std::fs::read(&path).map_err(CollectorError::io("read", &path))?;
        for (section, bytes) in linked_file::sections(&bytes).unwrap_or_default() {
            let cost: &mut Cost = sections.entry(section).or_default();
            cost.amount += bytes;
        }
        for (symbol, size) in linked_file::symbols(&bytes).unwrap_or_default() {
            let cost = symbols.entry(symbol).or_default();
            cost.amount += size.bytes;
            cost.count += size.copies;
        }
    }
    if sections.is_empty() {
        return Err(refused(
            "nothing was built that has sections: take the profile debug or opt, and a target whose \
             files are ELF, such as those of Linux",
        ));
    }
    let table = |title: &str, part: &str, counted: Option<&str>, costs| CostTable {
        title: title.to_owned(),
        part: part.to_owned(),
        counted: counted.map(str::to_owned),
        unit: Unit::Bytes,
        costs,
    };
    Ok(Findings {
        tables: vec![
            table("size by section", "section", None, sections),
            table("size by symbol", "symbol", Some("copies"), symbols),
        ],
        files: Vec::new(),
    })
}
