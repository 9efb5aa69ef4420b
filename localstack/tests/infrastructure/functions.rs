//! The functions: their names, variables, limits, and what starts them.

use hcl::Expression;

use crate::terraform_files::{attribute, block, evaluate, folder, local, text, written};

/// In alphabetical order.
const FUNCTIONS: [&str; 6] = [
    "api",
    "compare",
    "coordinator",
    "github",
    "ingest",
    "reconcile",
];

#[test]
fn there_is_a_function_for_each_of_the_programs() {
    let fleet = folder("modules/fleet");
    for table in ["functions", "function_rights"] {
        let table = local(&fleet, table);
        let mut names: Vec<&String> = table.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, FUNCTIONS);
    }
}

#[test]
fn a_function_is_called_and_packed_as_the_programs_expect() {
    let function = folder("modules/function");
    let resource = block(&function, "resource", &["aws_lambda_function", "this"]);
    assert_eq!(
        *attribute(resource, "runtime"),
        Expression::from("provided.al2023")
    );
    assert_eq!(
        *attribute(resource, "handler"),
        Expression::from("bootstrap")
    );
    let locals = block(&function, "locals", &[]);
    let given = [(
        "var",
        hcl::value!({ "environment" = "staging", "name" = "api" }),
    )];
    let name = evaluate(attribute(locals, "full_name"), &given);
    assert_eq!(name.as_str(), Some("perfleet-staging-api"));

    let fleet = folder("modules/fleet");
    let module = block(&fleet, "module", &["functions"]);
    let given = [
        ("var", hcl::value!({ "functions_directory" = "dist/arm64" })),
        ("each", hcl::value!({ "key" = "ingest" })),
    ];
    let zip = evaluate(attribute(module, "zip"), &given);
    assert_eq!(zip.as_str(), Some("dist/arm64/ingest.zip"));
}

#[test]
fn a_function_is_told_of_its_environment_and_bucket() {
    let fleet = folder("modules/fleet");
    let of = |name: &str| {
        let locals = fleet
            .blocks()
            .filter(|block| block.identifier() == "locals");
        let mut attributes = locals.flat_map(|block| block.body.attributes());
        let found = attributes
            .find(|attribute| attribute.key() == name)
            .unwrap();
        written(found.expr())
    };
    let variables = of("function_variables");
    assert!(
        variables.contains("PERFLEET_AWS_ENVIRONMENT"),
        "{variables}"
    );
    assert!(variables.contains("PERFLEET_AWS_BUCKET"), "{variables}");
    // One that posts must know that it is the shadow of another, so all of them are told.
    assert!(variables.contains("PERFLEET_SHADOW"), "{variables}");
    assert!(of("api_variables").contains("PERFLEET_AWS_PAGE_BUCKET"));
}

#[test]
fn the_key_of_the_bot_stands_in_no_variable_and_one_function_reads_its_secret() {
    let text = text("infra/modules/fleet/functions.tf");
    let names = [
        "PERFLEET_ZULIP_SITE",
        "PERFLEET_ZULIP_BOT_EMAIL",
        "PERFLEET_ZULIP_CHANNEL",
        "PERFLEET_ZULIP_API_KEY_ARN",
        "PERFLEET_PAGE_URL",
    ];
    for name in names {
        assert_eq!(text.matches(name).count(), 1, "{name}");
    }
    assert_eq!(text.matches("PERFLEET_ZULIP_API_KEY").count(), 1);
    // What the line stands behind is the name of the function.
    let (before, _) = text.split_once("PERFLEET_ZULIP_API_KEY_ARN").unwrap();
    let line = before.lines().last().unwrap().trim();
    assert_eq!(line, "reconcile = tomap({");
    let rights = self::text("infra/modules/fleet/function_rights.tf");
    assert!(rights.contains("local.secrets_of_functions[each.key]"));
    for place in ["staging", "production"] {
        let main = self::text(&format!("infra/environments/{place}/main.tf"));
        assert!(!main.contains("zulip_api_key"), "{place}");
    }
}

#[test]
fn what_a_queue_starts_at_once_is_less_than_what_is_reserved() {
    let fleet = folder("modules/fleet");
    let functions = local(&fleet, "functions");
    for (queue, settings) in local(&fleet, "function_queues").as_object().unwrap() {
        let function = &functions[settings["function"].as_str().unwrap()];
        let by_queue = function["concurrency_max"].as_u64().unwrap();
        let reserved = function["concurrency"].as_u64().unwrap();
        // SQS does not allow fewer than two.
        assert!(by_queue >= 2, "{queue}");
        assert!(by_queue < reserved, "{queue}: {by_queue} of {reserved}");
    }
}

#[test]
fn the_api_answers_before_the_cdn_gives_up() {
    let timeout = local(&folder("modules/fleet"), "functions")["api"]["timeout_seconds"]
        .as_u64()
        .unwrap();
    let cdn = folder("modules/cdn");
    let distribution = block(&cdn, "resource", &["aws_cloudfront_distribution", "this"]);
    let text = hcl::to_string(&distribution.body).unwrap();
    let (_, rest) = text.split_once("origin_read_timeout = ").unwrap();
    let gives_up: u64 = rest.lines().next().unwrap().parse().unwrap();
    assert!(timeout < gives_up);
}

#[test]
fn one_message_that_fails_does_not_bring_back_those_beside_it() {
    let function = folder("modules/function");
    let mapping = block(
        &function,
        "resource",
        &["aws_lambda_event_source_mapping", "queue"],
    );
    assert_eq!(
        written(attribute(mapping, "function_response_types")).replace(['\n', ' '], ""),
        "[\"ReportBatchItemFailures\"]"
    );
}

#[test]
fn the_coordinator_runs_each_minute_and_the_reconciliation_each_hour() {
    let functions = local(&folder("modules/fleet"), "functions");
    for function in FUNCTIONS {
        let expected = match function {
            "coordinator" => Some("rate(1 minute)"),
            "reconcile" => Some("rate(1 hour)"),
            _ => None,
        };
        assert_eq!(functions[function]["schedule"].as_str(), expected);
    }
    // One emulator refuses what has an input.
    let function = folder("modules/function");
    let target = block(
        &function,
        "resource",
        &["aws_cloudwatch_event_target", "schedule"],
    );
    assert!(target.body.attributes().all(|it| it.key() != "input"));
}
