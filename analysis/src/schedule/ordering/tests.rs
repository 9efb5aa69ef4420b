use proptest::prelude::*;

use super::*;
use crate::sample_runs::commit;

fn job(number: u8, priority: i32, artifact: u32, parents: &[u32], age: i64) -> WaitingJob {
    WaitingJob {
        id: JobId::from_parts(u64::from(number), &[number; 10]),
        request: RequestId::from_parts(age as u64, &[0; 10]),
        requester: "ada".to_owned(),
        priority,
        artifacts: vec![commit(artifact)],
        base: None,
        parents: parents.iter().copied().map(commit).collect(),
        preferred_host: None,
        requested_at: Timestamp::from_second(age).unwrap(),
    }
}

fn of(requester: &str, job: WaitingJob) -> WaitingJob {
    WaitingJob {
        requester: requester.to_owned(),
        ..job
    }
}

fn against(base: u32, job: WaitingJob) -> WaitingJob {
    WaitingJob {
        base: Some(commit(base)),
        ..job
    }
}

fn place(jobs: &[WaitingJob], id: JobId) -> usize {
    jobs.iter().position(|job| job.id == id).unwrap()
}

/// The places of the jobs, in order.
fn order(jobs: &[WaitingJob]) -> Vec<usize> {
    let order = release_order(jobs, &Turns::default());
    order.into_iter().map(|id| place(jobs, id)).collect()
}

#[test]
fn priority_goes_before_all_else() {
    assert_eq!(
        order(&[job(1, 0, 1, &[], 1), job(2, 5, 2, &[1], 9)]),
        [1, 0]
    );
}

#[test]
fn a_parent_goes_before_its_child_even_if_it_was_asked_for_later() {
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
fn requesters_take_turns_however_much_each_asks_for() {
    let jobs = [
        job(1, 0, 1, &[], 1),
        job(2, 0, 2, &[], 1),
        job(3, 0, 3, &[], 1),
        of("bob", job(4, 0, 4, &[], 8)),
        of("cleo", job(5, 0, 5, &[], 9)),
        of("cleo", job(6, 0, 6, &[], 9)),
    ];
    assert_eq!(order(&jobs), [0, 3, 4, 1, 5, 2]);
}

#[test]
fn whose_turn_is_longest_ago_is_next_also_when_all_that_was_asked_for_is_forgotten() {
    let jobs = [
        job(1, 0, 1, &[], 1),
        of("bob", job(2, 0, 2, &[], 2)),
        of("cleo", job(3, 0, 3, &[], 3)),
    ];
    let mut turns = Turns::default();
    turns.take("ada");
    turns.take("bob");
    let order = release_order(&jobs, &turns);
    let places: Vec<usize> = order.into_iter().map(|id| place(&jobs, id)).collect();
    assert_eq!(places, [2, 0, 1]);
}

#[test]
fn what_somebody_compares_with_is_measured_on_his_turn_whoever_asked_for_it() {
    let jobs = [
        job(1, 0, 1, &[], 1),
        job(2, 0, 2, &[1], 2),
        against(2, of("bob", job(3, 5, 9, &[], 3))),
    ];
    // Of the base's own history nothing has to be known.
    assert_eq!(order(&jobs), [1, 2, 0]);
}

#[test]
fn parts_of_a_run_go_to_the_hosts_that_measured_them_last() {
    let prefers = |number: u8, host: Option<&str>| WaitingJob {
        preferred_host: host.map(str::to_owned),
        ..job(number, 0, 1, &[], 1)
    };
    let jobs = [
        prefers(1, Some("two")),
        prefers(2, None),
        prefers(3, Some("gone")),
        prefers(4, Some("one")),
        // Of another request, which is not looked at before.
        job(5, 0, 2, &[], 9),
    ];
    let mut line = Line::of(&jobs);
    let mut turns = Turns::default();
    let hosts = ["one", "two"];
    let mut next = |host| {
        let next = line.next(&mut turns, Some(host), &hosts).unwrap();
        place(&jobs, next.id)
    };
    let taken = [
        next("one"),
        next("one"),
        next("one"),
        next("one"),
        next("one"),
    ];
    assert_eq!(taken, [3, 1, 2, 0, 4]);
}

proptest! {
    #[test]
    fn every_job_goes_once_and_priority_and_history_are_kept(
        asked in prop::collection::vec((0u32..12, 0i32..3, 0u8..3, 0i64..50), 1..40)
    ) {
        let jobs: Vec<WaitingJob> = asked
            .iter()
            .enumerate()
            .map(|(number, (artifact, priority, requester, age))| {
                let parents: Vec<u32> = artifact.checked_sub(1).into_iter().collect();
                let job = job(number as u8, *priority, *artifact, &parents, *age);
                of(&format!("requester {requester}"), job)
            })
            .collect();
        let order = order(&jobs);
        let mut places = order.clone();
        places.sort_unstable();
        prop_assert!(places.into_iter().eq(0..jobs.len()));
        for (earlier, later) in order.iter().zip(order.iter().skip(1)) {
            prop_assert!(jobs[*earlier].priority >= jobs[*later].priority);
        }
        for (position, place) in order.iter().enumerate() {
            let job = &jobs[*place];
            for later in order[position + 1..].iter().map(|place| &jobs[*place]) {
                let same = later.requester == job.requester && later.priority == job.priority;
                let is_parent = job.parents.contains(&later.artifacts[0]);
                prop_assert!(!(same && is_parent));
            }
        }
    }

    /// The bound of docs/scheduling.md: who waits sees at most one turn of each other requester
    /// before his own, whoever comes and goes.
    #[test]
    fn nobody_who_waits_sees_two_turns_of_another(
        arrivals in prop::collection::vec((0usize..5, 1usize..6), 1..60)
    ) {
        let mut turns = Turns::default();
        let mut waiting: Vec<WaitingJob> = Vec::new();
        let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut number = 0u32;
        for (requester, jobs) in arrivals {
            for _ in 0..jobs {
                number += 1;
                let id = JobId::from_parts(u64::from(number), &[0; 10]);
                let job = job(0, 0, number, &[], i64::from(number));
                waiting.push(WaitingJob { id, ..of(&format!("r{requester}"), job) });
            }
            // Two jobs are handed out between one arrival and the next.
            for _ in 0..2 {
                let released = Line::of(&waiting).next(&mut turns, None, &[]).map(|job| job.id);
                let Some(released) = released else { break };
                let place = place(&waiting, released);
                let served = waiting.remove(place).requester;
                seen.remove(&served);
                let others: BTreeSet<String> =
                    waiting.iter().map(|job| job.requester.clone()).collect();
                seen.retain(|requester, _| others.contains(requester));
                for other in others.into_iter().filter(|other| *other != served) {
                    let turns_of = seen.entry(other.clone()).or_default();
                    prop_assert!(!turns_of.contains(&served), "{other} saw {served} twice");
                    turns_of.push(served.clone());
                }
            }
        }
    }
}
