//! What is measured of a confined program is the program's own.

use std::collections::BTreeMap;

use collector::execution::{Access, Ending, Execution, ExecutionReport, Executor, Leash};
use collector::measure::InstructionCounter;
use shared_types::Profile;
use shared_types::result_document::ResultDocument;

use crate::fixture::{Fixture, executor, job, measure, real_toolchain, values, write};
use crate::sandbox::{confined_bench, confined_executor, sandboxes};

/// Makes the tiny crate one with a procedural macro, as a dependency, and a build script.
fn write_crate_with_macro(fixture: &Fixture) {
    let folder = fixture.path("suite/stress/tiny");
    write(
        &folder.join("Cargo.toml"),
        "[package]\nname = \"tiny\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\ntiny-derive = { path = \"derive\" }\n\n[workspace]\n",
    );
    write(
        &folder.join("Cargo.lock"),
        "version = 4\n\n[[package]]\nname = \"tiny\"\nversion = \"1.0.0\"\n\
         dependencies = [\n \"tiny-derive\",\n]\n\n\
         [[package]]\nname = \"tiny-derive\"\nversion = \"1.0.0\"\n",
    );
    write(
        &folder.join("derive/Cargo.toml"),
        "[package]\nname = \"tiny-derive\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n\
         [lib]\nproc-macro = true\n",
    );
    write(
        &folder.join("derive/src/lib.rs"),
        "use proc_macro::TokenStream;\n\n\
         #[proc_macro_derive(Named)]\n\
         pub fn named(input: TokenStream) -> TokenStream {\n    \
             let name = input.into_iter().nth(2).unwrap();\n    \
             format!(\"impl {name} {{ pub const NAME: &str = \\\"{name}\\\"; }}\").parse().unwrap()\n\
         }\n",
    );
    write(
        &folder.join("build.rs"),
        "fn main() {\n    \
             let out = std::path::PathBuf::from(std::env::var(\"OUT_DIR\").unwrap());\n    \
             std::fs::write(out.join(\"made.rs\"), \"pub const MADE: u32 = 7;\").unwrap();\n\
         }\n",
    );
    write(
        &folder.join("src/lib.rs"),
        "include!(concat!(env!(\"OUT_DIR\"), \"/made.rs\"));\n\n\
         #[derive(tiny_derive::Named)]\npub struct Greeting;\n\n\
         pub fn greeting() -> String {\n    format!(\"{}-{MADE}\", Greeting::NAME)\n}\n",
    );
    write(
        &folder.join("src/main.rs"),
        "fn main() { println!(\"{}\", tiny::greeting()); }\n",
    );
}

/// The values of every size, and the names of all metrics but those that the kernel gives to a
/// confined root no more than to another user.
fn sizes_and_names(document: &ResultDocument) -> (BTreeMap<String, Vec<f64>>, Vec<String>) {
    let mut sizes = BTreeMap::new();
    let mut names = Vec::new();
    for measurement in &document.measurements {
        let test_case = measurement.test_case.name();
        for metric in &measurement.values {
            let name = format!("{test_case} {}", metric.metric);
            if metric.metric.is_size() {
                let sizes_of = values(document, &test_case, metric.metric.as_str());
                sizes.insert(name.clone(), sizes_of);
            }
            if metric.metric.as_str() != "task-clock" {
                names.push(name);
            }
        }
    }
    (sizes, names)
}

#[test]
fn a_crate_with_a_macro_and_a_build_script_gives_what_it_gives_unconfined() {
    let fixture = Fixture::new();
    write_crate_with_macro(&fixture);
    let toolchain = real_toolchain();
    let scenarios = &["full", "incr-full", "incr-unchanged"][..];
    let job = job(
        &toolchain,
        &[
            ("tiny", Profile::Check, scenarios),
            ("tiny", Profile::Debug, scenarios),
            ("tiny", Profile::Doc, &["full"]),
        ],
    );
    let unconfined = measure(&fixture.bench(), &job, &toolchain).document;
    assert_eq!(unconfined.failures, []);
    let expected = sizes_and_names(&unconfined);
    assert!(expected.0.len() >= 7, "{:?}", expected.0);
    for (name, sandbox) in sandboxes() {
        // At the same path, since sizes depend on it.
        std::fs::remove_dir_all(fixture.path("work")).unwrap();
        let confined = measure(&confined_bench(&fixture, &sandbox), &job, &toolchain).document;
        assert_eq!(confined.failures, [], "{name}");
        assert_eq!(sizes_and_names(&confined), expected, "{name}");
    }
}

