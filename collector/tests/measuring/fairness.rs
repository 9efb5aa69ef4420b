//! Several configurations on one host.

use std::time::Duration;

use collector::agent::{Agent, AgentParts, ApiAddress, IdlePace, ToolchainSources, Until};
use shared_types::JobId;
use shared_types::events::CollectorEvent;
use shared_types::job::JobMessage;

use crate::agent::{UNIT, data_dir, events, named_toolchain, never_stop, ports, send};
use crate::fixture::{Fixture, job, real_toolchain, rustup};

/// The jobs in the order in which they were begun.
fn begun(events: Vec<CollectorEvent>) -> Vec<JobId> {
    let mut jobs = Vec::new();
    for event in events {
        if let CollectorEvent::Progress(progress) = event
            && !jobs.contains(&progress.job)
        {
            jobs.push(progress.job);
        }
    }
    jobs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_does_not_keep_the_jobs_of_another_configuration_waiting() {
    let fixture = Fixture::new();
    let own_ports = ports(&fixture);
    let job_of = |configuration: &str, number: u8| {
        let mut job = job(&real_toolchain(), &UNIT);
        job.configuration = configuration.parse().unwrap();
        job.job = JobId::from_parts(1_790_000_000_000, &[number; 10]);
        job
    };
    let busy: Vec<JobMessage> = (1..=3).map(|number| job_of("busy", number)).collect();
    let quiet: Vec<JobMessage> = (4..=5).map(|number| job_of("quiet", number)).collect();
    for job in busy.iter().chain(&quiet) {
        send(&own_ports, job).await;
    }
    let agent = Agent::new(AgentParts {
        ports: ports(&fixture),
        bench: fixture.bench(),
        configurations: vec!["busy".parse().unwrap(), "quiet".parse().unwrap()],
        toolchains: ToolchainSources {
            rustup: rustup(),
            named: named_toolchain(&busy[0]),
            cache: None,
        },
        api: ApiAddress::DataFolder(data_dir(&fixture)),
        pace: IdlePace::LOCAL,
    });
    let until = Until::Idle(Duration::ZERO);
    agent.run(until, never_stop()).await.unwrap();
    let order = [&busy[0], &quiet[0], &busy[1], &quiet[1], &busy[2]].map(|job| job.job);
    assert_eq!(begun(events(&own_ports).await), order);
}
