//! What is done so that measurements say more: warming up, order by lot, further iterations.

use collector::measure::MeasuringOptions;
use shared_types::ids::Attempt;
use shared_types::job::Precision;
use shared_types::{Profile, Replicate};

use crate::fixture::{Fixture, first_run, job, real_toolchain, toolchains_of, values};

/// Notes each compilation of the leaf crate, and makes every second one slower.
const UNEVEN: &str = "echo x >> $(dirname $0)/compiled; \
                      if [ $(( $(wc -l < $(dirname $0)/compiled) % 2 )) = 0 ]; then sleep 0.5; fi";

fn compilations(fixture: &Fixture) -> usize {
    let noted = std::fs::read_to_string(fixture.path("fake/bin/compiled")).unwrap();
    noted.lines().count()
}

#[test]
fn each_side_is_compiled_once_before_anything_is_measured() {
    let fixture = Fixture::new();
    let toolchain = fixture.fake_toolchain(UNEVEN);
    let mut bench = fixture.bench();
    let job = job(&toolchain, &[("tiny", Profile::Check, &["full"])]);
    let compiled_by = |bench: &collector::measure::Workbench| {
        let before = compilations(&fixture);
        crate::fixture::measure(bench, &job, &toolchain);
        compilations(&fixture) - before
    };
    crate::fixture::measure(&bench, &job, &toolchain);
    let cold = compiled_by(&bench);
    bench.options = MeasuringOptions {
        warm_up: true,
        ..bench.options
    };
    assert_eq!(compiled_by(&bench), cold + 1);
}

#[test]
fn an_uneven_test_case_is_measured_until_the_budget_is_spent_as_often_on_both_sides() {
    let fixture = Fixture::new();
    let toolchain = fixture.fake_toolchain(UNEVEN);
    let bench = fixture.bench();
    let mut job = job(&toolchain, &[("tiny", Profile::Check, &["full"])]);
    let mut head = first_run(&toolchain);
    head.replicate = Replicate::FIRST.next();
    job.runs.push(head);
    job.iterations = 3;
    job.precision = Some(Precision {
        half_width_basis_points: 1,
        iterations_max: 5,
    });
    let mut last = None;
    let outcome = bench.measure(
        &job,
        Attempt(1),
        &toolchains_of(&toolchain),
        &mut |progress| {
            last = Some((progress.done, progress.total));
        },
    );
    let outcome = outcome.unwrap();
    for measurement in &outcome.document.measurements {
        let times = measurement.values.iter();
        let times = times.filter(|values| values.metric.as_str() == "wall-time");
        let counts: Vec<usize> = times.map(|values| values.measured().count()).collect();
        assert_eq!(counts, [5], "{:?}", measurement.replicate);
    }
    assert_eq!(outcome.document.measurements.len(), 2);
    assert_eq!(last, Some((10, 10)));
    assert!(
        outcome.log.contains("5 rounds were measured"),
        "{}",
        outcome.log
    );
}

#[test]
fn the_order_of_the_units_is_drawn_by_lot_for_each_attempt() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let bench = fixture.bench();
    let profiles = [Profile::Check, Profile::Debug, Profile::Doc];
    let units = profiles.map(|profile| ("tiny", profile, &["full"][..]));
    let job = job(&toolchain, &units);
    let order = |attempt: u32| -> Vec<String> {
        let toolchains = toolchains_of(&toolchain);
        let outcome = bench.measure(&job, Attempt(attempt), &toolchains, &mut |_| ());
        let document = outcome.unwrap().document;
        assert_eq!(values(&document, "tiny/check/full", "wall-time").len(), 1);
        let measured = document.measurements.iter();
        measured
            .map(|measurement| measurement.test_case.name())
            .collect()
    };
    let orders: Vec<Vec<String>> = (1..=4).map(order).collect();
    assert_eq!(orders[0], order(1));
    assert!(orders.iter().any(|other| *other != orders[0]), "{orders:?}");
}
