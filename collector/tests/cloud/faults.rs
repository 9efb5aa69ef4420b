//! What the network and AWS do to a collector.

use localstack::{Calls, Fault, Proxy};
use shared_types::events::CollectorEvent;

use crate::account::TestAccount;
use crate::collector_process::{CollectorProcess, wait_until};
use crate::fixture::{Fixture, job, real_toolchain};
use crate::job::{UNIT, result};
use crate::refusing_server::RefusingServer;

/// More than one call is tried by itself.
const CUT_CALLS: u32 = 7;

#[test]
fn a_connection_that_is_cut_while_a_job_is_measured_costs_nothing_but_time() {
    let fixture = Fixture::new();
    let job = job(&real_toolchain(), &UNIT);
    let account = TestAccount::for_job(&job);
    let proxy = Proxy::before(&account.aws).unwrap();
    let variables = [
        account.place_variables(proxy.endpoint()),
        account.key_variables(),
    ]
    .concat();
    let mut collector = CollectorProcess::start(&fixture, &job, &variables, &["--once"]);
    wait_until(|| account.objects("suite/v1/") == 1, || collector.said());
    proxy.fail_next(
        Calls::of("s3", "PutObject"),
        CUT_CALLS,
        Fault::CutBeforeForwarding,
    );
    account.send(&job);

    collector.wait_for("a result waits on this disk");
    let spooled = fixture
        .path("work/spool/results/v1")
        .join(job.configuration.as_str())
        .join(job.job.to_string())
        .join("1.json.zst");
    assert!(spooled.exists());
    assert!(result(&account, &job, 1).is_none());

    collector.wait();
    assert!(result(&account, &job, 1).is_some());
    assert!(!spooled.exists());
    assert_eq!(account.jobs_left(), (0, 0));
}

#[test]
fn an_answer_that_is_lost_after_the_result_was_stored_does_no_harm() {
    let fixture = Fixture::new();
    let job = job(&real_toolchain(), &UNIT);
    let account = TestAccount::for_job(&job);
    let proxy = Proxy::before(&account.aws).unwrap();
    account.send(&job);
    for operation in [("s3", "PutObject"), ("sqs", "DeleteMessage")] {
        let calls = Calls::of(operation.0, operation.1);
        proxy.fail_next(calls, 2, Fault::CutAfterForwarding);
    }
    let variables = [
        account.place_variables(proxy.endpoint()),
        account.key_variables(),
    ]
    .concat();
    CollectorProcess::start(&fixture, &job, &variables, &["--once"]).wait();
    assert!(result(&account, &job, 1).is_some());
    assert_eq!(account.jobs_left(), (0, 0));
}

#[test]
fn what_is_no_job_is_put_aside_with_the_reason_and_the_next_is_measured() {
    let fixture = Fixture::new();
    let job = job(&real_toolchain(), &UNIT);
    let account = TestAccount::for_job(&job);
    account.send_text("{\"format\":\"7.0\"}");
    account.send(&job);
    let variables = [
        account.place_variables(account.aws.endpoint()),
        account.key_variables(),
    ]
    .concat();
    let collector = CollectorProcess::start(&fixture, &job, &variables, &[]);
    let is_done = || result(&account, &job, 1).is_some() && account.jobs_left() == (0, 0);
    wait_until(is_done, || collector.said());
    let dead = account.dead_letters();
    let [(body, reason)] = dead.as_slice() else {
        panic!("one message was put aside: {dead:?}");
    };
    assert_eq!(body, "{\"format\":\"7.0\"}");
    assert!(reason.contains("7.0"), "{reason}");
    let refused = |event: &CollectorEvent| matches!(event, CollectorEvent::Refused { .. });
    let events = account.events();
    assert!(events.iter().any(|message| refused(&message.event)));
}

#[test]
fn two_collectors_with_the_same_job_leave_one_result() {
    let fixtures = [Fixture::new(), Fixture::new()];
    let job = job(&real_toolchain(), &UNIT);
    let account = TestAccount::for_job(&job);
    // SQS may deliver one message twice; two messages do so for sure.
    account.send(&job);
    account.send(&job);
    let variables = [
        account.place_variables(account.aws.endpoint()),
        account.key_variables(),
    ]
    .concat();
    let mut collectors = fixtures
        .each_ref()
        .map(|fixture| CollectorProcess::start(fixture, &job, &variables, &[]));
    let is_done = || result(&account, &job, 1).is_some() && account.jobs_left() == (0, 0);
    wait_until(is_done, || {
        collectors.iter().map(CollectorProcess::said).collect()
    });
    for collector in &mut collectors {
        collector.terminate();
        collector.wait();
    }
    assert_eq!(
        account.objects(&format!("results/v1/{}/", job.configuration)),
        1
    );
    let failed = |event: &CollectorEvent| matches!(event, CollectorEvent::AttemptFailed { .. });
    assert!(
        !account
            .events()
            .iter()
            .any(|message| failed(&message.event))
    );
}

#[test]
fn a_clock_that_is_off_is_told_by_how_much() {
    let said = said_when_refused("RequestTimeTooSkewed", -20 * 60);
    let told = said.contains("The clock of this host is 20 minutes ahead of AWS's")
        || said.contains("The clock of this host is 19 minutes ahead of AWS's");
    assert!(told && said.contains("chrony"), "{said}");
}

#[test]
fn credentials_that_have_ended_are_told_by_the_name_of_their_profile() {
    let said = said_when_refused("ExpiredToken", 0);
    assert!(
        said.contains("The credentials of AWS_ACCESS_KEY_ID in the environment have ended"),
        "{said}"
    );
}

/// What a collector says whose calls are refused with this code, by a server whose clock differs.
fn said_when_refused(code: &'static str, clock_offset_s: i64) -> String {
    let fixture = Fixture::new();
    let job = job(&real_toolchain(), &UNIT);
    let server = RefusingServer::start(code, clock_offset_s);
    let variables: Vec<(&str, String)> = [
        ("PERFLEET_AWS_ENVIRONMENT", "t1"),
        ("PERFLEET_AWS_BUCKET", "perfleet-t1-results-1"),
        ("AWS_ENDPOINT_URL", server.address.as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "100000000000"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into();
    let mut collector = CollectorProcess::start(&fixture, &job, &variables, &[]);
    collector.wait_for("cannot be stored, which is tried again")
}
