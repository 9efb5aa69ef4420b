//! What the kernel says of the whole host while something is measured.

use crate::host::HostTree;

/// Processor time in `/proc/stat` is in hundredths of a second on every Linux (`USER_HZ`).
const TICKS_PER_S: f64 = 100.0;

/// Where the processor time that other guests took stands in the first line of `/proc/stat`, behind
/// its name.
const STEAL_COLUMN: usize = 7;

const CPUS: &str = "sys/devices/system/cpu";

/// What was counted since the host started.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct HostCounts {
    /// Processor time that the host's own host took, over all processors, in seconds.
    stolen_s: Option<f64>,
    /// How often a core was slowed down for heat.
    throttled: Option<u64>,
}

impl HostCounts {
    /// As they are now.
    pub(super) fn now(tree: &HostTree) -> Self {
        Self {
            stolen_s: tree.read("proc/stat").as_deref().and_then(stolen_s),
            throttled: throttled(tree),
        }
    }

    /// The time that was stolen since, in seconds, and how often cores were slowed down.
    pub(super) fn since(self, earlier: Self) -> (Option<f64>, Option<u64>) {
        let stolen = self.stolen_s.zip(earlier.stolen_s);
        let throttled = self.throttled.zip(earlier.throttled);
        (
            stolen.map(|(now, before)| (now - before).max(0.0)),
            throttled.map(|(now, before)| now.saturating_sub(before)),
        )
    }
}

fn stolen_s(stat: &str) -> Option<f64> {
    let mut columns = stat.lines().next()?.split_whitespace();
    (columns.next()? == "cpu").then_some(())?;
    let ticks: u64 = columns.nth(STEAL_COLUMN)?.parse().ok()?;
    Some(ticks as f64 / TICKS_PER_S)
}

/// Over all cores; `None` where no core says it.
fn throttled(tree: &HostTree) -> Option<u64> {
    let cores = tree.names_in(CPUS);
    let counts = cores.iter().filter_map(|core| {
        tree.read_number::<u64>(&format!(
            "{CPUS}/{core}/thermal_throttle/core_throttle_count"
        ))
    });
    counts.reduce(u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn counts(stat: &str, throttles: [&str; 2]) -> HostCounts {
        let count = |core| format!("{CPUS}/cpu{core}/thermal_throttle/core_throttle_count");
        let [first, second] = throttles;
        let folder = tree(&[("proc/stat", stat), (&count(0), first), (&count(1), second)]);
        HostCounts::now(&HostTree::under(folder.path()))
    }

    #[test]
    fn what_happened_in_between_is_the_difference() {
        let before = counts("cpu  10 0 5 900 1 0 0 250 0 0\ncpu0 1 2\n", ["3", "4"]);
        let after = counts("cpu  20 0 5 950 1 0 0 275 0 0\ncpu0 1 2\n", ["3", "6"]);
        assert_eq!(after.since(before), (Some(0.25), Some(2)));
        assert_eq!(before.since(after), (Some(0.0), Some(0)));
    }

    #[test]
    fn a_host_that_says_nothing_has_no_counts() {
        let folder = tree(&[("proc/stat", "intr 1 2 3\n")]);
        let silent = HostCounts::now(&HostTree::under(folder.path()));
        assert_eq!(silent, HostCounts::default());
        let talking = counts("cpu  20 0 5 950 1 0 0 275 0 0\n", ["3", "6"]);
        assert_eq!(talking.since(silent), (None, None));
    }
}
