//! What functions, collectors and whoever deploys may do.

use hcl::{Block, Body};

use crate::terraform_files::{attribute, block, find_attribute, folder, label_texts, written};

/// A statement of a policy document, as it is written.
struct Statement {
    document: String,
    actions: String,
    resources: String,
    denies: bool,
    is_trust: bool,
    has_condition: bool,
}

fn statements(body: &Body) -> Vec<Statement> {
    let documents = body.blocks().filter(|block| {
        block.identifier() == "data" && label_texts(block)[0] == "aws_iam_policy_document"
    });
    documents
        .flat_map(|document| {
            let name = document.labels[1].as_str().to_owned();
            document.body.blocks().filter_map(move |block| {
                let content = match block.identifier() {
                    "statement" => &block.body,
                    "dynamic" => &dynamic_content(block).body,
                    _ => return None,
                };
                Some(statement(name.clone(), content))
            })
        })
        .collect()
}

fn dynamic_content(dynamic: &Block) -> &Block {
    block(&dynamic.body, "content", &[])
}

fn statement(document: String, content: &Body) -> Statement {
    let text = |name| find_attribute(content, name).map_or_else(String::new, written);
    let has = |name| content.blocks().any(|block| block.identifier() == name);
    Statement {
        document,
        actions: text("actions"),
        resources: text("resources"),
        denies: text("effect") == "\"Deny\"",
        is_trust: text("resources").is_empty() && has("principals"),
        has_condition: has("condition"),
    }
}

#[test]
fn no_function_and_no_collector_has_a_right_to_everything() {
    let mut allowed = 0;
    for module in ["modules/fleet", "modules/function"] {
        for statement in statements(&folder(module)) {
            if statement.denies || statement.is_trust {
                continue;
            }
            allowed += 1;
            let Statement {
                document,
                actions,
                resources,
                ..
            } = statement;
            assert!(!actions.contains('*'), "{document}: {actions}");
            assert!(!resources.contains("\"*\""), "{document}: {resources}");
            assert!(!resources.is_empty(), "{document}: {actions}");
        }
    }
    assert!(allowed > 15, "only {allowed} statements were found");
}

#[test]
fn nobody_scans_the_index_and_no_collector_touches_it() {
    for statement in statements(&folder("modules/fleet")) {
        assert!(
            !statement.actions.contains("Scan"),
            "{}",
            statement.document
        );
        if statement.document.starts_with("collector") {
            assert!(!statement.actions.contains("dynamodb"));
            assert!(!statement.resources.contains("dynamodb"));
        }
    }
}

#[test]
fn a_collector_writes_results_of_its_own_configuration_alone_and_only_once() {
    let fleet = folder("modules/fleet");
    let writes: Vec<Statement> = statements(&fleet)
        .into_iter()
        .filter(|it| it.document == "collector" && it.actions.contains("s3:PutObject"))
        .collect();
    assert_eq!(writes.len(), 1);
    assert!(
        writes[0].resources.contains("/results/v1/${each.key}/*"),
        "{}",
        writes[0].resources
    );
    assert!(writes[0].has_condition);
    let document = block(&fleet, "data", &["aws_iam_policy_document", "collector"]);
    let text = hcl::to_string(&document.body).unwrap();
    assert!(text.contains("s3:if-none-match"), "{text}");
    assert_eq!(
        written(attribute(document, "for_each")),
        "var.configurations"
    );
}

#[test]
fn a_collectors_role_is_given_to_its_own_certificate_alone() {
    let fleet = folder("modules/fleet");
    let trust = block(
        &fleet,
        "data",
        &["aws_iam_policy_document", "collector_trust"],
    );
    let text = hcl::to_string(&trust.body).unwrap();
    assert!(text.contains("aws:PrincipalTag/x509Subject/CN"), "{text}");
    assert!(text.contains("aws:SourceArn"), "{text}");
    assert!(text.contains("each.key"), "{text}");
}

#[test]
fn whoever_deploys_changes_nothing_without_the_environments_name_or_tag() {
    for statement in statements(&folder("bootstrap")) {
        let everywhere = statement.resources.contains("\"*\"");
        if statement.is_trust || !everywhere || statement.has_condition {
            continue;
        }
        let actions = statement.actions.replace(['[', ']', '\n', ' ', '"'], "");
        for action in actions.split(',').filter(|action| !action.is_empty()) {
            let (_, verb) = action.split_once(':').unwrap();
            let reads = ["Get", "List", "Describe"];
            assert!(
                reads.iter().any(|read| verb.starts_with(read)),
                "{}: {action}",
                statement.document
            );
        }
    }
}

#[test]
fn only_workflows_of_one_repository_and_environment_deploy() {
    let bootstrap = folder("bootstrap");
    let trust = block(&bootstrap, "data", &["aws_iam_policy_document", "github"]);
    let text = hcl::to_string(&trust.body).unwrap();
    assert!(
        text.contains("repo:${var.repository}:environment:${var.environment}"),
        "{text}"
    );
    assert!(text.contains("StringEquals"), "{text}");
    assert!(!text.contains("StringLike"), "{text}");
}
