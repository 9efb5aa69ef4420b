//! Rows of a CSV file, each read into what it says or refused with the reason.

use std::io::Read;

use csv::StringRecord;
use jiff::Timestamp;
use shared_types::test_case::ImportedName;
use shared_types::{ArtifactId, ConfigurationId, Metric};

use super::decompressing::decompressed;
use super::layout::Columns;
use super::{BadRow, Layout};
use crate::FunctionsError;

/// The configuration of a layout that has only one.
const RUSTC_CONFIGURATION: &str = "rustc-2017";

/// The rows of a file.
pub(super) struct Rows<'a> {
    reader: csv::Reader<Box<dyn Read + 'a>>,
    columns: Columns,
    record: StringRecord,
    read: u64,
}

/// What a row says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) configuration: ConfigurationId,
    pub(super) artifact: ArtifactId,
    pub(super) test_case: ImportedName,
    /// When it was measured; for rustc's layout, when the commit was made.
    pub(super) time: Timestamp,
    /// The position on the main branch, where the file gives one.
    pub(super) main_order: Option<i64>,
    /// A value for each metric of the file, or `None` where it was not measured.
    pub(super) values: Vec<Option<f64>>,
}

impl<'a> Rows<'a> {
    /// Reads the header.
    pub(super) fn open(file: impl Read + 'a) -> Result<Self, FunctionsError> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(decompressed(file)?);
        let header = reader.headers().map_err(|error| unreadable(&error))?;
        let columns = Columns::of_header(header)?;
        Ok(Self {
            reader,
            columns,
            record: StringRecord::new(),
            read: 0,
        })
    }

    pub(super) fn layout(&self) -> Layout {
        self.columns.layout
    }

    pub(super) fn metrics(&self) -> Vec<Metric> {
        let metrics = self.columns.metrics.iter();
        metrics.map(|(_, metric)| metric.clone()).collect()
    }

    /// How many rows were read.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// The next row, or what is wrong with it; `None` at the end of the file.
    pub(super) fn next_row(&mut self) -> Result<Option<Result<Row, BadRow>>, FunctionsError> {
        let begin = self.reader.position().line();
        let found = match self.reader.read_record(&mut self.record) {
            Ok(found) => found,
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                self.read += 1;
                return Ok(Some(Err(BadRow {
                    line: begin,
                    reason: "it is not UTF-8".to_owned(),
                })));
            }
            Err(error) => return Err(unreadable(&error)),
        };
        if !found {
            return Ok(None);
        }
        self.read += 1;
        let line = self.record.position().map_or(begin, csv::Position::line);
        let row = read_row(&self.columns, &self.record);
        Ok(Some(row.map_err(|reason| BadRow { line, reason })))
    }
}

fn unreadable(error: &csv::Error) -> FunctionsError {
    FunctionsError::Refused(format!(
        "the file cannot be read to its end: {error}. Importing it again, once it is whole, \
         carries on"
    ))
}

fn read_row(columns: &Columns, record: &StringRecord) -> Result<Row, String> {
    let configuration = match columns.configuration {
        Some(column) => field(record, column, "configuration")?,
        None => RUSTC_CONFIGURATION,
    };
    let values = columns
        .metrics
        .iter()
        .map(|(column, metric)| value(field_or_missing(record, *column, metric)?, metric))
        .collect::<Result<Vec<_>, String>>()?;
    if values.iter().all(Option::is_none) {
        return Err("it has no value".to_owned());
    }
    Ok(Row {
        configuration: configuration.parse().map_err(words)?,
        artifact: field(record, columns.sha, "sha")?.parse().map_err(words)?,
        test_case: test_case(columns, record)?,
        time: time(columns, field(record, columns.time, "time")?)?,
        main_order: main_order(columns, record)?,
        values,
    })
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// A field that must not be empty.
fn field<'a>(record: &'a StringRecord, column: usize, name: &str) -> Result<&'a str, String> {
    match record.get(column).map(str::trim) {
        None => Err(format!("it ends before its {name}")),
        Some("") => Err(format!("its {name} is empty")),
        Some(text) => Ok(text),
    }
}

fn field_or_missing<'a>(
    record: &'a StringRecord,
    column: usize,
    metric: &Metric,
) -> Result<&'a str, String> {
    let text = record.get(column).map(str::trim);
    text.ok_or_else(|| format!("it ends before its {}", metric.name))
}

