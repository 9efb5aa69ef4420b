//! What a program of runtime benchmarks prints.

use serde::Deserialize;

/// The largest answer that is read, in bytes.
pub(super) const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// A line of a program's answer.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Line {
    List { benchmarks: Vec<String> },
    Iteration { wall_time_ns: u64 },
    End { iterations: u64 },
}

/// The times of the iterations that a program told, in nanoseconds, in order. What it or the system
/// writes beside its answer, in lines that begin with no brace, is passed over.
///
/// # Errors
/// When a line is not understood, the answer does not end, or ends with another number of iterations.
pub fn program_times(answer: &str) -> Result<Vec<u64>, String> {
    let mut times = Vec::new();
    let mut lines = lines(answer);
    while let Some(line) = lines.next() {
        match line? {
            Line::Iteration { wall_time_ns } => times.push(wall_time_ns),
            Line::List { .. } => return Err("it lists benchmarks and ran none".to_owned()),
            Line::End { iterations } if iterations != times.len() as u64 => {
                return Err(format!(
                    "it tells the times of {} iterations, and says that it were {iterations}",
                    times.len()
                ));
            }
            Line::End { .. } => {
                return match lines.next() {
                    None => Ok(times),
                    Some(_) => Err("it goes on behind its end".to_owned()),
                };
            }
        }
    }
    Err("its answer does not end".to_owned())
}

/// The benchmarks that a program lists.
///
/// # Errors
/// When it lists none.
pub(super) fn listed_benchmarks(answer: &str) -> Result<Vec<String>, String> {
    match lines(answer).next() {
        Some(Ok(Line::List { benchmarks })) => Ok(benchmarks),
        Some(Err(reason)) => Err(reason),
        _ => Err("it lists no benchmarks".to_owned()),
    }
}

fn lines(answer: &str) -> impl Iterator<Item = Result<Line, String>> + '_ {
    let of_answer = answer.lines().filter(|line| line.starts_with('{'));
    of_answer.map(|line| {
        serde_json::from_str(line).map_err(|error| format!("`{line}` is not understood: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(times: &[u64]) -> String {
        let lines = times
            .iter()
            .map(|time| format!("{{\"kind\":\"iteration\",\"wall_time_ns\":{time}}}\n"));
        let end = format!(
            "{{\"kind\":\"end\",\"iterations\":{},\"checksum\":\"7\"}}\n",
            times.len()
        );
        lines.collect::<String>() + &end
    }

    proptest! {
        #[test]
        fn the_times_are_those_that_were_printed(times in proptest::collection::vec(any::<u64>(), 0..9)) {
            prop_assert_eq!(program_times(&answer(&times)), Ok(times));
        }

        #[test]
        fn an_answer_that_is_cut_off_is_refused(
            times in proptest::collection::vec(any::<u64>(), 1..5),
            share in 0.0f64..1.0,
        ) {
            let whole = answer(&times);
            let end = (whole.trim_end().len() as f64 * share) as usize;
            prop_assert!(program_times(&whole[..end]).is_err());
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(\\{[a-z\":0-9,]{0,20}\\}?\n){0,4}") {
            let _ = program_times(&text);
            let _ = listed_benchmarks(&text);
        }
    }

    #[test]
    fn an_iteration_too_few_or_behind_the_end_is_refused() {
        let whole = answer(&[1, 2]);
        let (first, rest) = whole.split_once('\n').unwrap();
        assert!(program_times(rest).is_err());
        assert!(program_times(&format!("{whole}{first}\n")).is_err());
        assert_eq!(
            program_times(&format!("a warning\n{whole}")),
            Ok(vec![1, 2])
        );
    }

    #[test]
    fn a_list_of_benchmarks_is_read() {
        let list = "{\"kind\":\"list\",\"schema\":1,\"benchmarks\":[\"a\",\"b\"]}\n";
        assert_eq!(
            listed_benchmarks(list),
            Ok(vec!["a".to_owned(), "b".to_owned()])
        );
        assert!(listed_benchmarks("").is_err());
        assert!(program_times(list).is_err());
    }
}
