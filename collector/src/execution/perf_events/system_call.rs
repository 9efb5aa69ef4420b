//! The calls of the system by which counting is done.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd};

use super::counter_plan::{CounterGroup, CounterPlan};
use super::opening::{GroupCounts, OpenGroup, OpeningRequest, Start, open_group};
use super::refusal::RefusalReason;
use super::request::Attributes;
use crate::host::CpuList;

/// `PERF_FLAG_FD_CLOEXEC`.
const CLOSE_ON_EXEC: u64 = 8;
/// `PERF_EVENT_IOC_ENABLE` and `PERF_EVENT_IOC_DISABLE`: `_IO('$', 0)` and `_IO('$', 1)`.
const ENABLE: u64 = 0x2400;
const DISABLE: u64 = 0x2401;
/// `PERF_IOC_FLAG_GROUP`.
const WHOLE_GROUP: u64 = 1;

/// Groups that are being counted for one program.
#[derive(Debug)]
pub(in super::super) struct Counting {
    groups: Vec<OpenGroup<File>>,
    /// What cannot be counted since the program runs on other cores than those that count.
    refused: Vec<GroupCounts>,
}

impl Counting {
    /// Keeps a program on the cores of the plan, and begins to count from its next `exec` on.
    /// `process` is its number.
    pub(in super::super) fn of(process: i32, plan: &CounterPlan) -> Self {
        let kept = plan
            .cpus
            .as_ref()
            .map_or(Ok(()), |cpus| keep_on(process, cpus));
        let mut counting = Self {
            groups: Vec::new(),
            refused: Vec::new(),
        };
        for group in &plan.groups {
            let needs_cores = group.events.iter().any(|event| event.user_code_only);
            match &kept {
                Err(error) if needs_cores => {
                    let error = error.raw_os_error().unwrap_or_default();
                    let reason = RefusalReason::NotKept { error };
                    counting.refused.push(GroupCounts::refused(group, &reason));
                }
                _ => counting.groups.push(open_group(
                    group,
                    Start::WithProgram,
                    &mut |request, first| open(request, process, first),
                )),
            }
        }
        counting
    }

    /// What was counted, by metric, and why the rest was not.
    pub(in super::super) fn finish(
        self,
    ) -> (BTreeMap<String, u64>, BTreeMap<String, RefusalReason>) {
        let groups = self.groups.into_iter().map(|group| group.finish(&mut read));
        let (mut counts, mut refusals) = (BTreeMap::new(), BTreeMap::new());
        for group in groups.chain(self.refused) {
            counts.extend(group.counts);
            let refused = group.refusals.into_iter();
            refusals.extend(refused.map(|refusal| (refusal.metric, refusal.reason)));
        }
        (counts, refusals)
    }
}

/// The processors that this process, and what it starts, may run on. None where the system does not
/// tell.
pub(super) fn usable_cpus() -> CpuList {
    // SAFETY: `cpu_set_t` consists of bits, of which zero is one.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    let bytes = size_of::<libc::cpu_set_t>();
    // SAFETY: `set` is of the size that is stated, and lives across the call.
    if unsafe { libc::sched_getaffinity(0, bytes, &raw mut set) } == -1 {
        return CpuList::default();
    }
    let numbers = 0..u32::try_from(bytes * 8).unwrap_or_default();
    // SAFETY: the number is less than the number of bits in the set.
    let is_usable = |cpu: &u32| unsafe { libc::CPU_ISSET(*cpu as usize, &set) };
    numbers.filter(is_usable).collect()
}

