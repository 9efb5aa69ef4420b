//! Parsing: branches that cannot be foretold, small allocations, recursion.

mod expression;
mod json;

use std::process::ExitCode;

use runtime_benchmark::{Group, Numbers};

fn main() -> ExitCode {
    let mut group = Group::new();
    group.benchmark("json-document", 14_369_465_387_592_810_111, || {
        let text = json::document(&mut Numbers::seeded(1), 3_000);
        move || json::parse(&text).map_or(0, |value| value.checksum())
    });
    group.benchmark("arithmetic-expressions", 11_187_445_762_739_044_905, || {
        let mut numbers = Numbers::seeded(2);
        let texts: Vec<String> = (0..6_000)
            .map(|_| expression::text(&mut numbers, 5))
            .collect();
        move || {
            let values = texts.iter().map(|text| expression::evaluate(text));
            values.fold(0, |sum: u64, value| {
                sum.rotate_left(1) ^ value.unwrap_or(0) as u64
            })
        }
    });
    group.main()
}
