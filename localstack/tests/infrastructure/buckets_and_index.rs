//! What holds data: the buckets and the index.

use hcl::Expression;

use crate::terraform_files::{attribute, block, evaluate, folder, resources, written};

#[test]
fn every_bucket_is_guarded() {
    let fleet = folder("modules/fleet");
    let guarded: Vec<String> = fleet
        .blocks()
        .filter(|block| {
            block.identifier() == "module"
                && written(attribute(block, "source")).contains("private_bucket")
        })
        .map(|block| written(attribute(block, "bucket")))
        .collect();
    let buckets: Vec<String> = resources(&fleet, "aws_s3_bucket")
        .map(|bucket| format!("aws_s3_bucket.{}.id", bucket.labels[1].as_str()))
        .collect();
    assert_eq!(buckets.len(), 2);
    assert!(
        buckets.iter().all(|bucket| guarded.contains(bucket)),
        "{buckets:?} are not all among {guarded:?}"
    );
}

#[test]
fn a_guarded_bucket_is_versioned_encrypted_and_not_public() {
    let guard = folder("modules/private_bucket");
    let of = |kind| block(&guard, "resource", &[kind, "this"]);

    let versioning = of("aws_s3_bucket_versioning");
    let inner = block(&versioning.body, "versioning_configuration", &[]);
    assert_eq!(*attribute(inner, "status"), Expression::from("Enabled"));

    let access = of("aws_s3_bucket_public_access_block");
    for name in [
        "block_public_acls",
        "block_public_policy",
        "ignore_public_acls",
        "restrict_public_buckets",
    ] {
        assert_eq!(*attribute(access, name), Expression::from(true), "{name}");
    }

    let encryption = of("aws_s3_bucket_server_side_encryption_configuration");
    let rule = block(&encryption.body, "rule", &[]);
    let by_default = block(&rule.body, "apply_server_side_encryption_by_default", &[]);
    assert_eq!(
        *attribute(by_default, "sse_algorithm"),
        Expression::from("AES256")
    );

    let ownership = of("aws_s3_bucket_ownership_controls");
    assert_eq!(
        *attribute(block(&ownership.body, "rule", &[]), "object_ownership"),
        Expression::from("BucketOwnerEnforced")
    );
}

#[test]
fn raw_profiles_and_logs_expire_and_measurements_do_not() {
    let fleet = folder("modules/fleet");
    let guard = block(&fleet, "module", &["data_bucket_guard"]);
    let expiry = evaluate(attribute(guard, "expiry_days"), &[]);
    assert_eq!(
        expiry,
        hcl::value!({ "self-profile/" = 30, "logs/" = 180 }),
        "what else would be deleted?"
    );
}

#[test]
fn what_holds_data_cannot_be_destroyed_by_mistake() {
    let fleet = folder("modules/fleet");
    for labels in [["aws_s3_bucket", "data"], ["aws_dynamodb_table", "index"]] {
        let resource = block(&fleet, "resource", &labels);
        let lifecycle = block(&resource.body, "lifecycle", &[]);
        assert_eq!(
            *attribute(lifecycle, "prevent_destroy"),
            Expression::from(true),
            "{labels:?}"
        );
    }
    let protection = block(&fleet, "variable", &["deletion_protection"]);
    assert_eq!(*attribute(protection, "default"), Expression::from(true));
}

#[test]
fn the_index_has_the_keys_that_the_programs_use() {
    let fleet = folder("modules/fleet");
    let table = block(&fleet, "resource", &["aws_dynamodb_table", "index"]);
    let text = |block, name| {
        let value = evaluate(
            attribute(block, name),
            &[("var", hcl::value!({ "environment" = "staging" }))],
        );
        value.as_str().unwrap().to_owned()
    };
    assert_eq!(text(table, "name"), "perfleet-staging-index");
    assert_eq!(text(table, "hash_key"), "pk");
    assert_eq!(text(table, "range_key"), "sk");
    let by_order = block(&table.body, "global_secondary_index", &[]);
    assert_eq!(text(by_order, "name"), "by-order");
    assert_eq!(text(by_order, "hash_key"), "gsi_pk");
    assert_eq!(text(by_order, "range_key"), "gsi_sk");
    assert_eq!(text(by_order, "projection_type"), "ALL");
    let ttl = block(&table.body, "ttl", &[]);
    assert_eq!(text(ttl, "attribute_name"), "expires_at");
    for name in ["ttl", "point_in_time_recovery", "server_side_encryption"] {
        let setting = block(&table.body, name, &[]);
        assert_eq!(*attribute(setting, "enabled"), Expression::from(true));
    }
}
