//! `perfleet detect`: change points of series that somebody brings along.

use std::collections::{BTreeMap, HashMap};

use analysis::change_points::change_points;
use clap::Args;
use serde::Deserialize;

use super::{Outcome, output};
use crate::FunctionsError;

/// Find the change points of series: JSON `{"series":[{"name":"…","values":[…]}]}` or CSV
/// `series,value` in order; answers in JSON, with the index of the first value of each new level
#[derive(Debug, Args)]
pub(super) struct DetectCommand {
    /// The file, or standard input
    #[arg(default_value = "-")]
    file: String,
    /// Answer in JSON, which is the only way
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Document {
    series: Vec<Series>,
}

/// A series that somebody brings along.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Series {
    /// What it is called.
    pub name: String,
    /// The values, in order. `null` is one that was not measured.
    pub values: Vec<Option<f64>>,
}

impl DetectCommand {
    pub(super) fn run(&self) -> Result<Outcome, FunctionsError> {
        let bytes = output::read_file(&self.file)?;
        let found: BTreeMap<String, Vec<usize>> = read_series(&bytes)
            .map_err(|reason| {
                FunctionsError::Usage(format!("{} cannot be read: {reason}", self.source()))
            })?
            .into_iter()
            .map(|series| {
                let values = series.values.iter().map(|value| value.unwrap_or(f64::NAN));
                (series.name, change_points(&values.collect::<Vec<_>>()))
            })
            .collect();
        output::answer_json(&found)?;
        Ok(Outcome::Done)
    }

    fn source(&self) -> &str {
        if self.file == "-" {
            "standard input"
        } else {
            &self.file
        }
    }
}

/// The series of a document, which is JSON if it begins like it.
///
/// # Errors
/// Says what cannot be read, and where.
pub fn read_series(bytes: &[u8]) -> Result<Vec<Series>, String> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'{') {
        return read_csv(bytes);
    }
    let document: Document = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let mut names: Vec<&str> = document
        .series
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("it has the series `{}` twice", pair[0])),
        None => Ok(document.series),
    }
}

/// Rows `series,value`, with or without this header. Rows of several series may alternate.
fn read_csv(bytes: &[u8]) -> Result<Vec<Series>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(bytes);
    let mut series: Vec<Series> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|error| error.to_string())?;
        let [name, value] = [0, 1].map(|column| record.get(column).map_or("", str::trim));
        if row == 0 && (name, value) == ("series", "value") {
            continue;
        }
        if record.len() != 2 {
            return Err(format!(
                "line {} has {} fields, and `series,value` has 2",
                row + 1,
                record.len()
            ));
        }
        let value = if value.is_empty() {
            None
        } else {
            let number = value.parse::<f64>().ok().filter(|value| value.is_finite());
            Some(number.ok_or_else(|| format!("line {}: `{value}` is no number", row + 1))?)
        };
        let place = *places.entry(name.to_owned()).or_insert_with(|| {
            series.push(Series {
                name: name.to_owned(),
                values: Vec::new(),
            });
            series.len() - 1
        });
        series[place].values.push(value);
    }
    Ok(series)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}|(a|b),[0-9.]{0,4}\n{1,30}") {
            let _ = read_series(text.as_bytes());
        }
    }

    #[test]
    fn csv_rows_of_several_series_may_alternate() {
        let series = read_series(b"series,value\na,1\nb,5\na,2\nb,\n").unwrap();
        assert_eq!(series[0].values, [Some(1.0), Some(2.0)]);
        assert_eq!(series[1].values, [Some(5.0), None]);
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_line() {
        let refused = |text: &str| read_series(text.as_bytes()).err().unwrap();
        assert_eq!(refused("a,1\na,x\n"), "line 2: `x` is no number");
        assert!(refused("a,1,2\n").contains("has 3 fields"));
        assert!(
            refused(r#"{"series":[{"name":"a","values":[]},{"name":"a","values":[]}]}"#)
                .contains("`a` twice")
        );
    }
}
