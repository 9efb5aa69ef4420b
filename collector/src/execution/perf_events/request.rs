//! `struct perf_event_attr`: how the kernel is asked for an event.

use super::opening::{OpeningRequest, Reading, Start};

/// `struct perf_event_attr` of Linux, as far as version 5 (112 bytes), which every kernel that is
/// still in use knows.
#[repr(C)]
#[derive(Debug, Default)]
pub(super) struct Attributes {
    kind: u32,
    size: u32,
    config: u64,
    sample_period: u64,
    sample_type: u64,
    read_format: u64,
    flags: u64,
    wakeup_events: u32,
    breakpoint_type: u32,
    config1: u64,
    config2: u64,
    branch_sample_type: u64,
    sample_registers_user: u64,
    sample_stack_user: u32,
    clock_id: i32,
    sample_registers_interrupt: u64,
    auxiliary_watermark: u32,
    sample_max_stack: u16,
    reserved: u16,
}

/// `PERF_FORMAT_TOTAL_TIME_ENABLED`.
const TIME_ENABLED: u64 = 1;
/// `PERF_FORMAT_TOTAL_TIME_RUNNING`.
const TIME_RUNNING: u64 = 2;
/// `PERF_FORMAT_GROUP`.
const GROUP: u64 = 8;

const DISABLED: u64 = 1;
const INHERIT: u64 = 1 << 1;
const EXCLUDE_KERNEL: u64 = 1 << 5;
const EXCLUDE_HYPERVISOR: u64 = 1 << 6;
const ENABLE_ON_EXEC: u64 = 1 << 12;

impl Attributes {
    /// The request for an event. Threads and children that the program starts are counted too. The
    /// first event of a group begins disabled, and the others follow it.
    pub(super) fn of(request: OpeningRequest<'_>, is_first: bool) -> Self {
        let OpeningRequest {
            event,
            reading,
            start,
        } = request;
        let begin = match (is_first, start) {
            (true, Start::WithProgram) => DISABLED | ENABLE_ON_EXEC,
            (true, Start::WhenTold) => DISABLED,
            (false, _) => 0,
        };
        let exclude = match event.user_code_only {
            true => EXCLUDE_KERNEL | EXCLUDE_HYPERVISOR,
            false => 0,
        };
        let group = match reading {
            Reading::Together => GROUP,
            Reading::OneByOne => 0,
        };
        let [config, config1, config2] = event.code;
        Self {
            kind: event.kind,
            size: size_of::<Self>() as u32,
            config,
            config1,
            config2,
            read_format: TIME_ENABLED | TIME_RUNNING | group,
            flags: INHERIT | begin | exclude,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::counter_plan::PlannedEvent;
    use super::*;

    fn attributes(reading: Reading, start: Start, is_first: bool) -> Attributes {
        let event = PlannedEvent {
            metric: "instructions:u".to_owned(),
            kind: 10,
            code: [0xc0, 1, 2],
            user_code_only: true,
        };
        let request = OpeningRequest {
            event: &event,
            reading,
            start,
        };
        Attributes::of(request, is_first)
    }

    #[test]
    fn the_first_of_a_group_waits_for_the_program_and_the_others_follow_it() {
        let first = attributes(Reading::Together, Start::WithProgram, true);
        assert_eq!(first.flags, 0b1_0000_0110_0011);
        let second = attributes(Reading::Together, Start::WithProgram, false);
        assert_eq!(second.flags, 0b0_0000_0110_0010);
        let told = attributes(Reading::Together, Start::WhenTold, true);
        assert_eq!(told.flags, 0b0_0000_0110_0011);
    }

    #[test]
    fn the_kernel_is_asked_for_both_times_and_for_the_whole_group_where_it_can() {
        let together = attributes(Reading::Together, Start::WithProgram, true);
        assert_eq!(together.read_format, 0b1011);
        let one_by_one = attributes(Reading::OneByOne, Start::WithProgram, true);
        assert_eq!(one_by_one.read_format, 0b0011);
        assert_eq!(
            (together.kind, together.size, together.config),
            (10, 112, 0xc0)
        );
        assert_eq!((together.config1, together.config2), (1, 2));
    }
}