/// Keeps a process, and what it will start, on some processors. `process` is its number, or 0 for
/// the calling thread.
///
/// # Errors
/// When none of them may be used.
fn keep_on(process: i32, cpus: &CpuList) -> io::Result<()> {
    // SAFETY: `cpu_set_t` consists of bits, of which zero is one.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    let bits = size_of::<libc::cpu_set_t>() * 8;
    let numbers = cpus.iter().filter_map(|cpu| usize::try_from(cpu).ok());
    for cpu in numbers.filter(|cpu| *cpu < bits) {
        // SAFETY: `cpu` is less than the number of bits in the set.
        unsafe { libc::CPU_SET(cpu, &mut set) };
    }
    // SAFETY: `set` is of the size that is stated, and lives across the call.
    match unsafe { libc::sched_setaffinity(process, size_of_val(&set), &raw const set) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Counts a group over a little work in a thread of its own, so that where it has to run and what is
/// counted of it end with it.
pub(super) fn count_a_little(group: &CounterGroup, cpus: Option<&CpuList>) -> GroupCounts {
    std::thread::scope(|threads| {
        let counted = threads.spawn(|| {
            if let Some(Err(error)) = cpus.map(|cpus| keep_on(0, cpus)) {
                let error = error.raw_os_error().unwrap_or_default();
                return GroupCounts::refused(group, &RefusalReason::NotKept { error });
            }
            let opened = open_group(group, Start::WhenTold, &mut |request, first| {
                open(request, 0, first)
            });
            let first = opened.events.first().map(|(_, file)| file.as_raw_fd());
            tell(first, ENABLE);
            work_a_little();
            tell(first, DISABLE);
            opened.finish(&mut read)
        });
        counted.join().unwrap_or_else(|_| {
            let problem = "the thread that tried it ended".to_owned();
            GroupCounts::refused(group, &RefusalReason::Unreadable { problem })
        })
    })
}

fn work_a_little() {
    let sum = (0..100_000_u64).fold(1_u64, |sum, number| {
        std::hint::black_box(sum.wrapping_mul(31) ^ number)
    });
    std::hint::black_box(sum);
}

/// Tells a group to begin or to stop. One that cannot be told counts nothing, which its reading
/// shows.
fn tell(first: Option<i32>, what: u64) {
    if let Some(descriptor) = first {
        // SAFETY: the call takes plain numbers.
        unsafe { libc::ioctl(descriptor, what as _, WHOLE_GROUP) };
    }
}

/// Opens an event for a process, or for the calling thread where it is 0.
fn open(request: OpeningRequest<'_>, process: i32, first: Option<&File>) -> Result<File, i32> {
    let attributes = Attributes::of(request, first.is_none());
    // SAFETY: `attributes` is a `perf_event_attr` of the size that it states, and lives across the
    // call; the other arguments are plain numbers.
    let descriptor = unsafe {
        libc::syscall(
            libc::SYS_perf_event_open,
            &raw const attributes,
            process,
            -1_i32,
            first.map_or(-1, AsRawFd::as_raw_fd),
            CLOSE_ON_EXEC,
        )
    };
    match i32::try_from(descriptor) {
        // SAFETY: the kernel has just made this descriptor, and nobody else knows of it.
        Ok(descriptor) if descriptor >= 0 => Ok(unsafe { File::from_raw_fd(descriptor) }),
        _ => Err(io::Error::last_os_error()
            .raw_os_error()
            .unwrap_or_default()),
    }
}

fn read(file: &File, bytes_max: usize) -> Result<Vec<u8>, String> {
    let mut bytes = vec![0; bytes_max];
    let mut file = file;
    let length = file.read(&mut bytes).map_err(|error| error.to_string())?;
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::{EVENTS, EventSource};
    use super::*;

    #[test]
    fn an_event_that_the_kernel_does_not_know_is_refused_with_its_reason() {
        let mut plan = CounterPlan::new(&[], &usable_cpus(), &EVENTS);
        plan.groups.truncate(1);
        plan.groups[0].events.truncate(1);
        plan.groups[0].events[0].kind = 1;
        plan.groups[0].events[0].code = [1_000_000, 0, 0];
        let outcome = count_a_little(&plan.groups[0], None);
        assert_eq!(outcome.counts, BTreeMap::new());
        let reason = &outcome.refusals[0].reason;
        assert!(matches!(reason, RefusalReason::Refused { .. }), "{reason}");
    }

    #[test]
    fn every_event_is_counted_or_its_refusal_is_known() {
        let plan = CounterPlan::of_this_host();
        for event in EVENTS {
            let is_counted = plan.counts(event.name);
            assert_ne!(is_counted, plan.refusal(event.name).is_some(), "{event:?}");
        }
    }

    #[test]
    fn what_the_kernel_counts_in_one_group_is_read_by_one_call() {
        let plan = CounterPlan::of_this_host();
        let is_of_kernel = |group: &&CounterGroup| {
            let mut events = group.events.iter();
            events.all(|event| !event.user_code_only)
        };
        let Some(group) = plan.groups.iter().find(is_of_kernel) else {
            // Where not even these may be counted, each has its reason.
            let mut events = EVENTS.into_iter();
            let is_kernel = |event: &super::super::PerfEvent| {
                matches!(event.source, EventSource::Kernel { .. })
            };
            assert!(
                events
                    .by_ref()
                    .filter(is_kernel)
                    .all(|event| plan.refusal(event.name).is_some())
            );
            return;
        };
        let outcome = count_a_little(group, None);
        assert_eq!(outcome.refusals, []);
        assert_eq!(outcome.counts.len(), group.events.len());
    }
}
