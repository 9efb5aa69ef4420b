//! Addresses of functions. On AWS each has a host name of its own. An emulator makes such names,
//! too, but no DNS knows them: here a function is also reached by a path, `/_aws/lambda-url/ID/…`,
//! whatever the emulator behind can do itself.

use hyper::header::HeaderValue;

const PREFIX: &str = "/_aws/lambda-url/";

/// Emulators look at the first two parts of the name alone.
const DOMAIN: &str = "lambda-url.us-east-1.localhost.localstack.cloud";

/// The host name and the rest of the path, where a path names a function; else the path as it is.
pub(super) fn by_host(place: &str) -> (Option<HeaderValue>, &str) {
    let Some(named) = place.strip_prefix(PREFIX) else {
        return (None, place);
    };
    let end = named.find(['/', '?']).unwrap_or(named.len());
    let (id, rest) = named.split_at(end);
    let host = HeaderValue::from_str(&format!("{id}.{DOMAIN}")).ok();
    (host, if rest.is_empty() { "/" } else { rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_names_a_function_becomes_its_host_name() {
        let (host, rest) = by_host("/_aws/lambda-url/abc/api/v1/status?a=b");
        assert_eq!(host.unwrap().to_str().unwrap(), format!("abc.{DOMAIN}"));
        assert_eq!(rest, "/api/v1/status?a=b");
        assert_eq!(by_host("/_aws/lambda-url/abc").1, "/");
    }

    #[test]
    fn any_other_path_stays_as_it_is() {
        let (host, rest) = by_host("/000000000001/a-queue");
        assert!(host.is_none());
        assert_eq!(rest, "/000000000001/a-queue");
    }
}
