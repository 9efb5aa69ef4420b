//! Formatting: `core::fmt` with its calls through tables, and the writing of numbers.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::ExitCode;

use runtime_benchmark::{checksum, Group, Numbers};

fn main() -> ExitCode {
    let mut group = Group::new();
    group.benchmark("integers", 17_473_185_520_356_956_227, || {
        let mut numbers = Numbers::seeded(1);
        let drawn: Vec<u64> = (0..60_000)
            .map(|number| numbers.next_u64() >> (number % 60))
            .collect();
        move || {
            written(|text| {
                drawn.iter().try_for_each(|number| {
                    writeln!(
                        text,
                        "{number} {number:>24} {number:#x} {:+}",
                        *number as i32
                    )
                })
            })
        }
    });
    group.benchmark("floats", 17_009_136_761_302_629_738, || {
        let mut numbers = Numbers::seeded(2);
        let drawn: Vec<f64> = (0..40_000)
            .map(|number| numbers.fraction() * 10_f64.powi(number % 40 - 20))
            .collect();
        move || {
            written(|text| {
                let mut drawn = drawn.iter();
                drawn.try_for_each(|number| writeln!(text, "{number} {number:.3} {number:e}"))
            })
        }
    });
    group.benchmark("derived-debug", 13_297_344_265_201_652_021, || {
        let mut numbers = Numbers::seeded(3);
        let orders: Vec<Order> = (0..1_500).map(|_| Order::drawn(&mut numbers)).collect();
        move || {
            written(|text| write!(text, "{orders:?}").and_then(|()| write!(text, "{orders:#?}")))
        }
    });
    group.main()
}

fn written(write: impl FnOnce(&mut String) -> std::fmt::Result) -> u64 {
    let mut text = String::new();
    match write(&mut text) {
        Ok(()) => checksum(text.as_bytes()),
        Err(_) => 0,
    }
}

#[derive(Debug)]
#[allow(dead_code, reason = "they are read by the derived formatting alone")]
struct Order {
    number: u32,
    customer: String,
    express: Option<bool>,
    lines: Vec<Line>,
    notes: BTreeMap<String, (i16, char)>,
}

#[derive(Debug)]
#[allow(dead_code, reason = "they are read by the derived formatting alone")]
enum Line {
    Comment(String),
    Article { code: [u8; 4], price: f32 },
}

impl Order {
    fn drawn(numbers: &mut Numbers) -> Self {
        let line = |numbers: &mut Numbers| match numbers.below(3) {
            0 => Line::Comment(format!("\"{}\"\n", numbers.word())),
            _ => Line::Article {
                code: (numbers.next_u64() as u32).to_le_bytes(),
                price: (numbers.below(10_000) as f32) / 100.0,
            },
        };
        let lines = (0..4).map(|_| line(numbers)).collect();
        let note = |numbers: &mut Numbers| {
            let sign = char::from(b'!' + numbers.below(60) as u8);
            (numbers.word(), (numbers.next_u64() as i16, sign))
        };
        Self {
            number: numbers.next_u64() as u32,
            customer: numbers.word(),
            express: [None, Some(true), Some(false)][numbers.below(3)],
            lines,
            notes: (0..2).map(|_| note(numbers)).collect(),
        }
    }
}
