//! The environments, which share nothing but the module.

use hcl::Expression;

use crate::terraform_files::{attribute, block, folder, text};

const ENVIRONMENTS: [&str; 2] = ["staging", "production"];

#[test]
fn staging_and_production_are_the_same_module_under_their_own_names() {
    for environment in ENVIRONMENTS {
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
    for file in ["variables.tf", "outputs.tf"] {
        let of = |environment| text(&format!("infra/environments/{environment}/{file}"));
        assert_eq!(of(ENVIRONMENTS[0]), of(ENVIRONMENTS[1]), "{file}");
    }
}

#[test]
fn the_state_is_in_a_bucket_of_the_environments_own_with_a_lock() {
    for environment in ENVIRONMENTS {
        let body = folder(&format!("environments/{environment}"));
        let settings = block(&body, "terraform", &[]);
        let backend = block(&settings.body, "backend", &["s3"]);
        assert_eq!(*attribute(backend, "use_lockfile"), Expression::from(true));
        assert_eq!(*attribute(backend, "encrypt"), Expression::from(true));
        let names: Vec<&str> = backend.body.attributes().map(|it| it.key()).collect();
        assert!(
            !names.contains(&"bucket"),
            "two environments could share it"
        );
    }
}

#[test]
fn a_configuration_is_one_line() {
    for environment in ENVIRONMENTS {
        let values = text(&format!(
            "infra/environments/{environment}/terraform.tfvars"
        ));
        let body: hcl::Body = hcl::parse(&values).unwrap();
        let configurations = body
            .attributes()
            .find(|it| it.key() == "configurations")
            .unwrap();
        let Expression::Object(configurations) = configurations.expr() else {
            panic!("{environment}: `configurations` is no map");
        };
        assert!(!configurations.is_empty());
        for id in configurations.keys() {
            let id = id.to_string();
            let lines = values
                .lines()
                .filter(|line| line.trim_start().starts_with(&format!("{id} = {{")));
            assert_eq!(lines.count(), 1, "{id}");
        }
    }
}
