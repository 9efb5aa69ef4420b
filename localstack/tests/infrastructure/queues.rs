//! The queues: their names, leases, and what happens to what nobody can handle.

use shared_types::ConfigurationId;
use shared_types::job::{DELIVERIES_PER_RELEASE, LEASE_SECONDS};

use crate::terraform_files::{
    attribute, block, evaluate, folder, local, local_value, resources, written,
};

fn name(resource: &str, environment: &str, key: &str) -> String {
    let fleet = folder("modules/fleet");
    let queue = block(&fleet, "resource", &["aws_sqs_queue", resource]);
    let given = [
        ("var", hcl::value!({ "environment" = environment })),
        ("each", hcl::value!({ "key" = key })),
    ];
    let name = evaluate(attribute(queue, "name"), &given);
    name.as_str().unwrap().to_owned()
}

#[test]
fn queues_of_configurations_are_called_as_the_programs_call_them() {
    for environment in ["staging", "production"] {
        for id in ["x86_64-zen4-llvm-t1", "stage1-O3"] {
            let configuration: ConfigurationId = id.parse().unwrap();
            assert_eq!(
                name("jobs", environment, id),
                configuration.queue_name(environment)
            );
            assert_eq!(
                name("job_dead_letters", environment, id),
                configuration.dead_letter_queue_name(environment)
            );
        }
    }
}

#[test]
fn queues_of_functions_are_called_as_the_programs_call_them() {
    let queues = local(&folder("modules/fleet"), "function_queues");
    let mut names: Vec<&String> = queues.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["compare", "events", "github", "ingest"]);
    assert_eq!(
        name("functions", "staging", "github"),
        "perfleet-staging--github"
    );
    assert_eq!(
        name("function_dead_letters", "staging", "github"),
        "perfleet-staging--github-dead-letters"
    );
}

#[test]
fn no_configuration_can_be_named_so_that_its_queue_is_a_functions_queue() {
    let events = name("functions", "staging", "events");
    let configuration = events.strip_prefix("perfleet-staging-").unwrap();
    configuration.parse::<ConfigurationId>().unwrap_err();
}

#[test]
fn lease_and_deliveries_are_those_of_the_protocol() {
    let fleet = folder("modules/fleet");
    let default = |variable: &str| {
        let variable = block(&fleet, "variable", &[variable]);
        attribute(variable, "default").clone()
    };
    assert_eq!(
        default("lease_seconds"),
        hcl::Expression::from(LEASE_SECONDS)
    );
    assert_eq!(
        default("deliveries_max"),
        hcl::Expression::from(DELIVERIES_PER_RELEASE)
    );
}

#[test]
fn a_message_stays_hidden_for_six_times_as_long_as_its_function_may_take() {
    let fleet = folder("modules/fleet");
    let functions = local(&fleet, "functions");
    let queue = block(&fleet, "resource", &["aws_sqs_queue", "functions"]);
    let hidden = attribute(queue, "visibility_timeout_seconds");
    for (name, settings) in local(&fleet, "function_queues").as_object().unwrap() {
        let given = [
            (
                "local",
                hcl::value!({ "functions" = (local_value(&fleet, "functions")) }),
            ),
            (
                "each",
                hcl::value!({ "value" = (hcl::value::to_value(settings).unwrap()) }),
            ),
        ];
        let seconds = evaluate(hidden, &given).as_u64().unwrap();
        let function = settings["function"].as_str().unwrap();
        let limit = functions[function]["timeout_seconds"].as_u64().unwrap();
        let window = settings["window_seconds"].as_u64().unwrap();
        assert!(seconds >= 6 * limit + window, "{name}: {seconds} s");
    }
}

#[test]
fn every_queue_is_encrypted_spoken_to_by_tls_alone_and_loses_nothing_for_two_weeks() {
    let fleet = folder("modules/fleet");
    let policies = written(attribute_of_locals(&fleet, "queues"));
    let mut count = 0;
    for queue in resources(&fleet, "aws_sqs_queue") {
        count += 1;
        let label = queue.labels[1].as_str();
        assert_eq!(
            *attribute(queue, "sqs_managed_sse_enabled"),
            hcl::Expression::from(true)
        );
        assert_eq!(
            written(attribute(queue, "message_retention_seconds")),
            "local.retention_seconds"
        );
        assert!(
            policies.contains(&format!("aws_sqs_queue.{label} ")),
            "{label} has no policy"
        );
    }
    assert_eq!(count, 4);
    assert_eq!(
        local(&fleet, "retention_seconds").as_u64(),
        Some(14 * 86_400)
    );
}

fn attribute_of_locals<'a>(fleet: &'a hcl::Body, name: &str) -> &'a hcl::Expression {
    let locals = fleet
        .blocks()
        .filter(|block| block.identifier() == "locals");
    let mut attributes = locals.flat_map(|block| block.body.attributes());
    attributes
        .find(|attribute| attribute.key() == name)
        .unwrap()
        .expr()
}
