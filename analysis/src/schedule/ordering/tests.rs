use proptest::prelude::*;

use super::*;
use crate::sample_runs::commit;

fn job(number: u8, priority: i32, artifact: u32, after: &[u32], age: i64) -> WaitingJob {
    WaitingJob {
        id: JobId::from_parts(u64::from(number), &[number; 10]),
        request: RequestId::from_parts(age as u64, &[0; 10]),
        priority,
        artifacts: vec![commit(artifact)],
        after: after.iter().copied().map(commit).collect(),
        requested_at: Timestamp::from_second(age).unwrap(),
    }
}

/// The numbers of the jobs, in order.
fn order(jobs: &[WaitingJob]) -> Vec<usize> {
    let place = |id: &JobId| jobs.iter().position(|job| job.id == *id).unwrap();
    release_order(jobs).iter().map(place).collect()
}

#[test]
fn priority_goes_before_all_else() {
    assert_eq!(
        order(&[job(1, 0, 1, &[], 1), job(2, 5, 2, &[1], 9)]),
        [1, 0]
    );
}

#[test]
fn a_base_goes_before_what_is_compared_with_it_even_if_it_was_asked_for_later() {
    let jobs = [
        job(1, 0, 3, &[2], 1),
        job(2, 0, 2, &[1], 2),
        job(3, 0, 1, &[], 3),
    ];
    assert_eq!(order(&jobs), [2, 1, 0]);
}

#[test]
fn among_equals_the_older_request_goes_first() {
    assert_eq!(order(&[job(1, 0, 1, &[], 9), job(2, 0, 2, &[], 3)]), [1, 0]);
}

#[test]
fn a_parent_that_is_not_waiting_holds_nothing_up() {
    assert_eq!(
        order(&[job(1, 0, 2, &[1], 1), job(2, 0, 3, &[], 2)]),
        [0, 1]
    );
}

#[test]
fn a_circle_in_history_ends_the_count_and_not_the_program() {
    let jobs = [
        job(1, 0, 1, &[2], 1),
        job(2, 0, 2, &[1], 2),
        job(3, 0, 3, &[3], 3),
    ];
    assert_eq!(order(&jobs), [2, 0, 1]);
}

#[test]
fn as_many_jobs_are_released_as_collectors_wait_for() {
    assert_eq!(release_count(3, 0), 3);
    assert_eq!(release_count(3, 2), 1);
    assert_eq!(release_count(3, 9), 0);
    assert_eq!(
        release_count(0, 0),
        1,
        "one that comes back finds work at once"
    );
    assert_eq!(release_count(0, 1), 0);
}

#[test]
fn the_time_left_follows_from_what_finished_work_took() {
    let finished = [
        FinishedWork {
            compilations: 10,
            seconds: 30,
        },
        FinishedWork {
            compilations: 10,
            seconds: 10,
        },
    ];
    assert_eq!(seconds_left(100, &finished, 1), Some(200));
    assert_eq!(seconds_left(100, &finished, 4), Some(50));
    assert_eq!(seconds_left(0, &[], 0), Some(0));
    assert_eq!(
        seconds_left(1, &[], 1),
        None,
        "nothing was measured to tell from"
    );
    assert_eq!(
        seconds_left(1, &finished, 0),
        None,
        "nobody is there to do it"
    );
    assert_eq!(
        seconds_left(
            u64::MAX,
            &[FinishedWork {
                compilations: 1,
                seconds: u64::MAX
            }],
            1
        ),
        Some(u64::MAX)
    );
}

proptest! {
    #[test]
    fn every_job_is_released_once_and_none_before_a_waiting_predecessor_of_its_priority(
        edges in prop::collection::vec((0u32..12, 0u32..12), 0..20),
        ages in prop::collection::vec(0i64..9, 12),
    ) {
        // Edges lead from larger to smaller numbers, so that there is no circle.
        let jobs: Vec<WaitingJob> = (0u32..12)
            .map(|artifact| {
                let after: Vec<u32> = edges
                    .iter()
                    .filter(|(one, other)| one.max(other) == &artifact && one != other)
                    .map(|(one, other)| *one.min(other))
                    .collect();
                job(artifact as u8, 0, artifact, &after, ages[artifact as usize])
            })
            .collect();
        let order = order(&jobs);
        let place = |number: usize| order.iter().position(|job| *job == number).unwrap();
        let mut sorted = order.clone();
        sorted.sort_unstable();
        prop_assert_eq!(sorted, (0..12).collect::<Vec<_>>());
        for (one, other) in edges.iter().filter(|(one, other)| one != other) {
            prop_assert!(place(*one.min(other) as usize) < place(*one.max(other) as usize));
        }
    }
}
