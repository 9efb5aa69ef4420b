//! `openapi.json` as the description of what the API answers.

use std::collections::BTreeSet;

use functions::api::{Access, ROUTES};
use serde_json::Value;

/// What is held against the documentation.
pub(crate) struct Answered<'a> {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// The document, and schemas of answers ready for use.
pub(crate) struct Documentation {
    document: Value,
}

impl Documentation {
    pub(crate) fn read() -> Self {
        let text = include_str!("../../openapi.json");
        Self {
            document: serde_json::from_str(text).unwrap(),
        }
    }

    /// Fails unless an answer is as documented: its status, its type, and every field.
    pub(crate) fn check(&self, method: &str, path: &str, answer: &Answered) {
        let Answered {
            status,
            content_type,
            body,
        } = *answer;
        let Some(operation) = self.operation(method, path) else {
            assert!(
                matches!(status, 404 | 405),
                "{method} {path} is not documented, yet answered with {status}"
            );
            return self.check_body("Problem", path, body);
        };
        let responses = &operation["responses"];
        let status_text = status.to_string();
        let response = responses.get(&status_text).unwrap_or_else(|| {
            panic!(
                "{method} {path} answers {status}, which is not documented: {}",
                String::from_utf8_lossy(body)
            )
        });
        let Some(content) = response.get("content") else {
            assert!(
                body.is_empty(),
                "{method} {path} answers {status} with a body"
            );
            return;
        };
        let content_type = content_type.unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default();
        let schema = content.get(media_type).unwrap_or_else(|| {
            panic!("{method} {path} answers {status} as {content_type}, not as {content}")
        });
        if media_type == "text/plain" {
            assert!(std::str::from_utf8(body).is_ok(), "{path} is no text");
            return;
        }
        self.check_schema(&schema["schema"], path, body);
    }

    fn check_body(&self, schema: &str, path: &str, body: &[u8]) {
        let reference = serde_json::json!({ "$ref": format!("#/components/schemas/{schema}") });
        self.check_schema(&reference, path, body);
    }

    fn check_schema(&self, schema: &Value, path: &str, body: &[u8]) {
        let mut schema = schema.clone();
        schema["components"] = self.document["components"].clone();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let instance: Value = serde_json::from_slice(body).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&instance)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(
            errors.is_empty(),
            "{path} is not as documented: {errors:#?}\n{instance:#}"
        );
    }

    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let rest = path.strip_prefix("/api/v1/")?;
        let parts: Vec<&str> = rest.split('/').collect();
        let paths = self.document["paths"].as_object().unwrap();
        paths
            .iter()
            .filter(|(pattern, _)| {
                let pattern: Vec<&str> = pattern.trim_start_matches('/').split('/').collect();
                pattern.len() == parts.len()
                    && pattern
                        .iter()
                        .zip(&parts)
                        .all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
            })
            .find_map(|(_, operations)| operations.get(method.to_ascii_lowercase()))
    }
}

#[test]
fn every_route_is_documented_and_nothing_else_is() {
    let documentation = Documentation::read();
    let documented: BTreeSet<String> = documentation.document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, operations)| {
            operations.as_object().unwrap().keys().map(move |method| {
                format!(
                    "{} {}",
                    method.to_ascii_uppercase(),
                    path.trim_start_matches('/')
                )
            })
        })
        .collect();
    let routes: BTreeSet<String> = ROUTES
        .iter()
        .map(|route| format!("{} {}", route.method, route.pattern))
        .collect();
    assert_eq!(documented, routes);
}

#[test]
fn the_parameters_and_roles_of_every_route_are_documented() {
    let documentation = Documentation::read();
    for route in ROUTES {
        let path = format!("/{}", route.pattern);
        let method = route.method.to_string().to_ascii_lowercase();
        let operation = &documentation.document["paths"][&path][&method];
        let in_place = |place: &str| -> BTreeSet<String> {
            let parameters = operation["parameters"].as_array();
            parameters
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == place)
                .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                .collect()
        };
        let known: BTreeSet<String> = route
            .parameters
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        assert_eq!(in_place("query"), known, "{path}");
        let braces: BTreeSet<String> = route
            .pattern
            .split('{')
            .skip(1)
            .map(|rest| rest.split('}').next().unwrap().to_owned())
            .collect();
        assert_eq!(in_place("path"), braces, "{path}");
        let secured = operation.get("security").is_some();
        assert_eq!(secured, route.access != Access::Open, "{path}");
    }
}

#[test]
fn no_documented_object_may_have_fields_that_are_not_documented() {
    fn visit(place: &str, schema: &Value) {
        if schema.get("properties").is_some() {
            assert_eq!(schema["additionalProperties"], false, "{place}");
        }
        match schema {
            Value::Object(fields) => fields
                .iter()
                .for_each(|(name, inner)| visit(&format!("{place}/{name}"), inner)),
            Value::Array(items) => items.iter().for_each(|inner| visit(place, inner)),
            _ => {}
        }
    }
    visit("", &Documentation::read().document["components"]["schemas"]);
}

#[test]
#[should_panic(expected = "is not as documented")]
fn a_field_that_is_not_documented_is_found() {
    let page = br#"{"items":[{"id":"release-1.95.0","colour":"red"}]}"#;
    let answer = Answered {
        status: 200,
        content_type: Some("application/json"),
        body: page,
    };
    Documentation::read().check("GET", "/api/v1/artifacts", &answer);
}

#[test]
#[should_panic(expected = "answers 418, which is not documented")]
fn a_status_that_is_not_documented_is_found() {
    let answer = Answered {
        status: 418,
        content_type: None,
        body: b"",
    };
    Documentation::read().check("GET", "/api/v1/artifacts", &answer);
}
