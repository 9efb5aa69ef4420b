use jiff::Timestamp;
use shared_types::RequestId;

use super::*;
use crate::sample_runs::commit;

fn collector(host: &str, busy_s: f64) -> ServingCollector {
    ServingCollector {
        host: host.to_owned(),
        is_alive: true,
        is_draining: false,
        busy_s,
    }
}

fn draining(host: &str) -> ServingCollector {
    ServingCollector {
        is_draining: true,
        ..collector(host, 0.0)
    }
}

fn silent(host: &str) -> ServingCollector {
    ServingCollector {
        is_alive: false,
        ..collector(host, 0.0)
    }
}

#[test]
fn each_collector_that_takes_jobs_and_is_free_soon_finds_one() {
    let three = [
        collector("a", 0.0),
        collector("b", 9.0),
        silent("c"),
        draining("d"),
    ];
    assert_eq!(release_count(&three, 0), 2);
    assert_eq!(release_count(&three, 1), 1);
    assert_eq!(release_count(&three, 5), 0);
}

#[test]
fn a_collector_that_comes_back_is_to_find_work_and_one_that_drains_is_not() {
    assert_eq!(release_count(&[], 0), 1);
    assert_eq!(release_count(&[silent("a")], 0), 1);
    assert_eq!(release_count(&[silent("a"), draining("b")], 0), 1);
    assert_eq!(release_count(&[draining("a"), draining("b")], 0), 0);
}

#[test]
fn nothing_is_put_there_for_a_collector_that_is_busy_for_long() {
    let busy = |seconds| [collector("a", 900.0), collector("b", seconds)];
    assert_eq!(release_count(&busy(121.0), 0), 0);
    assert_eq!(release_count(&busy(120.0), 0), 1);
    assert_eq!(release_count(&[collector("a", f64::INFINITY)], 0), 0);
}

#[test]
fn the_first_job_is_chosen_for_the_collector_that_is_free_first() {
    let prefers = |number: u8, host: &str| WaitingJob {
        id: JobId::from_parts(u64::from(number), &[number; 10]),
        request: RequestId::from_parts(1, &[0; 10]),
        requester: "ada".to_owned(),
        priority: 0,
        artifacts: vec![commit(1)],
        base: None,
        parents: Vec::new(),
        preferred_host: Some(host.to_owned()),
        requested_at: Timestamp::UNIX_EPOCH,
    };
    let waiting = [prefers(1, "a"), prefers(2, "b"), prefers(3, "c")];
    let collectors = [
        collector("a", 110.0),
        collector("b", 5.0),
        collector("c", 90.0),
    ];
    let hosts = |queued| -> Vec<&str> {
        let released = releases(&waiting, queued, &collectors, &mut Turns::default());
        let preferred = released.iter().map(|id| {
            let job = waiting.iter().find(|job| job.id == *id).unwrap();
            job.preferred_host.as_deref().unwrap()
        });
        preferred.collect()
    };
    assert_eq!(hosts(0), ["b", "c", "a"]);
    // What is in the queue is taken by who is free first.
    assert_eq!(hosts(1), ["c", "a"]);
}