fn program(program: &str, arguments: &[&str], folder: &std::path::Path) -> Execution {
    Execution {
        program: program.into(),
        arguments: arguments.iter().map(Into::into).collect(),
        environment: Vec::new(),
        directory: "/".into(),
        output: folder.join("output.txt").into(),
        time_limit_ms: 60_000,
        access: Access::default(),
    }
}

fn run(executor: &Executor, execution: &Execution) -> ExecutionReport {
    let report = executor.run(execution).unwrap();
    assert_eq!(report.ending, Ending::Exited { code: 0 });
    report
}

/// The fewest page faults of several runs.
fn page_faults(executor: &Executor, execution: &Execution) -> u64 {
    let faults = (0..5).map(|_| run(executor, execution).usage.unwrap().page_faults);
    faults.min().unwrap()
}

/// How many page faults more or fewer may be the kernel's own doing.
const PAGE_FAULTS_SPREAD: u64 = 12;

#[test]
fn what_is_accounted_to_a_program_holds_nothing_of_what_confines_it() {
    let folder = tempfile::tempdir().unwrap();
    let unconfined = executor(folder.path().to_owned(), Leash::default());
    let small = program("/usr/bin/true", &[], folder.path());
    let expected = page_faults(&unconfined, &small);
    for (name, sandbox) in sandboxes() {
        let confined = confined_executor(folder.path().to_owned(), &sandbox);
        let faults = page_faults(&confined, &small);
        assert!(
            faults.abs_diff(expected) <= PAGE_FAULTS_SPREAD,
            "{name}: {faults} page faults instead of {expected}"
        );
    }
    // Were it accounted, it would be seen: bubblewrap as a measured program has many more.
    let bubblewrap = std::path::Path::new("/usr/bin/bwrap");
    if bubblewrap.exists() {
        let itself = program(
            "/usr/bin/bwrap",
            &["--unshare-all", "--ro-bind", "/", "/", "/usr/bin/true"],
            folder.path(),
        );
        let faults = page_faults(&unconfined, &itself);
        assert!(
            faults > expected + 4 * PAGE_FAULTS_SPREAD,
            "{faults} page faults of bubblewrap are not seen beside {expected}"
        );
    }
}

/// How far counts of a small compilation may be apart, relative: the standard library reads the list
/// of mounts and control groups to count processors, and those differ inside. It comes to some ten
/// thousand instructions of twenty million.
const COUNT_SPREAD: f64 = 5e-3;

#[test]
fn instructions_that_are_counted_by_emulation_are_the_same_confined() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let job = job(&toolchain, &[("tiny", Profile::Check, &["full"][..])]);
    let mut bench = fixture.bench();
    bench.counter = InstructionCounter::find(&bench.executor, &bench.work.tools());
    let counter = bench.counter.clone();
    let InstructionCounter::Emulated(prepared) = &counter else {
        eprintln!("skipped: nothing counts by emulation here");
        return;
    };
    let count = |document: &ResultDocument| {
        let [count] = values(document, "tiny/check/full", prepared.metric())
            .try_into()
            .unwrap();
        count
    };
    bench.options.count_below_s = 60.0;
    let expected: f64 = count(&measure(&bench, &job, &toolchain).document);
    drop(bench);
    for (name, sandbox) in sandboxes() {
        let mut bench = confined_bench(&fixture, &sandbox);
        bench.counter = counter.clone();
        bench.options.count_below_s = 60.0;
        let counted: f64 = count(&measure(&bench, &job, &toolchain).document);
        assert!(
            (counted / expected - 1.0).abs() < COUNT_SPREAD,
            "{name}: {counted} instructions instead of {expected}"
        );
    }
}

#[test]
fn a_toolchain_of_links_and_scripts_is_measured_where_what_they_lead_to_is_readable() {
    let fixture = Fixture::new();
    let toolchain = fixture.fake_toolchain("true");
    let job = job(&toolchain, &[("tiny", Profile::Check, &["full"][..])]);
    for (name, mut sandbox) in sandboxes() {
        sandbox.readable.push(real_toolchain().sysroot);
        let document = measure(&confined_bench(&fixture, &sandbox), &job, &toolchain).document;
        assert_eq!(document.failures, [], "{name}");
    }
}
