//! Toolchains that lack a part: what is missing is said in clear words.

use shared_types::result_document::FailureKind;
use shared_types::{Backend, Profile};

use crate::fixture::{Fixture, job, measure, measurement, real_toolchain, write};

#[test]
fn a_toolchain_without_clippy_says_so_and_measures_the_rest() {
    let fixture = Fixture::new();
    let toolchain = fixture.bare_toolchain();
    let units = [
        ("tiny", Profile::Clippy, &["full"][..]),
        ("tiny", Profile::Check, &["full"]),
    ];
    let document = measure(&fixture.bench(), &job(&toolchain, &units), &toolchain).document;
    let [failure] = document.failures.as_slice() else {
        panic!("one failure was expected: {:?}", document.failures);
    };
    assert_eq!(failure.kind, FailureKind::Unavailable);
    assert!(
        failure.message.contains("has no clippy-driver"),
        "{}",
        failure.message
    );
    assert!(measurement(&document, "tiny/check/full").is_some());
}

#[test]
fn a_toolchain_without_rustdoc_measures_neither_kind_of_documentation() {
    let fixture = Fixture::new();
    let mut toolchain = real_toolchain();
    toolchain.rustdoc = None;
    let units = [
        ("tiny", Profile::Doc, &["full"][..]),
        ("tiny", Profile::DocJson, &["full"]),
    ];
    let document = measure(&fixture.bench(), &job(&toolchain, &units), &toolchain).document;
    assert_eq!(document.failures.len(), 2);
    for failure in &document.failures {
        assert_eq!(failure.kind, FailureKind::Unavailable);
        assert!(
            failure.message.contains("has no rustdoc"),
            "{}",
            failure.message
        );
    }
}

#[test]
fn a_toolchain_without_cranelift_says_so_in_clear_words() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let mut job = job(&toolchain, &[("tiny", Profile::Debug, &["full"])]);
    job.record.backend = Backend::Cranelift;
    let document = measure(&fixture.bench(), &job, &toolchain).document;
    if toolchain.codegen_backends.contains(&"cranelift".to_owned()) {
        assert_eq!(document.failures, []);
        return;
    }
    let [failure] = document.failures.try_into().unwrap();
    assert_eq!(failure.kind, FailureKind::Unavailable);
    let words = "the backend cranelift is not available for this toolchain";
    assert!(failure.message.contains(words), "{}", failure.message);
}

#[test]
fn a_toolchain_with_cranelift_compiles_by_it_in_a_series_of_its_own() {
    let fixture = Fixture::new();
    let target = real_toolchain().host;
    let library =
        format!("fake/lib/rustlib/{target}/codegen-backends/librustc_codegen_cranelift-1.0.so");
    write(&fixture.path(&library), "");
    let toolchain = fixture.bare_toolchain();
    assert_eq!(toolchain.codegen_backends, ["cranelift"]);
    let bench = fixture.bench();
    let mut job = job(&toolchain, &[("tiny", Profile::Debug, &["full"])]);
    let by_llvm = measure(&bench, &job, &toolchain).document;
    job.record.backend = Backend::Cranelift;
    let by_cranelift = measure(&bench, &job, &toolchain).document;
    let epoch = |document| {
        let measured = measurement(document, "tiny/debug/full");
        measured.map(|measurement| measurement.epoch.clone())
    };
    assert_eq!(by_cranelift.failures, []);
    assert_ne!(epoch(&by_cranelift).unwrap(), epoch(&by_llvm).unwrap());
}
