//! How an App shows who it is: a JSON Web Token (RFC 7519), signed by RSA and SHA-256 (RS256).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use serde::Serialize;

use crate::{FunctionsError, Secret};

/// GitHub's clock may be behind ours.
const BEFORE_S: i64 = 60;
/// GitHub takes ten minutes at most.
const VALID_S: i64 = 9 * 60;

/// The private key of an App.
pub(super) struct AppKey {
    pair: RsaKeyPair,
}

#[derive(Serialize)]
struct Claims {
    iat: i64,
    exp: i64,
    iss: String,
}

impl AppKey {
    /// Reads a key in PEM, as GitHub hands it out (PKCS #1) or as others write it (PKCS #8).
    pub(super) fn from_pem(pem: &Secret) -> Result<Self, FunctionsError> {
        let refused = |reason: String| {
            FunctionsError::Usage(format!(
                "the App's private key cannot be used: {reason}; take the file as GitHub hands it out, \
                 which begins with `-----BEGIN RSA PRIVATE KEY-----`"
            ))
        };
        let key = PrivateKeyDer::from_pem_slice(pem.reveal().as_bytes())
            .map_err(|error| refused(error.to_string()))?;
        let pair = match &key {
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            _ => return Err(refused("it is no RSA key".to_owned())),
        };
        let pair = pair.map_err(|error| refused(error.to_string()))?;
        Ok(Self { pair })
    }

    /// The token of an App, which is good for some minutes.
    pub(super) fn token(&self, app: u64, now: Timestamp) -> Result<String, FunctionsError> {
        let now = now.as_second();
        let claims = Claims {
            iat: now - BEFORE_S,
            exp: now + VALID_S,
            iss: app.to_string(),
        };
        let claims = serde_json::to_vec(&claims)
            .map_err(|error| FunctionsError::Defect(error.to_string()))?;
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(br#"{"alg":"RS256","typ":"JWT"}"#),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .map_err(|_| FunctionsError::Randomness {
                reason: "the App's token could not be signed".to_owned(),
            })?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        for pem in [
            "",
            "0123456789",
            "-----BEGIN CERTIFICATE-----\nMTIz\n-----END CERTIFICATE-----",
        ] {
            let refused = AppKey::from_pem(&Secret::new(pem))
                .err()
                .unwrap()
                .to_string();
            assert!(refused.contains("RSA PRIVATE KEY"), "{refused}");
            assert!(
                !refused.contains("0123456789") && !refused.contains("MTIz"),
                "{refused}"
            );
        }
    }
}
