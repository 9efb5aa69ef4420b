//! Credentials as collector hosts have them: a profile whose helper prints some that end.

use std::os::unix::fs::PermissionsExt;

use crate::account::TestAccount;
use crate::collector_process::CollectorProcess;
use crate::fixture::{Fixture, job, real_toolchain, write};
use crate::job::{UNIT, result};

/// The variables of a profile whose helper is this script.
fn profile(fixture: &Fixture, script: &str) -> Vec<(&'static str, String)> {
    let helper = fixture.path("credential-helper");
    write(&helper, &format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(&helper, PermissionsExt::from_mode(0o755)).unwrap();
    let config = fixture.path("aws-config");
    let text = format!(
        "[profile perfleet]\nregion = us-east-1\ncredential_process = {} credential-process\n",
        helper.display()
    );
    write(&config, &text);
    vec![
        ("AWS_CONFIG_FILE", config.to_str().unwrap().to_owned()),
        ("AWS_PROFILE", "perfleet".to_owned()),
    ]
}

#[test]
fn a_helper_that_a_profile_names_gives_the_credentials() {
    let fixture = Fixture::new();
    let job = job(&real_toolchain(), &UNIT);
    let account = TestAccount::for_job(&job);
    account.send(&job);
    let called = fixture.path("helper-was-called");
    let script = format!(
        "echo \"$1\" >> '{}'\ncat <<'END'\n{{\"Version\": 1, \"AccessKeyId\": \"{}\", \
         \"SecretAccessKey\": \"local\", \"SessionToken\": \"of-an-hour\", \
         \"Expiration\": \"2099-01-01T00:00:00Z\"}}\nEND",
        called.display(),
        account.id
    );
    let variables = [
        account.place_variables(account.aws.endpoint()),
        profile(&fixture, &script),
    ]
    .concat();
    CollectorProcess::start(&fixture, &job, &variables, &["--once"]).wait();
    assert!(result(&account, &job, 1).is_some());
    assert_eq!(account.jobs_left(), (0, 0));
    let called = std::fs::read_to_string(called).unwrap();
    assert_eq!(called, "credential-process\n", "once for an hour");
}

#[test]
fn a_helper_that_fails_is_told_by_the_name_of_its_profile() {
    let fixture = Fixture::new();
    let job = job(&real_toolchain(), &UNIT);
    let account = TestAccount::for_job(&job);
    let variables = [
        account.place_variables(account.aws.endpoint()),
        profile(&fixture, "echo 'the certificate has ended' >&2; exit 1"),
    ]
    .concat();
    let mut collector = CollectorProcess::start(&fixture, &job, &variables, &[]);
    let said = collector.wait_for("cannot be stored, which is tried again");
    assert!(
        said.contains("There are no credentials of the profile `perfleet` of "),
        "{said}"
    );
    assert!(said.contains("the certificate has ended"), "{said}");
}
