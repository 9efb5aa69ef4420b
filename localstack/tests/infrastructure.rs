//! What Terraform makes is what the programs look for.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use hcl::eval::{Context, Evaluate};
use hcl::{Block, Body, Expression};
use shared_types::ConfigurationId;
use shared_types::job::{DELIVERIES_PER_RELEASE, LEASE_SECONDS};

fn infra() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra")
}

/// All files of a folder as one, as Terraform reads them.
fn folder(path: &str) -> Body {
    let entries = std::fs::read_dir(infra().join(path)).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    let terraform = files.filter(|path| path.extension().is_some_and(|found| found == "tf"));
    let texts: Vec<String> = terraform
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    hcl::parse(&texts.join("\n")).unwrap()
}

fn block<'a>(body: &'a Body, kind: &str, labels: &[&str]) -> &'a Block {
    let found = body.blocks().find(|block| {
        let names: Vec<&str> = block.labels.iter().map(hcl::BlockLabel::as_str).collect();
        block.identifier() == kind && names == labels
    });
    found.unwrap_or_else(|| panic!("there is no {kind} {labels:?}"))
}

fn attribute<'a>(block: &'a Block, name: &str) -> &'a Expression {
    let found = block
        .body
        .attributes()
        .find(|attribute| attribute.key() == name);
    found.unwrap_or_else(|| panic!("there is no {name}")).expr()
}

/// What Terraform makes of an expression for one configuration in one environment.
fn evaluate(expression: &Expression, environment: &str, configuration: &str) -> hcl::Value {
    let mut context = Context::new();
    context.declare_var("var", hcl::value!({ "environment" = environment }));
    context.declare_var("each", hcl::value!({ "key" = configuration }));
    expression.evaluate(&context).unwrap()
}

#[test]
fn queues_are_called_as_the_programs_call_them() {
    let fleet = folder("modules/fleet");
    let name = |resource: &str, environment: &str, configuration: &str| {
        let queue = block(&fleet, "resource", &["aws_sqs_queue", resource]);
        evaluate(attribute(queue, "name"), environment, configuration)
            .as_str()
            .unwrap()
            .to_owned()
    };
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
fn no_configuration_can_be_named_so_that_its_queue_is_a_functions_queue() {
    let fleet = folder("modules/fleet");
    let queue = block(&fleet, "resource", &["aws_sqs_queue", "functions"]);
    let name = evaluate(attribute(queue, "name"), "staging", "events");
    let configuration = name
        .as_str()
        .unwrap()
        .strip_prefix("perfleet-staging-")
        .unwrap();
    configuration.parse::<ConfigurationId>().unwrap_err();
}

#[test]
fn lease_and_deliveries_are_those_of_the_protocol() {
    let fleet = folder("modules/fleet");
    let default = |variable: &str| attribute(block(&fleet, "variable", &[variable]), "default");
    assert_eq!(*default("lease_seconds"), Expression::from(LEASE_SECONDS));
    assert_eq!(
        *default("deliveries_max"),
        Expression::from(DELIVERIES_PER_RELEASE)
    );
}

#[test]
fn the_results_are_versioned_and_not_public() {
    let fleet = folder("modules/fleet");
    let versioning = block(&fleet, "resource", &["aws_s3_bucket_versioning", "results"]);
    let inner = block(&versioning.body, "versioning_configuration", &[]);
    assert_eq!(*attribute(inner, "status"), Expression::from("Enabled"));

    let access = block(
        &fleet,
        "resource",
        &["aws_s3_bucket_public_access_block", "results"],
    );
    for name in [
        "block_public_acls",
        "block_public_policy",
        "ignore_public_acls",
        "restrict_public_buckets",
    ] {
        assert_eq!(*attribute(access, name), Expression::from(true), "{name}");
    }
}

#[test]
fn staging_and_production_are_the_same_module_under_their_own_names() {
    for environment in ["staging", "production"] {
        let body = folder(&format!("environments/{environment}"));
        let module = block(&body, "module", &["fleet"]);
        assert_eq!(
            *attribute(module, "source"),
            Expression::from("../../modules/fleet")
        );
        assert_eq!(
            *attribute(module, "environment"),
            Expression::from(environment)
        );
    }
}
