//! One row of a comparison in every respect.

use serde_json::{Value, json};

use crate::world::World;

const SIDES: &str = "comparisons/release-1.85.0..release-1.86.0";

/// A base whose queries are known or not, and a head whose are.
async fn measured_world(queries_of_base: Option<&[(&str, u64)]>) -> World {
    let world = World::new().await;
    world.register("zen4").await;
    world.add_releases(85, 86).await;
    match queries_of_base {
        None => world.measure("release-1.85.0", "zen4", "host-1", 1.0).await,
        Some(queries) => {
            world
                .measure_with_queries("release-1.85.0", "zen4", 1.0, queries)
                .await;
        }
    }
    let queries = [("mir_borrowck", 9), ("typeck", 40)];
    world
        .measure_with_queries("release-1.86.0", "zen4", 1.2, &queries)
        .await;
    world
}

#[tokio::test]
async fn every_metric_of_both_sides_is_told_by_its_smallest_iteration() {
    let world = measured_world(None).await;
    let comparison = world.get(&format!("{SIDES}?configuration=zen4")).await;
    let row = &comparison["test_cases"][0];
    let name = row["name"].as_str().unwrap();
    let detail = world
        .get(&format!(
            "{SIDES}/test-case?configuration=zen4&test_case={name}"
        ))
        .await;
    assert_eq!(detail["test_case"], row["test_case"]);
    let metrics: &Vec<Value> = detail["metrics"].as_array().unwrap();
    let compared = metrics
        .iter()
        .find(|figures| figures["metric"]["name"] == comparison["metric"])
        .unwrap();
    let smallest = |iterations: &Value| {
        let values = iterations.as_array().unwrap().iter();
        values.filter_map(Value::as_f64).min_by(f64::total_cmp)
    };
    assert_eq!(
        [compared["base"].as_f64(), compared["head"].as_f64()],
        [
            smallest(&row["base_iterations"]),
            smallest(&row["head_iterations"])
        ]
    );
}

async fn queries(world: &World) -> Value {
    let comparison = world.get(&format!("{SIDES}?configuration=zen4")).await;
    let name = comparison["test_cases"][0]["name"].as_str().unwrap();
    let path = format!("{SIDES}/test-case?configuration=zen4&test_case={name}");
    world.get(&path).await["queries"].clone()
}

#[tokio::test]
async fn queries_are_told_with_the_largest_difference_first() {
    let of_base = [("mir_borrowck", 7), ("typeck", 10)];
    let world = measured_world(Some(&of_base)).await;
    let told = queries(&world).await;
    let told: Vec<(&str, f64, f64)> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let ns = |field: &str| it[field].as_f64().unwrap();
            (it["query"].as_str().unwrap(), ns("base_ns"), ns("head_ns"))
        })
        .collect();
    assert_eq!(told, [("typeck", 10.0, 40.0), ("mir_borrowck", 7.0, 9.0)]);
}

#[tokio::test]
async fn no_queries_are_told_where_a_side_has_no_profile() {
    let world = measured_world(None).await;
    assert_eq!(queries(&world).await, json!([]));
}

#[tokio::test]
async fn a_part_of_a_name_and_no_name_are_refused_in_words() {
    let world = measured_world(None).await;
    let (status, problem) = world
        .try_get(&format!(
            "{SIDES}/test-case?configuration=zen4&test_case=no-such"
        ))
        .await;
    assert_eq!(status, 404, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("no-such"));
    let (status, problem) = world
        .try_get(&format!("{SIDES}/test-case?configuration=zen4"))
        .await;
    assert_eq!(status, 400, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("`test_case`"));
}

async fn detail(world: &World) -> Value {
    let comparison = world.get(&format!("{SIDES}?configuration=zen4")).await;
    let name = comparison["test_cases"][0]["name"].as_str().unwrap();
    let path = format!("{SIDES}/test-case?configuration=zen4&test_case={name}");
    world.get(&path).await
}

/// Side, replicate, host, standing.
fn short(detail: &Value) -> Vec<(&str, u64, &str, &str)> {
    let replicates = detail["replicates"].as_array().unwrap().iter();
    replicates
        .map(|it| {
            let text = |field: &str| it[field].as_str().unwrap();
            let replicate = it["replicate"].as_u64().unwrap();
            (text("side"), replicate, text("host"), text("standing"))
        })
        .collect()
}

#[tokio::test]
async fn every_measuring_is_told_with_its_iterations_and_whether_it_counts() {
    let world = measured_world(Some(&[("typeck", 3)])).await;
    world
        .measure_replicate(("release-1.86.0", 2), "zen4", "host-2", 1.3)
        .await;
    let told = detail(&world).await;
    assert_eq!(
        short(&told),
        [
            ("base", 1, "host-1", "counts"),
            ("head", 1, "host-1", "counts"),
            ("head", 2, "host-2", "counts"),
        ]
    );
    let comparison = world.get(&format!("{SIDES}?configuration=zen4")).await;
    let compared = &comparison["test_cases"][0]["head_iterations"];
    let iterations: Vec<Value> = told["replicates"].as_array().unwrap()[1..]
        .iter()
        .flat_map(|it| {
            let mut values = it["values"].as_array().unwrap().iter();
            let of_metric = values.find(|values| values["metric"] == comparison["metric"]);
            of_metric.unwrap()["iterations"].as_array().unwrap().clone()
        })
        .collect();
    assert_eq!(compared.as_array().unwrap(), &iterations);
    assert_eq!(told["replicates"][0]["has_self_profile"], true);
    // It was never kept.
    assert_eq!(told["replicates"][0].get("raw_profile"), None);
}

#[tokio::test]
async fn a_measuring_that_was_taken_back_is_told_with_the_reason() {
    let world = measured_world(None).await;
    world
        .measure_replicate(("release-1.86.0", 2), "zen4", "host-2", 1.3)
        .await;
    let body = json!({
        "range": { "run": "release-1.86.0@zen4#2" },
        "reason": "the fan failed",
    });
    let (status, answer) = world.post("retractions", Some(&world.admin), &body).await;
    assert_eq!(status, 200, "{answer:#}");
    let told = detail(&world).await;
    assert_eq!(short(&told)[2], ("head", 2, "host-2", "retracted"));
    let note = told["replicates"][2]["note"].as_str().unwrap();
    assert!(note.contains("the fan failed"), "{note}");
}

#[tokio::test]
async fn the_command_that_measures_it_again_names_both_compilers_and_the_test_case() {
    let world = measured_world(None).await;
    let told = detail(&world).await;
    let command = told["reproduce"].as_str().unwrap();
    let begins = "collector bench release-1.85.0 release-1.86.0 --include ";
    assert!(command.starts_with(begins), "{command}");
    let name = told["test_case"]["benchmark"].as_str().unwrap();
    assert!(command.contains(name), "{command}");
}
