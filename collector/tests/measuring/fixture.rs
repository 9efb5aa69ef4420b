//! A suite of one tiny crate, toolchains real and broken, and a workbench to measure with.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use collector::execution::perf_events::CounterPlan;
use collector::execution::{Executor, Leash};
use collector::host::{facts, proposed_configuration, proposed_id};
use collector::measure::{
    InstructionCounter, JobOutcome, MeasuringOptions, WorkDirectory, Workbench,
};
use collector::suite::Suite;
use collector::toolchain::{JobToolchains, Rustup, Toolchain};
use shared_types::ids::Attempt;
use shared_types::job::{JobMessage, JobUnit, Trust};
use shared_types::result_document::{CollectorVersion, MeasuredRun, Measurement, ResultDocument};
use shared_types::{Backend, FormatVersion, JobId, Profile, Replicate, RequestId};
use tempfile::TempDir;

const LIBRARY: &str = "\
pub fn doubled(number: u32) -> u32 {
    number * 2
}

pub fn greeting(name: &str) -> String {
    format!(\"good day, {name}\")
}
";

const PATCH: &str = "\
--- a/src/lib.rs
+++ b/src/lib.rs
@@ -1,3 +1,7 @@
 pub fn doubled(number: u32) -> u32 {
-    number * 2
+    let mut list: Vec<u32> = (0..number).collect();
+    list.sort_unstable();
+    list.dedup();
+    println!(\"{list:?}\");
+    list.iter().map(|number| number / 3).sum()
 }
";

/// The library of a tiny crate that no compiler takes.
pub(crate) const BROKEN_LIBRARY: &str = "pub fn doubled(number: u32) -> u32 { \"two\" }\n";

/// A folder for everything, and what is in it.
pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fixture = Self { folder };
        fixture.write_suite(LIBRARY);
        fixture
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a suite of three benchmarks: a library and a program of the same sources, and a
    /// library with a `broken` source.
    pub(crate) fn write_suite(&self, library: &str) {
        let mut manifest = "format = \"1.0\"\n".to_owned();
        for (name, library) in [("tiny", library), ("broken", BROKEN_LIBRARY)] {
            self.write_crate(name, library);
            manifest.push_str(&format!(
                "\n[[benchmark]]\nname = \"{name}\"\ncategory = \"secondary\"\n\
                 artifact = \"library\"\npath = \"stress/{name}\"\n"
            ));
            if name == "tiny" {
                manifest.push_str("patches = [\"longer\"]\n");
            }
        }
        self.write_crate("tiny-program", library);
        manifest.push_str(
            "\n[[benchmark]]\nname = \"tiny-program\"\ncategory = \"primary\"\n\
             artifact = \"binary\"\nbinary = \"tiny-program\"\npath = \"stress/tiny-program\"\n",
        );
        write(&self.path("suite/suite.toml"), &manifest);
        write(&self.path("suite/patches/tiny/longer.patch"), PATCH);
    }

    fn write_crate(&self, name: &str, library: &str) {
        let folder = self.path("suite/stress").join(name);
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n\
             [workspace]\n"
        );
        write(&folder.join("Cargo.toml"), &manifest);
        let lock = format!("version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
        write(&folder.join("Cargo.lock"), &lock);
        write(&folder.join("src/lib.rs"), library);
        let main = format!(
            "fn main() {{ println!(\"{{}}\", {}::doubled(21)); }}\n",
            name.replace('-', "_")
        );
        write(&folder.join("src/main.rs"), &main);
    }

    pub(crate) fn bench(&self) -> Workbench {
        self.bench_with(Leash::default())
    }

    /// A workbench that does not count instructions, which takes its time.
    pub(crate) fn bench_with(&self, leash: Leash) -> Workbench {
        let work = WorkDirectory::open(&self.path("work")).unwrap();
        Workbench {
            suite: Suite::load(&self.path("suite")).unwrap(),
            executor: executor(work.scratch(), leash),
            work,
            counter: InstructionCounter::None {
                reason: "this test does not want it".to_owned(),
            },
            host: facts(),
            collector: CollectorVersion {
                name: "tester".to_owned(),
                version: "0".to_owned(),
            },
            // The tests count compilations.
            options: MeasuringOptions {
                warm_up: false,
                repeat_disturbed: false,
                ..MeasuringOptions::default()
            },
            rustc_checkout: None,
            own_cargo: None,
        }
    }

    /// A toolchain whose rustc is a script: `on_leaf` is done where a tiny crate is compiled, and
    /// all else is left to the real rustc.
    pub(crate) fn fake_toolchain(&self, on_leaf: &str) -> Toolchain {
        self.scripted_toolchain(&format!(
            "case \"$*\" in *'--crate-name tiny'*) {on_leaf} ;; esac"
        ))
    }

    /// A toolchain in a folder of its own, with nothing in it but cargo, rustdoc, and a rustc that
    /// is the real one without its flag for Cranelift.
    pub(crate) fn bare_toolchain(&self) -> Toolchain {
        let sysroot = self.path("fake");
        let target = &real_toolchain().host;
        let library = format!("lib/rustlib/{target}/lib/libstd-0.rlib");
        write(&sysroot.join(library), "");
        self.scripted_toolchain(&format!(
            "if [ \"$*\" = '--print sysroot' ]; then echo '{}'; exit; fi\n\
             for argument in \"$@\"; do shift\n\
             [ \"$argument\" = '-Zcodegen-backend=cranelift' ] || set -- \"$@\" \"$argument\"\n\
             done",
            sysroot.display()
        ))
    }

    /// A toolchain whose rustc does what `before` says and becomes the real one.
    fn scripted_toolchain(&self, before: &str) -> Toolchain {
        let real = real_toolchain();
        let bin = self.path("fake/bin");
        std::fs::create_dir_all(&bin).unwrap();
        for (name, program) in [
            ("cargo", &real.cargo),
            ("rustdoc", real.rustdoc.as_ref().unwrap()),
        ] {
            let _ = std::os::unix::fs::symlink(program, bin.join(name));
        }
        let rustc = bin.join("rustc");
        let real = real.rustc.display();
        write(
            &rustc,
            &format!("#!/bin/sh\n{before}\nexec {real} \"$@\"\n"),
        );
        std::fs::set_permissions(&rustc, PermissionsExt::from_mode(0o755)).unwrap();
        let name = self.path("fake");
        named_toolchain(name.to_str().unwrap())
    }
}

pub(crate) fn executor(scratch: PathBuf, leash: Leash) -> Executor {
    Executor::new(
        env!("CARGO_BIN_EXE_collector").into(),
        scratch,
        leash,
        CounterPlan::of_this_host(),
    )
}

pub(crate) fn rustup() -> Rustup {
    Rustup::from_environment(|name| std::env::var_os(name))
}

pub(crate) fn named_toolchain(name: &str) -> Toolchain {
    Toolchain::named(name, &rustup()).unwrap()
}

/// The toolchain that compiled this test.
pub(crate) fn real_toolchain() -> Toolchain {
    let asked = Command::new("rustc")
        .args(["--print", "sysroot"])
        .output()
        .unwrap();
    let sysroot = String::from_utf8(asked.stdout).unwrap();
    named_toolchain(sysroot.trim())
}

pub(crate) fn first_run(toolchain: &Toolchain) -> MeasuredRun {
    MeasuredRun {
        artifact: toolchain.artifact.id.clone(),
        replicate: Replicate::FIRST,
    }
}

/// A job on one toolchain that measures these units once.
pub(crate) fn job(toolchain: &Toolchain, units: &[(&str, Profile, &[&str])]) -> JobMessage {
    let record = proposed_configuration(&facts(), Backend::Llvm, 1);
    JobMessage {
        format: FormatVersion::V1_0,
        job: JobId::from_parts(1_790_000_000_000, &[1; 10]),
        request: RequestId::from_parts(1_790_000_000_000, &[2; 10]),
        first_attempt: Attempt(1),
        configuration: proposed_id(&record, &record.target).unwrap(),
        record,
        runs: vec![first_run(toolchain)],
        units: units
            .iter()
            .map(|(benchmark, profile, scenarios)| JobUnit {
                benchmark: benchmark.parse().unwrap(),
                profile: *profile,
                scenarios: scenarios.iter().map(|text| text.parse().unwrap()).collect(),
            })
            .collect(),
        runtime_units: Vec::new(),
        toolchain_units: Vec::new(),
        iterations: 1,
        precision: None,
        self_profile: false,
        time_limit_s: 120,
        trace_id: "test".to_owned(),
        trust: Some(Trust::Trusted),
    }
}

pub(crate) fn measure(bench: &Workbench, job: &JobMessage, toolchain: &Toolchain) -> JobOutcome {
    bench
        .measure(job, Attempt(1), &toolchains_of(toolchain), &mut |_| ())
        .unwrap()
}

pub(crate) fn toolchains_of(toolchain: &Toolchain) -> JobToolchains {
    [(toolchain.artifact.id.clone(), toolchain.clone())]
        .into_iter()
        .collect()
}

/// The values of a test case's metric in a result, one for each iteration.
pub(crate) fn values(document: &ResultDocument, test_case: &str, metric: &str) -> Vec<f64> {
    measurement(document, test_case)
        .into_iter()
        .flat_map(|measurement| &measurement.values)
        .filter(|values| values.metric.as_str() == metric)
        .flat_map(|values| values.measured())
        .collect()
}

pub(crate) fn measurement<'a>(
    document: &'a ResultDocument,
    test_case: &str,
) -> Option<&'a Measurement> {
    document
        .measurements
        .iter()
        .find(|measurement| measurement.test_case.name() == test_case)
}

pub(crate) fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
