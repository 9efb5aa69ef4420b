//! What GitHub checks before it does anything: who asks, and how often.

use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use rustls_pki_types::PrivatePkcs1KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};

use super::{APP, KEY, Mood, Shared};

/// GitHub allows so many comments a minute.
const MADE_A_MINUTE_MAX: usize = 80;

/// An answer that is no success.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Value,
}

pub(super) fn refusal(status: u16, message: &str) -> Refusal {
    Refusal {
        status: StatusCode::from_u16(status).unwrap(),
        headers: Vec::new(),
        body: json!({ "message": message, "documentation_url": "https://docs.github.com/rest" }),
    }
}

fn limited(wait_s: u32) -> Refusal {
    Refusal {
        headers: vec![("retry-after", wait_s.to_string())],
        ..refusal(
            403,
            "You have exceeded a secondary rate limit. Please wait.",
        )
    }
}

/// Whether an installation may ask now.
pub(super) fn check(shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
    check_mood(shared, headers)?;
    let now = shared.now();
    let state = shared.state();
    match bearer(headers).and_then(|token| state.tokens.get(token)) {
        Some(until) if now < *until => Ok(()),
        _ => Err(refusal(401, "Bad credentials")),
    }
}

/// Whether the App itself may ask now.
pub(super) fn check_app(shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
    check_mood(shared, headers)?;
    let now = shared.now();
    bearer(headers)
        .and_then(claims)
        .filter(|claims| {
            is_now(claims, now) && claims["iss"].as_str() == Some(APP.to_string().as_str())
        })
        .map(drop)
        .ok_or_else(|| refusal(401, "A JSON web token could not be decoded"))
}

fn check_mood(shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
    if !headers.contains_key("user-agent") {
        return Err(refusal(403, "Request forbidden by administrative rules."));
    }
    match shared.state().mood {
        Mood::Well | Mood::LosesAnswers => Ok(()),
        Mood::Down => Err(refusal(503, "Service unavailable")),
        Mood::Limits(wait_s) => Err(limited(wait_s)),
    }
}

/// Whether content may be made now.
pub(super) fn check_making(shared: &Shared) -> Result<(), Refusal> {
    let now = shared.now();
    let mut state = shared.state();
    let minute = now - SignedDuration::from_mins(1);
    state.made_at.retain(|at| *at > minute);
    if state.made_at.len() >= MADE_A_MINUTE_MAX {
        return Err(limited(60));
    }
    state.made_at.push(now);
    Ok(())
}

/// The body of a comment, if GitHub takes it.
pub(super) fn comment_body(body: &Value) -> Result<String, Refusal> {
    match body["body"].as_str() {
        None => Err(refusal(
            422,
            "Invalid request.\n\n\"body\" wasn't supplied.",
        )),
        Some("") => Err(refusal(422, "Validation Failed: body cannot be blank")),
        Some(text) if text.chars().count() > 65_536 => Err(refusal(
            422,
            "Validation Failed: body is too long (maximum is 65536 characters)",
        )),
        Some(text) => Ok(text.to_owned()),
    }
}

/// The labels of a body, if GitHub takes them.
pub(super) fn label_names(body: &Value) -> Result<Vec<String>, Refusal> {
    let names = body["labels"]
        .as_array()
        .ok_or_else(|| refusal(422, "Validation Failed"))?;
    names
        .iter()
        .map(|name| match name.as_str() {
            Some(name) if (1..=50).contains(&name.chars().count()) => Ok(name.to_owned()),
            _ => Err(refusal(422, "Validation Failed: name is too long")),
        })
        .collect()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get("authorization")?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}

/// What a token says, if the App's key signed it.
fn claims(token: &str) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let header: Value = serde_json::from_slice(&decode(header)?).ok()?;
    let key = PrivatePkcs1KeyDer::from_pem_slice(KEY.as_bytes()).ok()?;
    let pair = RsaKeyPair::from_der(key.secret_pkcs1_der()).ok()?;
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
    public.verify(signed.as_bytes(), &decode(signature)?).ok()?;
    (header["alg"] == "RS256").then_some(())?;
    serde_json::from_slice(&decode(claims)?).ok()
}

fn is_now(claims: &Value, now: Timestamp) -> bool {
    let (Some(issued), Some(ends)) = (claims["iat"].as_i64(), claims["exp"].as_i64()) else {
        return false;
    };
    let now = now.as_second();
    issued <= now && now < ends && ends - now <= 600
}
