//! A job on its way from SQS to S3.

use localstack::{Calls, Fault, Proxy};
use shared_types::Profile;
use shared_types::events::CollectorEvent;
use shared_types::format::Versioned;
use shared_types::result_document::ResultDocument;

use crate::account::TestAccount;
use crate::collector_process::CollectorProcess;
use crate::fixture::{Fixture, job, measurement, real_toolchain};

pub(crate) const UNIT: [(&str, Profile, &[&str]); 1] = [("tiny", Profile::Check, &["full"])];

/// The result of an attempt at a job, if it is stored.
pub(crate) fn result(
    account: &TestAccount,
    job: &shared_types::job::JobMessage,
    attempt: u32,
) -> Option<ResultDocument> {
    let key = format!(
        "results/v1/{}/{}/{attempt}.json.zst",
        job.configuration, job.job
    );
    let json = zstd::decode_all(account.object(&key)?.as_slice()).unwrap();
    Some(ResultDocument::from_json(&json).unwrap())
}

#[test]
fn a_job_of_sqs_becomes_a_result_in_s3_and_no_database_is_asked() {
    let fixture = Fixture::new();
    let job = job(&real_toolchain(), &UNIT);
    let account = TestAccount::for_job(&job);
    let proxy = Proxy::before(&account.aws).unwrap();
    account.send(&job);
    let log = format!("logs/v1/{}/1.log.zst", job.job);
    account.put_object(&log, b"of another");
    proxy.fail_next(Calls::of("sqs", "ReceiveMessage"), 2, Fault::Throttled);
    proxy.fail_next(Calls::of("s3", "PutObject"), 2, Fault::Throttled);

    let variables = [
        account.place_variables(proxy.endpoint()),
        account.key_variables(),
    ]
    .concat();
    let said = CollectorProcess::start(&fixture, &job, &variables, &["--once"]).wait();

    let document = result(&account, &job, 1).unwrap();
    assert!(measurement(&document, "tiny/check/full").is_some());
    assert_eq!(account.jobs_left(), (0, 0));
    assert_eq!(
        account.object(&log).unwrap(),
        b"of another",
        "what is there is never replaced"
    );
    assert!(said.contains(&format!("trace={}", job.request)), "{said}");
    assert!(
        said.contains("the server cannot be asked whether jobs are still wanted"),
        "{said}"
    );
    check_events(&account, &job);
    check_calls(&proxy);
}

fn check_events(account: &TestAccount, job: &shared_types::job::JobMessage) {
    let events = account.events();
    let alive = |event: &CollectorEvent| matches!(event, CollectorEvent::Alive(_));
    // SQS keeps no order.
    let of_no_job = events.iter().filter(|message| alive(&message.event));
    assert!(of_no_job.clone().all(|message| message.trace.is_none()));
    assert_eq!(of_no_job.count(), 2, "it came and went: {events:?}");
    let mut of_the_job = events.iter().filter(|message| !alive(&message.event));
    assert!(of_the_job.clone().count() >= 1, "{events:?}");
    assert!(of_the_job.all(|message| message.trace == Some(job.request)));
}

fn check_calls(proxy: &Proxy) {
    let traffic = proxy.traffic();
    assert!(
        traffic
            .iter()
            .all(|(call, _)| call.service == "sqs" || call.service == "s3"),
        "{traffic:?}"
    );
    let calls = [
        ("s3", "PutObject", 3 + 2),
        ("s3", "ListObjectsV2", 1),
        ("sqs", "GetQueueUrl", 2),
        ("sqs", "ReceiveMessage", 1 + 2),
        ("sqs", "DeleteMessage", 1),
    ];
    for (service, operation, expected) in calls {
        assert_eq!(
            traffic.calls(service, operation),
            expected,
            "{operation} in {traffic:?}"
        );
    }
}

#[test]
fn a_collector_that_is_told_to_stop_while_it_waits_for_a_job_ends_in_good_order() {
    let fixture = Fixture::new();
    let job = job(&real_toolchain(), &UNIT);
    let account = TestAccount::for_job(&job);
    let proxy = Proxy::before(&account.aws).unwrap();
    let variables = [
        account.place_variables(proxy.endpoint()),
        account.key_variables(),
    ]
    .concat();
    let mut collector = CollectorProcess::start(&fixture, &job, &variables, &[]);
    collector.wait_for("takes jobs");
    crate::collector_process::wait_until(
        || proxy.traffic().calls("sqs", "ReceiveMessage") >= 1,
        || collector.said(),
    );
    collector.terminate();
    // What arrives now is given back at once, or was never taken.
    account.send(&job);
    collector.wait();
    assert_eq!(account.jobs_left(), (1, 0));
}
