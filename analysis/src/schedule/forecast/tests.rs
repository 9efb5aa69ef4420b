use proptest::prelude::*;

use super::*;

fn request(number: u8) -> RequestId {
    RequestId::from_parts(u64::from(number), &[number; 10])
}

fn job(number: u8, configuration: &str, seconds: f64) -> ExpectedJob {
    ExpectedJob {
        request: request(number),
        configuration: configuration.parse().unwrap(),
        seconds,
    }
}

fn collector(serves: &[&str], at_work_on: Option<ExpectedJob>) -> ExpectedCollector {
    ExpectedCollector {
        configurations: serves.iter().map(|id| id.parse().unwrap()).collect(),
        at_work_on,
    }
}

#[test]
fn what_waits_is_dealt_out_in_order_as_collectors_become_free() {
    let collectors = [
        collector(&["x"], Some(job(1, "x", 100.0))),
        collector(&["x"], None),
    ];
    let waiting = [job(1, "x", 30.0), job(2, "x", 50.0), job(2, "x", 40.0)];
    let told = forecast(&collectors, &waiting);
    assert_eq!(told.requests[&request(1)], 100.0);
    // The second collector does 30, 50 and 40.
    assert_eq!(told.requests[&request(2)], 120.0);
    assert_eq!(told.configurations[&"x".parse().unwrap()], 120.0);
}

#[test]
fn a_collector_of_two_configurations_takes_from_one_after_the_other() {
    let collectors = [collector(&["x", "y"], None)];
    let waiting = [job(1, "x", 10.0), job(2, "x", 10.0), job(3, "y", 10.0)];
    let told = forecast(&collectors, &waiting);
    let ends: Vec<f64> = told.requests.into_values().collect();
    assert_eq!(ends, [10.0, 30.0, 20.0]);
}

#[test]
fn of_what_no_collector_serves_nothing_is_told() {
    let waiting = [job(1, "x", 10.0), job(1, "y", 10.0), job(2, "x", 10.0)];
    let told = forecast(&[collector(&["x"], None)], &waiting);
    assert_eq!(told.requests.get(&request(1)), None);
    assert_eq!(told.requests[&request(2)], 20.0);
}

proptest! {
    #[test]
    fn nothing_ends_before_its_share_of_the_work_nor_after_all_of_it(
        seconds in prop::collection::vec(1.0f64..1000.0, 1..40), collectors in 1usize..5
    ) {
        let waiting: Vec<_> = seconds.iter().map(|seconds| job(1, "x", *seconds)).collect();
        let fleet = vec![collector(&["x"], None); collectors];
        let told = forecast(&fleet, &waiting).requests[&request(1)];
        let all: f64 = seconds.iter().sum();
        let longest = seconds.iter().copied().fold(0.0, f64::max);
        prop_assert!(told >= all / collectors as f64 - 1e-6);
        prop_assert!(told <= all / collectors as f64 + longest + 1e-6);
    }
}
