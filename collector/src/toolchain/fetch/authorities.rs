//! By which authorities the certificates of servers are believed.

use std::path::Path;

use crate::CollectorError;

/// Authorities whose certificates are believed: those that every browser knows, or one's own instead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authorities {
    /// Certificates in DER; none for those that every browser knows.
    own: Vec<Vec<u8>>,
}

impl Authorities {
    /// Those whose certificates are in a file, as PEM. They are believed instead of all others.
    ///
    /// # Errors
    /// When the file cannot be read, or has no certificate.
    pub fn of_file(file: &Path) -> Result<Self, CollectorError> {
        let pem = std::fs::read(file).map_err(CollectorError::io("read", file))?;
        let unusable = |reason: String| CollectorError::Usage {
            reason: format!(
                "the certificates in `{}` cannot be used: {reason}",
                file.display()
            ),
        };
        let own = certificates(&pem).map_err(unusable)?;
        if own.is_empty() {
            return Err(unusable("there are none, as PEM, in it".to_owned()));
        }
        Ok(Self { own })
    }

    /// An agent's settings that believe them.
    #[cfg(feature = "https")]
    pub(super) fn tls_config(&self) -> ureq::tls::TlsConfig {
        use ureq::tls::{Certificate, RootCerts, TlsConfig};

        let roots = match self.own.as_slice() {
            [] => RootCerts::WebPki,
            own => {
                let certificates = own.iter();
                let certificates = certificates.map(|der| Certificate::from_der(der).to_owned());
                RootCerts::Specific(std::sync::Arc::new(certificates.collect()))
            }
        };
        TlsConfig::builder().root_certs(roots).build()
    }
}

#[cfg(feature = "https")]
fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    use ureq::tls::{PemItem, parse_pem};

    let mut certificates = Vec::new();
    for item in parse_pem(pem) {
        // Keys, which may stand beside them, are no business of who asks.
        if let PemItem::Certificate(certificate) = item.map_err(|error| error.to_string())? {
            certificates.push(certificate.der().to_vec());
        }
    }
    Ok(certificates)
}

#[cfg(not(feature = "https"))]
fn certificates(_: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    Err("this collector was built without HTTPS".to_owned())
}

#[cfg(feature = "https")]
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Result<Authorities, CollectorError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("authorities.pem");
        std::fs::write(&file, text).unwrap();
        Authorities::of_file(&file)
    }

    /// Three bytes, which no server will show.
    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n";

    #[test]
    fn certificates_are_taken_and_what_stands_between_them_is_left() {
        let key = CERTIFICATE.replace("CERTIFICATE", "PRIVATE KEY");
        let two = of(&format!("# ours\n{CERTIFICATE}{key}{CERTIFICATE}")).unwrap();
        assert_eq!(two.own, [[0, 1, 2], [0, 1, 2]]);
        assert!(of(&key).unwrap_err().to_string().contains("there are none"));
    }

    #[test]
    fn a_file_without_a_certificate_is_no_licence_to_believe_anybody() {
        for text in ["", "certificate", "-----BEGIN CERTIFICATE-----\n"] {
            assert!(of(text).is_err(), "{text}");
        }
        assert!(Authorities::of_file(Path::new("/no/such/file")).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = certificates(&bytes);
        }
    }
}
