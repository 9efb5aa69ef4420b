//! What else went on while an iteration was measured, and whether that spoils it.

use std::fmt;

use crate::robust;

/// What the kernel says of the time of one iteration.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Activity {
    /// How long it took, in seconds.
    pub wall_time_s: f64,
    /// The processor time that it took, in seconds.
    pub processor_time_s: f64,
    /// The time that the host's own host took from all its processors, in seconds. `None` where the
    /// kernel does not say.
    pub stolen_s: Option<f64>,
    /// How often a core was slowed down for heat. `None` where the kernel does not say.
    pub throttled: Option<u64>,
    /// How often the kernel gave its processor to somebody else though it could have gone on.
    pub involuntary_switches: u64,
}

/// Why an iteration does not count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Disturbance {
    /// The host is a guest, and other guests had its processors.
    Stolen {
        /// For how long, in seconds.
        seconds: f64,
    },
    /// Cores were slowed down for heat.
    Throttled {
        /// How often.
        times: u64,
    },
    /// Others wanted its processors, far more than in the other iterations.
    Crowded {
        /// How often it lost its processor, for each second of processor time.
        switches_per_s: f64,
        /// How often that is usual.
        usual_per_s: f64,
    },
}

impl fmt::Display for Disturbance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stolen { seconds } => {
                write!(formatter, "other guests of the machine took {seconds:.2} s")
            }
            Self::Throttled { times } => {
                write!(formatter, "cores were slowed down for heat {times} times")
            }
            Self::Crowded {
                switches_per_s,
                usual_per_s,
            } => write!(
                formatter,
                "it lost its processor to others {switches_per_s:.0} times in a second, and \
                 {usual_per_s:.0} times are usual for it"
            ),
        }
    }
}

/// The least share of an iteration that others may have without spoiling it.
const STOLEN_SHARE_MAX: f64 = 0.01;

/// So many times more often than usual an iteration may lose its processor.
const CROWDED_FACTOR: f64 = 4.0;

/// An iteration that loses its processor less often than this, for each second, is never crowded: a
/// switch costs some microseconds, and this many cost less than a thousandth.
const CROWDED_PER_S_MIN: f64 = 100.0;

/// Which iterations of one test case do not count, one answer for each of `iterations`. Those of all
/// sides belong together: what is usual is their median. A compiler with several threads switches a
/// lot by itself, so only what is unusual for the test case is a disturbance.
pub fn disturbances(iterations: &[Activity]) -> Vec<Option<Disturbance>> {
    let mut rates: Vec<f64> = iterations.iter().map(switches_per_s).collect();
    let usual = robust::median(&mut rates).unwrap_or(0.0);
    iterations
        .iter()
        .map(|activity| disturbance(activity, usual))
        .collect()
}

fn disturbance(activity: &Activity, usual_per_s: f64) -> Option<Disturbance> {
    if let Some(seconds) = activity.stolen_s
        && seconds > STOLEN_SHARE_MAX * activity.wall_time_s
    {
        return Some(Disturbance::Stolen { seconds });
    }
    if let Some(times) = activity.throttled.filter(|times| *times > 0) {
        return Some(Disturbance::Throttled { times });
    }
    let switches_per_s = switches_per_s(activity);
    let limit = (CROWDED_FACTOR * usual_per_s).max(CROWDED_PER_S_MIN);
    (switches_per_s > limit).then_some(Disturbance::Crowded {
        switches_per_s,
        usual_per_s,
    })
}

/// Short compilations are held against a tenth of a second: of a few milliseconds a single switch
/// would make a rate.
fn switches_per_s(activity: &Activity) -> f64 {
    activity.involuntary_switches as f64 / activity.processor_time_s.max(0.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet() -> Activity {
        Activity {
            wall_time_s: 1.0,
            processor_time_s: 1.0,
            stolen_s: Some(0.0),
            throttled: Some(0),
            involuntary_switches: 20,
        }
    }

    fn second_of(activity: Activity) -> Option<String> {
        let answers = disturbances(&[quiet(), activity, quiet(), quiet()]);
        assert_eq!([answers[0], answers[2], answers[3]], [None; 3]);
        answers[1].map(|why| why.to_string())
    }

    #[test]
    fn a_quiet_iteration_counts_also_where_the_kernel_says_nothing() {
        assert_eq!(second_of(quiet()), None);
        let silent = Activity {
            stolen_s: None,
            throttled: None,
            ..quiet()
        };
        assert_eq!(second_of(silent), None);
    }

    #[test]
    fn each_disturbance_is_told_in_words() {
        let stolen = Activity {
            stolen_s: Some(0.05),
            ..quiet()
        };
        assert_eq!(
            second_of(stolen).unwrap(),
            "other guests of the machine took 0.05 s"
        );
        let throttled = Activity {
            throttled: Some(3),
            ..quiet()
        };
        assert!(
            second_of(throttled)
                .unwrap()
                .contains("slowed down for heat 3 times")
        );
        let crowded = Activity {
            involuntary_switches: 900,
            ..quiet()
        };
        assert!(
            second_of(crowded)
                .unwrap()
                .contains("900 times in a second, and 20")
        );
    }

    #[test]
    fn what_is_usual_for_a_test_case_is_no_disturbance() {
        let busy = Activity {
            involuntary_switches: 900,
            ..quiet()
        };
        assert_eq!(disturbances(&[busy, busy, busy]), [None; 3]);
        let short = Activity {
            wall_time_s: 0.01,
            processor_time_s: 0.01,
            involuntary_switches: 5,
            ..quiet()
        };
        assert_eq!(second_of(short), None);
        assert_eq!(disturbances(&[]), []);
    }
}
