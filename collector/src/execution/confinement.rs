//! Confinement: what stands between a program of somebody else's and this host.
//!
//! Build scripts, procedural macros and compilers run without network, with a read-only view of the
//! few folders that they need, a temporary folder of their own, and no sight of anything of the
//! collector's. The [supervisor](super) runs inside with its program, so that what it accounts and
//! counts is the program's alone and nothing of what confines it.

mod bubblewrap;
#[cfg(target_os = "linux")]
mod landlock;
mod system_view;
mod trial;

use std::fmt;
use std::path::{Path, PathBuf};

use super::access::Access;
use super::command_line::CommandLine;
use super::limits::Limits;
use crate::doctor::Finding;

pub(super) use bubblewrap::TEMPORARY_FOLDER;
#[cfg(target_os = "linux")]
pub(crate) use landlock::confine;
pub use system_view::{SystemEntry, SystemView};
pub(crate) use trial::run as run_trial;
pub use trial::{find, holds};

/// What confines programs on this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confinement {
    /// Bubblewrap: namespaces of their own, and a file system that holds only what is to be seen.
    Bubblewrap {
        /// The program `bwrap`.
        program: PathBuf,
    },
    /// Landlock: the kernel refuses all files but those that are to be seen.
    Landlock {
        /// What keeps the network away.
        barrier: NetworkBarrier,
    },
    /// Nothing.
    None {
        /// Why.
        reason: String,
    },
}

/// What keeps the network from a program that Landlock confines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkBarrier {
    /// A network namespace of its own, which has no network.
    Namespace,
    /// Landlock, which refuses TCP. All else, UDP above all, is open.
    TcpAlone,
}

impl Confinement {
    /// Whether programs whose authors nobody vouches for may run behind it.
    pub fn is_enough_for_untrusted(&self) -> bool {
        match self {
            Self::Bubblewrap { .. }
            | Self::Landlock {
                barrier: NetworkBarrier::Namespace,
            } => true,
            Self::Landlock {
                barrier: NetworkBarrier::TcpAlone,
            }
            | Self::None { .. } => false,
        }
    }

    /// What `collector doctor` says of it.
    pub fn finding(&self) -> Finding {
        Finding {
            subject: "confinement of what is measured",
            good: Some(self.is_enough_for_untrusted()),
            found: self.to_string(),
            wanted: "bubblewrap, or Landlock with a network namespace",
            why: "jobs with compilers that nobody vouches for are refused",
            remedy: (!self.is_enough_for_untrusted()).then(|| {
                "sudo apt-get install bubblewrap (0.8 or newer), and let users make namespaces: \
                 docs/deployment.md, \"What a measured program can reach\""
                    .to_owned()
            }),
            settings: Vec::new(),
        }
    }
}

impl fmt::Display for Confinement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bubblewrap { program } => write!(
                formatter,
                "by bubblewrap ({}): tried, no network, no file of the collector's",
                program.display()
            ),
            Self::Landlock {
                barrier: NetworkBarrier::Namespace,
            } => formatter.write_str(
                "by Landlock and a network namespace: tried, no network, no file of the \
                 collector's; other processes of the host can be seen",
            ),
            Self::Landlock {
                barrier: NetworkBarrier::TcpAlone,
            } => formatter.write_str(
                "weak, by Landlock alone: no file of the collector's and no TCP, but UDP is open",
            ),
            Self::None { reason } => write!(formatter, "none: {reason}"),
        }
    }
}

/// All that is decided once about how programs are confined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sandbox {
    /// What confines them.
    pub confinement: Confinement,
    /// How much each may take. Held only where something confines.
    pub limits: Limits,
    /// What each sees of the system.
    pub system: SystemView,
    /// Further files and folders that each may read.
    pub readable: Vec<PathBuf>,
}

impl Sandbox {
    /// One that confines nothing.
    pub fn open(reason: &str) -> Self {
        Self {
            confinement: Confinement::None {
                reason: reason.to_owned(),
            },
            limits: Limits::of_host(None),
            system: SystemView::default(),
            readable: Vec::new(),
        }
    }

    /// The limits that are in force.
    pub fn limits_in_force(&self) -> Option<&Limits> {
        match self.confinement {
            Confinement::None { .. } => None,
            _ => Some(&self.limits),
        }
    }

