//! Fetching over TLS, from a server with a certificate that is made for the test.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;

use crate::archive_server::{ArchiveServer, Fault};
use crate::place::{Place, commit};

/// Where every server of these tests is.
const ADDRESS: &str = "IP:127.0.0.1";

/// An authority that nobody but this test knows, made by openssl.
struct Authority {
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let authority = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        authority.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=authority \
             -addext keyUsage=critical,keyCertSign -keyout authority.key -out authority.pem",
        );
        authority
    }

    /// Its certificate.
    fn file(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// A place whose server has a certificate of this authority for a name.
    fn place(&self, name: &str) -> Place {
        let extensions = self.folder.path().join("extensions");
        std::fs::write(extensions, format!("subjectAltName = {name}\n")).unwrap();
        self.openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server \
             -keyout server.key -out server.request",
        );
        self.openssl(
            "x509 -req -in server.request -CA authority.pem -CAkey authority.key \
             -CAcreateserial -extfile extensions -out server.pem",
        );
        let file = |name: &str| self.folder.path().join(name);
        let certificate = CertificateDer::from_pem_file(file("server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        Place::of(ArchiveServer::start_tls(Arc::new(config)))
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {arguments}: {said}");
    }
}

/// `collector toolchains fetch` of commit 1, with authorities of one's own or without.
fn fetch(place: &Place, authorities: Option<&Path>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_collector"));
    command
        .args(["toolchains", "fetch", &commit(1).to_string()])
        .arg("--toolchain-sources")
        .arg(place.sources_file(""))
        .arg("--toolchain-cache")
        .arg(place.root())
        .env("RUSTUP_HOME", place.folder.path().join("no-rustup"))
        .env_remove("SSL_CERT_FILE")
        .envs(authorities.map(|file| ("SSL_CERT_FILE", file)))
        .stdin(Stdio::null());
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let said = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
    (status.code(), said)
}

#[test]
fn a_toolchain_is_fetched_over_tls_and_gone_on_with_where_it_broke_off() {
    let authority = Authority::new();
    let place = authority.place(ADDRESS);
    place.serve(&commit(1));
    let path = Place::path(&commit(1), "rustc");
    let total = place.server.content(&path).len();
    place.server.fail(&path, &[Fault::BreakAfter(30_000)]);
    let (code, said) = fetch(&place, Some(&authority.file()));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("is ready: rustc 1.99.0-nightly"), "{said}");
    let seen = place.server.seen(&path);
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!((seen[0].from, seen[0].status), (None, 200));
    // What has arrived whole of the encrypted stream is not fetched again.
    let from = seen[1].from.unwrap();
    assert!(from > 0 && from <= 30_000, "{from}");
    assert_eq!((seen[1].status, seen[1].bytes_sent), (206, total - from));
}

#[test]
fn a_server_that_nobody_vouches_for_is_not_asked_for_anything() {
    let authority = Authority::new();
    let stranger = Authority::new();
    let here = authority.place(ADDRESS);
    let misnamed = authority.place("DNS:elsewhere.example.org");
    for (why, place, believed) in [
        ("its authority is unknown", &here, None),
        ("its authority is another", &here, Some(&stranger)),
        ("its name is another", &misnamed, Some(&authority)),
    ] {
        place.serve(&commit(1));
        let file = believed.map(Authority::file);
        let (code, said) = fetch(place, file.as_deref());
        assert_eq!(code, Some(1), "{why}: {said}");
        assert!(said.contains("certificate"), "{why}: {said}");
        assert_eq!(place.server.requests(), 0, "{why}");
    }
}

#[test]
fn what_was_asked_for_safely_does_not_come_from_an_unsafe_place() {
    let authority = Authority::new();
    let place = authority.place(ADDRESS);
    place.serve(&commit(1));
    let unsafe_server = ArchiveServer::start();
    let path = Place::path(&commit(1), "rustc");
    unsafe_server.put(&path, place.server.content(&path));
    let location = format!("{}{path}", unsafe_server.address());
    place.server.redirect(&path, location);
    let (code, said) = fetch(&place, Some(&authority.file()));
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(unsafe_server.requests(), 0);
}

#[test]
fn a_file_of_authorities_that_has_none_is_refused() {
    let authority = Authority::new();
    let place = authority.place(ADDRESS);
    place.serve(&commit(1));
    let file = place.folder.path().join("authority.pem");
    std::fs::write(&file, "nothing of the kind\n").unwrap();
    let (code, said) = fetch(&place, Some(&file));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("authority.pem` cannot be used"), "{said}");
}
