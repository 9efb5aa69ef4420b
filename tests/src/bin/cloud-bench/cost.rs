//! Calls, and what AWS asks for them.

use localstack::{Traffic, TrafficByCall};

/// Prices of us-east-1 in US dollars, as AWS published them in 2025.
const SQS_CALL: f64 = 0.40e-6;
const S3_WRITE: f64 = 5e-6;
const S3_READ: f64 = 0.4e-6;
const DYNAMODB_WRITE_UNIT: f64 = 0.625e-6;
const DYNAMODB_READ_UNIT: f64 = 0.125e-6;

/// A kilobyte of what is written makes a unit, two within a transaction, and half as much again for
/// the index of lists.
const UNITS_OF_A_TRANSACTED_KB: f64 = 3.0;
const UNITS_OF_A_PUT_KB: f64 = 1.5;
/// So many bytes of an answer make a read unit.
const BYTES_OF_A_READ_UNIT: f64 = 4096.0;

/// A table of calls, each count divided by `parts`.
pub(crate) fn print_calls(traffic: &TrafficByCall, parts: f64, each: &str) {
    println!("| service | call | {each} | bytes {each} |");
    println!("|---|---|---:|---:|");
    for (call, traffic) in traffic.iter() {
        println!(
            "| {} | {} | {:.1} | {:.0} |",
            call.service,
            call.operation,
            traffic.calls as f64 / parts,
            (traffic.request_bytes + traffic.response_bytes) as f64 / parts
        );
    }
}

/// The calls that functions make for an answer, without the question itself.
pub(crate) fn of_functions(traffic: &TrafficByCall) -> Traffic {
    let mut sum = Traffic::default();
    for (call, traffic) in traffic.iter() {
        if ["sqs", "s3", "dynamodb"].contains(&call.service.as_str()) {
            sum.calls += traffic.calls;
            sum.request_bytes += traffic.request_bytes;
            sum.response_bytes += traffic.response_bytes;
        }
    }
    sum
}

/// What 1,000 runs cost, from the calls of some.
pub(crate) fn print_cost_of_runs(traffic: &TrafficByCall, runs: f64) {
    let (mut sqs, mut s3, mut dynamodb) = (0.0, 0.0, 0.0);
    for (call, traffic) in traffic.iter() {
        let calls = traffic.calls as f64;
        match call.service.as_str() {
            "sqs" => sqs += calls * SQS_CALL,
            "s3" if call.operation.starts_with("Put") || call.operation.starts_with("List") => {
                s3 += calls * S3_WRITE;
            }
            "s3" => s3 += calls * S3_READ,
            "dynamodb" => dynamodb += dynamodb_cost(&call.operation, traffic),
            _ => {}
        }
    }
    let of_thousand = 1000.0 / runs;
    println!(
        "\n1,000 such runs: SQS {:.3} USD, S3 {:.3} USD, DynamoDB {:.3} USD, {:.3} USD together.",
        sqs * of_thousand,
        s3 * of_thousand,
        dynamodb * of_thousand,
        (sqs + s3 + dynamodb) * of_thousand
    );
}

fn dynamodb_cost(operation: &str, traffic: Traffic) -> f64 {
    let calls = traffic.calls as f64;
    let written_kb = (traffic.request_bytes as f64 / 1024.0).max(calls);
    match operation {
        "TransactWriteItems" => written_kb * UNITS_OF_A_TRANSACTED_KB * DYNAMODB_WRITE_UNIT,
        "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" => {
            written_kb * UNITS_OF_A_PUT_KB * DYNAMODB_WRITE_UNIT
        }
        _ => {
            let units = (traffic.response_bytes as f64 / BYTES_OF_A_READ_UNIT).max(calls);
            units * DYNAMODB_READ_UNIT
        }
    }
}
