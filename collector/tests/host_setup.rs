//! The files of `infra/collector-host/`: that the system takes them, that AWS would, and that they
//! hang together.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/collector-host");
    folder.canonicalize().unwrap().join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(file(name)).unwrap()
}

/// The lines that are not comments.
fn settings(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim(), value.trim()))
}

/// A folder in which certificates are made.
struct Authority(tempfile::TempDir);

impl Authority {
    fn new() -> Self {
        let authority = Self(tempfile::tempdir().unwrap());
        authority.succeeds("authority", "staging");
        authority
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn make(&self, command: &str, name: &str) -> Output {
        Command::new(file("make-certificates.sh"))
            .arg(command)
            .arg(self.0.path())
            .arg(name)
            .output()
            .unwrap()
    }

    fn succeeds(&self, command: &str, name: &str) {
        let output = self.make(command, name);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command} {name}: {said}");
    }

    fn openssl(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    fn shown(&self, certificate: &str) -> String {
        let (good, text) = self.openssl(&["x509", "-in", certificate, "-noout", "-text"]);
        assert!(good, "{text}");
        // Names and values stand on lines of their own.
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn the_certificates_are_as_roles_anywhere_demands_them() {
    let authority = Authority::new();
    authority.succeeds("host", "zen4-a-1");
    for (certificate, demands) in [
        (
            "authority.pem",
            [
                "Version: 3 (0x2)",
                "Basic Constraints: critical CA:TRUE",
                "Key Usage: critical Certificate Sign, CRL Sign",
                "Signature Algorithm: ecdsa-with-SHA256",
            ],
        ),
        (
            "zen4-a-1.pem",
            [
                "Version: 3 (0x2)",
                "Basic Constraints: critical CA:FALSE",
                "Key Usage: critical Digital Signature X509v3 Extended Key Usage: TLS Web Client \
                 Authentication",
                "Signature Algorithm: ecdsa-with-SHA256",
            ],
        ),
    ] {
        let shown = authority.shown(certificate);
        for demand in demands {
            assert!(shown.contains(demand), "{certificate}: {demand}: {shown}");
        }
    }
    let (_, subject) = authority.openssl(&["x509", "-in", "zen4-a-1.pem", "-noout", "-subject"]);
    assert!(subject.trim().ends_with("CN = zen4-a-1"), "{subject}");
    let chain = ["-purpose", "sslclient", "-CAfile", "authority.pem"];
    let (good, said) = authority.openssl(&[&["verify"], &chain[..], &["zen4-a-1.pem"]].concat());
    assert!(good, "{said}");
}

#[test]
fn keys_are_for_their_owner_and_an_authority_is_never_replaced() {
    use std::os::unix::fs::PermissionsExt;
    let authority = Authority::new();
    authority.succeeds("host", "a");
    for key in ["authority.key", "a.key"] {
        let mode = std::fs::metadata(authority.path(key))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600, "{key}");
    }
    let before = std::fs::read(authority.path("authority.key")).unwrap();
    assert!(!authority.make("authority", "staging").status.success());
    assert_eq!(
        std::fs::read(authority.path("authority.key")).unwrap(),
        before
    );
    for bad in ["", "-a", "a b", "a/b", "a.b", &"a".repeat(29)] {
        assert!(!authority.make("host", bad).status.success(), "{bad}");
    }
}

#[test]
fn a_host_is_revoked_with_all_its_certificates_and_no_other() {
    let authority = Authority::new();
    authority.succeeds("host", "zen4-a");
    let first = std::fs::read(authority.path("zen4-a.pem")).unwrap();
    std::fs::write(authority.path("first.pem"), first).unwrap();
    authority.succeeds("host", "zen4-a");
    authority.succeeds("host", "zen4-a-1");
    authority.succeeds("revoke", "zen4-a");
    authority.succeeds("revoke", "zen4-a");
    let verify = |certificate| {
        let revocation = ["-crl_check", "-CRLfile", "revoked.pem"];
        let chain = ["-CAfile", "authority.pem", certificate];
        authority.openssl(&[&["verify"], &revocation[..], &chain[..]].concat())
    };
    for revoked in ["first.pem", "zen4-a.pem"] {
        let (good, said) = verify(revoked);
        assert!(!good && said.contains("certificate revoked"), "{said}");
    }
    let (good, said) = verify("zen4-a-1.pem");
    assert!(good, "{said}");
}

#[test]
fn the_units_are_understood_by_systemd() {
    let folder = tempfile::tempdir().unwrap();
    let units = ["perfleet-collector.service", "perfleet-tuning.service"];
    for unit in units {
        // The programs are not installed here, and systemd looks whether they are.
        let here = text(unit)
            .replace("/usr/local/bin/collector", "/bin/true")
            .replace("/usr/local/sbin/perfleet-tuning", "/bin/true");
        std::fs::write(folder.path().join(unit), here).unwrap();
    }
    let verified = Command::new("systemd-analyze")
        .arg("verify")
        .args(units)
        .current_dir(folder.path())
        .output();
    let Ok(verified) = verified else {
        eprintln!("skipped: there is no systemd-analyze on this machine");
        return;
    };
    let said = String::from_utf8_lossy(&verified.stderr);
    // systemd only warns of what it does not know.
    assert!(
        verified.status.success() && !said.contains("perfleet-"),
        "{said}"
    );
}

#[test]
fn the_unit_gives_a_job_back_and_puts_no_filter_before_what_is_measured() {
    let unit = text("perfleet-collector.service");
    let value = |wanted: &str| {
        let mut found = settings(&unit).filter(|(name, _)| *name == wanted);
        found.next().map(|(_, value)| value)
    };
    for (name, wanted) in [
        ("User", "perfleet"),
        ("KillMode", "mixed"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("Restart", "always"),
        ("RestartPreventExitStatus", "2"),
        ("KillSignal", "SIGTERM"),
        ("ExecReload", "/bin/kill -HUP $MAINPID"),
    ] {
        assert_eq!(value(name), Some(wanted), "{name}");
    }
    let seconds: u64 = value("TimeoutStopSec").unwrap().parse().unwrap();
    assert!(seconds > 25 + 40, "a last look, and a call that is slow");
    for filter in [
        "LockPersonality",
        "MemoryDenyWriteExecute",
        "PrivateDevices",
        "ProtectClock",
        "ProtectKernelModules",
        "RestrictAddressFamilies",
        "RestrictNamespaces",
        "RestrictSUIDSGID",
        "SystemCallFilter",
    ] {
        assert_eq!(value(filter), None, "{filter}");
    }
    for takes_confinement_away in ["ProcSubset", "ProtectKernelTunables", "ProtectProc"] {
        assert_eq!(value(takes_confinement_away), None);
    }
}

/// What a kernel has only where it was built for it.
const OPTIONAL_SETTINGS: [&str; 3] = [
    "kernel.nmi_watchdog",
    "kernel.numa_balancing",
    "vm.compaction_proactiveness",
];

#[test]
fn the_settings_of_the_kernel_are_ones_that_kernels_have() {
    let file = text("90-perfleet-collector.conf");
    for line in file.lines() {
        let is_setting = line.split_once(" = ").is_some();
        assert!(
            line.is_empty() || line.starts_with('#') || is_setting,
            "{line}"
        );
    }
    for (name, value) in settings(&file) {
        let path = Path::new("/proc/sys").join(name.replace('.', "/"));
        assert!(path.exists() || OPTIONAL_SETTINGS.contains(&name), "{name}");
        assert!(!value.is_empty(), "{name}");
    }
}

#[test]
fn tuning_sets_what_a_host_has_and_leaves_out_the_rest() {
    let root = tempfile::tempdir().unwrap();
    let cpu = root.path().join("sys/devices/system/cpu");
    let setting = |path: &str, value: &str| {
        let path = cpu.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, value).unwrap();
    };
    setting("cpu0/cpufreq/scaling_governor", "powersave\n");
    setting("cpu11/cpufreq/scaling_governor", "powersave\n");
    setting("intel_pstate/no_turbo", "0\n");
    let ran = Command::new(file("perfleet-tuning.sh"))
        .arg(root.path())
        .status()
        .unwrap();
    assert!(ran.success());
    let read = |path: &str| std::fs::read_to_string(cpu.join(path)).unwrap();
    assert_eq!(read("cpu0/cpufreq/scaling_governor"), "performance\n");
    assert_eq!(read("cpu11/cpufreq/scaling_governor"), "performance\n");
    assert_eq!(read("intel_pstate/no_turbo"), "1\n");
    assert!(!cpu.join("cpufreq/boost").exists());
}

#[test]
fn the_example_environment_names_what_the_collector_reads() {
    let environment = text("perfleet-collector.env.example");
    let names: Vec<&str> = settings(&environment).map(|(name, _)| name).collect();
    for wanted in [
        "PERFLEET_AWS_ENVIRONMENT",
        "PERFLEET_AWS_BUCKET",
        "PERFLEET_API",
        "PERFLEET_COLLECTOR_OPTIONS",
        "AWS_CONFIG_FILE",
        "AWS_PROFILE",
    ] {
        assert!(names.contains(&wanted), "{wanted}");
    }
    let options = settings(&environment)
        .find(|(name, _)| *name == "PERFLEET_COLLECTOR_OPTIONS")
        .unwrap()
        .1;
    let help = Command::new(env!("CARGO_BIN_EXE_collector"))
        .args(["run", "--help"])
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for option in options.split(' ').filter(|word| word.starts_with("--")) {
        assert!(help.contains(option), "{option}");
    }
    let config = text("aws-config.example");
    assert!(config.contains("aws_signing_helper credential-process --certificate"));
    assert!(config.contains("[profile perfleet]"));
}