    /// Whether the processes of a program have a PID namespace for themselves.
    pub(super) fn has_own_processes(&self) -> bool {
        matches!(self.confinement, Confinement::Bubblewrap { .. })
    }

    /// The command line that runs another one confined: a function of values alone. `collector` is
    /// this program.
    pub fn around(&self, line: CommandLine, access: &Access, collector: &Path) -> CommandLine {
        let mut access = access.clone();
        access.readable.extend(self.readable.iter().cloned());
        access.readable.push(collector.to_owned());
        match &self.confinement {
            Confinement::None { .. } => line,
            Confinement::Bubblewrap { program } => {
                let limits = &self.limits;
                bubblewrap::around(program, line, (&access, &self.system), limits)
            }
            #[cfg(not(target_os = "linux"))]
            Confinement::Landlock { .. } => line,
            #[cfg(target_os = "linux")]
            Confinement::Landlock { barrier } => {
                let rules = landlock::Rules::new(*barrier, &access, &self.system);
                landlock::around(collector, line, rules)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANDLOCK: [Confinement; 2] = [
        Confinement::Landlock {
            barrier: NetworkBarrier::Namespace,
        },
        Confinement::Landlock {
            barrier: NetworkBarrier::TcpAlone,
        },
    ];

    fn sandbox(confinement: Confinement) -> Sandbox {
        Sandbox {
            confinement,
            limits: Limits {
                memory_bytes: 8 << 30,
                processes: 4_096,
                disk_bytes: 32 << 30,
            },
            system: SystemView(vec![
                SystemEntry::Path("/usr".into()),
                SystemEntry::Link {
                    at: "/lib64".into(),
                    to: "usr/lib64".into(),
                },
                SystemEntry::Path("/etc/alternatives".into()),
            ]),
            readable: vec!["/opt/sdk".into()],
        }
    }

    fn wrapped(confinement: Confinement) -> String {
        let line = CommandLine {
            program: "/usr/local/bin/collector".into(),
            arguments: vec!["an argument".into()],
            environment: vec![("PERFLEET_COLLECTOR_MODE".into(), "supervise".into())],
        };
        let access = Access {
            readable: vec!["/toolchain/lib".into(), "/state/builds/u".into()],
            writable: vec!["/state/builds/u/output".into()],
        };
        let collector = Path::new("/usr/local/bin/collector");
        let line = sandbox(confinement).around(line, &access, collector);
        let mut text = format!("{}\n", line.program.display());
        for argument in line.arguments {
            let separator = if argument.as_encoded_bytes().starts_with(b"--") {
                "\n"
            } else {
                " "
            };
            text.push_str(separator);
            text.push_str(&argument.to_string_lossy());
        }
        format!("{text}\n\nenvironment: {:?}\n", line.environment)
    }

    #[test]
    fn the_command_line_of_bubblewrap_shows_what_is_needed_and_nothing_else() {
        insta::assert_snapshot!(wrapped(Confinement::Bubblewrap {
            program: "/usr/bin/bwrap".into(),
        }));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_command_line_of_landlock_is_the_collectors_own_with_rules() {
        let [namespace, _] = LANDLOCK;
        insta::assert_snapshot!(wrapped(namespace));
    }

    #[test]
    fn without_confinement_the_command_line_stays_as_it_is() {
        let line = CommandLine {
            program: "/bin/true".into(),
            arguments: Vec::new(),
            environment: Vec::new(),
        };
        let open = Sandbox::open("not wanted");
        let around = open.around(line.clone(), &Access::default(), Path::new("/c"));
        assert_eq!(around, line);
        assert_eq!(open.limits_in_force(), None);
    }

    #[test]
    fn only_what_closes_the_network_is_enough_for_what_nobody_vouches_for() {
        let none = Confinement::None {
            reason: "there is no bwrap".to_owned(),
        };
        let bubblewrap = Confinement::Bubblewrap {
            program: "/usr/bin/bwrap".into(),
        };
        let [namespace, tcp_alone] = LANDLOCK;
        let all = [bubblewrap, namespace, tcp_alone, none];
        let enough = all.each_ref().map(Confinement::is_enough_for_untrusted);
        assert_eq!(enough, [true, true, false, false]);
        let findings = all.map(|confinement| confinement.finding().to_string());
        insta::assert_snapshot!(findings.concat());
    }
}
