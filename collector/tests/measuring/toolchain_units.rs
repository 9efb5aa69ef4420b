//! Toolchain benchmarks, on the installed toolchain and on one whose compiler is slow on purpose.

use shared_types::TestCase;
use shared_types::job::{JobMessage, Precision};
use shared_types::job_units::ToolchainUnit;
use shared_types::result_document::FailureKind;

use crate::fixture::{Fixture, job, measure, measurement, real_toolchain, values, write};

/// A build system that stands in for the compiler's own: it asks the compiler that it is told to use what
/// it is, and compiles a crate with it.
const X_PY: &str = "\
import os, subprocess, sys

arguments = sys.argv[1:]
assert arguments[:5] == ['build', '--stage', '1', 'compiler/rustc', '-j1'], arguments
build = arguments[arguments.index('--build-dir') + 1]
pairs = zip(arguments, arguments[1:])
settings = dict(value.split('=', 1) for name, value in pairs if name == '--set')
source = os.path.join(build, 'lib.rs')
with open(source, 'w') as file:
    file.write('#![no_std]\\n')
rustc = settings['build.rustc']
subprocess.run([rustc, '-vV'], check=True)
crate = ['--crate-name', 'tiny_middle', '--crate-type', 'lib', '--out-dir', build, source]
subprocess.run([rustc, *crate], check=True, env=dict(os.environ, CARGO_PKG_NAME='tiny_middle'))
END
";

const COMPLETED: &str = "print('Build completed successfully in 0:00:01')";

fn job_of(toolchain: &collector::toolchain::Toolchain, unit: ToolchainUnit) -> JobMessage {
    let mut job = job(toolchain, &[]);
    job.toolchain_units = vec![unit];
    job
}

fn whole_build() -> ToolchainUnit {
    ToolchainUnit::Workspace {
        benchmark: "tiny-program".parse().unwrap(),
    }
}

#[test]
fn the_components_of_the_installed_toolchain_have_their_sizes() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let job = job_of(&toolchain, ToolchainUnit::ComponentSizes);
    let document = measure(&fixture.bench(), &job, &toolchain).document;
    assert_eq!(document.failures, []);
    let file = std::fs::metadata(toolchain.sysroot.join("bin/cargo")).unwrap();
    assert_eq!(
        values(&document, "cargo", "size:component"),
        [file.len() as f64]
    );
    for component in ["rustc", "librustc_driver", "libstd"] {
        let [bytes] = values(&document, component, "size:component")[..] else {
            panic!("{component} has a size");
        };
        assert!(bytes > 1_000.0, "{component}: {bytes}");
    }
    let cases = document.measurements.iter().map(|one| &one.test_case);
    assert!(
        cases
            .into_iter()
            .all(|case| matches!(case, TestCase::Toolchain { .. }))
    );
}

#[test]
fn a_program_is_built_whole_and_its_slow_crates_are_told_one_by_one() {
    let fixture = Fixture::new();
    write(
        &fixture.path("suite/toolchain.toml"),
        "format = \"1.0\"\n[[workspace]]\nbenchmark = \"tiny-program\"\n",
    );
    let toolchain = fixture.fake_toolchain("sleep 0.6");
    let mut job = job_of(&toolchain, whole_build());
    job.iterations = 2;
    let document = measure(&fixture.bench(), &job, &toolchain).document;
    assert_eq!(document.failures, []);
    let whole = values(&document, "workspace-tiny-program", "wall-time");
    let of_crate = values(
        &document,
        "workspace-tiny-program.tiny_program",
        "wall-time",
    );
    assert_eq!((whole.len(), of_crate.len()), (2, 2));
    // The library and the program are of one name; both are a part of the whole.
    assert!(
        whole
            .iter()
            .zip(&of_crate)
            .all(|(whole, part)| whole >= part)
    );
}

#[test]
fn the_crates_of_a_fast_compiler_are_told_as_a_whole_alone() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let job = job_of(&toolchain, whole_build());
    let document = measure(&fixture.bench(), &job, &toolchain).document;
    assert_eq!(document.failures, []);
    assert!(measurement(&document, "workspace-tiny-program").is_some());
}

#[test]
fn a_whole_build_goes_on_until_its_time_is_known_as_precisely_as_was_asked_for() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let mut job = job_of(&toolchain, whole_build());
    job.iterations = 2;
    let mut builds = |half_width_basis_points: u32| {
        job.precision = Some(Precision {
            half_width_basis_points,
            iterations_max: 5,
        });
        let document = measure(&fixture.bench(), &job, &toolchain).document;
        assert_eq!(document.failures, []);
        values(&document, "workspace-tiny-program", "wall-time").len()
    };
    // A hundredth of a percent is never reached, and anything is within ten thousand.
    assert_eq!(builds(1), 5);
    assert_eq!(builds(1_000_000), 3);
}

#[test]
fn a_program_that_cannot_be_built_is_a_failure_of_the_whole() {
    let fixture = Fixture::new();
    let toolchain = fixture.fake_toolchain("echo 'error: no' >&2; exit 1");
    let document = measure(
        &fixture.bench(),
        &job_of(&toolchain, whole_build()),
        &toolchain,
    );
    let [failure] = document.document.failures.as_slice() else {
        panic!("it failed: {:?}", document.document.failures);
    };
    assert_eq!(failure.name(), "workspace-tiny-program");
    assert_eq!(failure.kind, FailureKind::BuildFailed);
}

fn checkout(fixture: &Fixture, last: &str) -> std::path::PathBuf {
    let checkout = fixture.path("rust");
    write(&checkout.join("x.py"), &X_PY.replace("END", last));
    write(&checkout.join("bootstrap.toml"), "");
    write(&checkout.join("vendor/README"), "");
    write(&checkout.join("git-commit-hash"), &"0a1b2c3d".repeat(5));
    checkout
}

#[test]
fn the_compilers_own_build_is_timed_with_its_crates_where_a_checkout_is_there() {
    let fixture = Fixture::new();
    let toolchain = fixture.fake_toolchain("sleep 0.6");
    let mut bench = fixture.bench();
    bench.rustc_checkout = Some(checkout(&fixture, COMPLETED));
    assert!(bench.toolchain_units().contains(&ToolchainUnit::Bootstrap));
    let mut job = job_of(&toolchain, ToolchainUnit::Bootstrap);
    job.iterations = 3;
    let document = measure(&bench, &job, &toolchain).document;
    assert_eq!(document.failures, []);
    // It takes so long that it is done once, however often is asked for.
    assert_eq!(values(&document, "bootstrap", "wall-time").len(), 1);
    assert_eq!(
        values(&document, "bootstrap.tiny_middle", "wall-time").len(),
        1
    );
}

#[test]
fn a_build_that_does_not_say_that_it_is_complete_and_a_host_without_a_checkout_are_failures() {
    let fixture = Fixture::new();
    let toolchain = fixture.fake_toolchain("true");
    let job = job_of(&toolchain, ToolchainUnit::Bootstrap);
    let mut bench = fixture.bench();
    let without = measure(&bench, &job, &toolchain).document;
    assert_eq!(without.failures[0].kind, FailureKind::Unavailable);
    assert!(without.failures[0].message.contains("--rustc-checkout"));

    bench.rustc_checkout = Some(checkout(&fixture, "print('nothing to do')"));
    let document = measure(&bench, &job, &toolchain).document;
    let failure = &document.failures[0];
    assert_eq!(failure.name(), "bootstrap");
    assert!(
        failure.message.contains("did not say"),
        "{}",
        failure.message
    );
    assert!(document.measurements.is_empty());
}