/// A value; an empty field is one that was not measured.
fn value(text: &str, metric: &Metric) -> Result<Option<f64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(Some(value)),
        _ => {
            let shown: String = text.chars().take(40).collect();
            Err(format!("`{shown}` is no value of {}", metric.name))
        }
    }
}

/// The benchmark, and the patch where there is one: `syntex-0.42.2/@010-incr`.
fn test_case(columns: &Columns, record: &StringRecord) -> Result<ImportedName, String> {
    let benchmark = field(record, columns.benchmark, "benchmark")?;
    let patch = match columns.patch {
        Some(column) => record.get(column).map(str::trim).unwrap_or_default(),
        None => "",
    };
    let name = if patch.is_empty() {
        benchmark.to_owned()
    } else {
        format!("{benchmark}/{patch}")
    };
    name.parse().map_err(words)
}

fn time(columns: &Columns, text: &str) -> Result<Timestamp, String> {
    let shown: String = text.chars().take(40).collect();
    match columns.layout {
        Layout::LlvmCompileTime => text
            .parse::<i64>()
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .ok_or_else(|| format!("`{shown}` is no time in seconds since 1970")),
        Layout::RustcTiming2017 => text
            .parse()
            .map_err(|_| format!("`{shown}` is no date such as 2017-01-13T07:24:53Z")),
    }
}

fn main_order(columns: &Columns, record: &StringRecord) -> Result<Option<i64>, String> {
    let text = columns
        .main_order
        .and_then(|column| record.get(column))
        .map(str::trim)
        .unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    let shown: String = text.chars().take(40).collect();
    let order = text.parse().map(Some);
    order.map_err(|_| format!("`{shown}` is no position on the main branch"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "measured_at_unix,sha,configuration,benchmark,main_order,cycles,wall-time";

    fn rows(body: &str) -> Vec<Result<Row, BadRow>> {
        let text = format!("{HEADER}\n{body}");
        let mut rows = Rows::open(text.as_bytes()).unwrap();
        std::iter::from_fn(|| rows.next_row().unwrap()).collect()
    }

    fn sha() -> String {
        "ab".repeat(20)
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused_line_by_line(body in "([0-9a-f.,\"\n-]|NaN){0,200}") {
            for row in rows(&body).into_iter().flatten() {
                let mut values = row.values.iter().flatten();
                prop_assert!(values.all(|value| value.is_finite() && *value >= 0.0));
            }
        }

        #[test]
        fn bytes_that_are_no_text_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut file = HEADER.as_bytes().to_vec();
            file.push(b'\n');
            file.extend(bytes);
            let mut rows = Rows::open(&file[..]).unwrap();
            while let Ok(Some(_)) = rows.next_row() {}
        }
    }

    #[test]
    fn an_empty_value_was_not_measured() {
        let row = rows(&format!("1,{},c,b,,5,\n", sha())).remove(0).unwrap();
        assert_eq!(row.values, [Some(5.0), None]);
        assert_eq!(row.main_order, None);
    }

    #[test]
    fn a_bad_row_is_named_by_its_line_and_the_others_are_read() {
        let sha = sha();
        let body = format!(
            "1,{sha},c,b,0,5,6\n1,{sha},c,b,0,NaN,6\n1,{sha},c,b,0,five,6\n1,{sha},c\n\
             1,{sha},c,,0,5,6\n1,beef,c,b,0,5,6\n1,{sha},c,b,0,-1,6\n1,{sha},c,b,0,,\n\
             1,{sha},c,b2,0,5,6\n"
        );
        let rows = rows(&body);
        assert_eq!(rows.iter().filter(|row| row.is_ok()).count(), 2);
        let described: Vec<String> = rows
            .into_iter()
            .filter_map(Result::err)
            .map(|bad| format!("{}: {}", bad.line, bad.reason))
            .collect();
        insta::assert_snapshot!(described.join("\n"));
    }

    #[test]
    fn a_file_that_was_cut_short_is_an_error_and_not_a_smaller_file() {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        let line = format!("1,{},c,b,0,5,6\n", sha());
        let text = format!("{HEADER}\n{}", line.repeat(2000));
        encoder.write_all(text.as_bytes()).unwrap();
        let whole = encoder.finish().unwrap();
        let mut rows = Rows::open(&whole[..whole.len() / 2]).unwrap();
        let failed = loop {
            match rows.next_row() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the end of half a file was taken for its end"),
                Err(error) => break error.to_string(),
            }
        };
        assert!(failed.contains("cannot be read to its end"), "{failed}");
    }
}
