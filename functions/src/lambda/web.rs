//! HTTP by a function URL: from Lambda's event to the site, and back.

use std::sync::Arc;

use lambda_http::{Body, Error, Request, RequestExt, Response, service_fn};
use store::aws::PageBucket;

use super::page_copy::PageCopy;
use super::settings::PAGE_BUCKET_VARIABLE;
use crate::Context;
use crate::site::page::Page;
use crate::site::{Site, SiteRequest, SiteResponse, body_bytes_max};

/// The most that Lambda lets a function answer, in bytes, with some room for headers.
const ANSWER_BYTES_MAX: usize = 6 * 1024 * 1024 - 64 * 1024;

/// Answers what comes in.
pub(super) async fn run(context: Context) -> Result<(), Error> {
    // The one place that a function may write into. An emulator runs many on one disk.
    let folder = std::env::temp_dir().join(format!("perfleet-page-{}", std::process::id()));
    let copy = match std::env::var(PAGE_BUCKET_VARIABLE) {
        Ok(bucket) if !bucket.is_empty() => {
            let bucket = PageBucket::open(&bucket).await;
            Some(PageCopy::new(bucket, folder.clone()))
        }
        _ => None,
    };
    let site = Site {
        context,
        page: Arc::new(Page::new(folder)),
    };
    let (site, copy) = (&site, copy.as_ref());
    lambda_http::run(service_fn(move |request: Request| async move {
        Ok::<_, Error>(answer(site, copy, request).await)
    }))
    .await
}

async fn answer(site: &Site, copy: Option<&PageCopy>, request: Request) -> Response<Body> {
    let is_head = request.method().as_str() == "HEAD";
    let request = site_request(request);
    let is_page = !["/api/", "/series/", "/self-profile/"]
        .iter()
        .any(|beginning| request.path.starts_with(beginning));
    if is_page
        && let Some(copy) = copy
        && let Err(error) = copy.refresh().await
    {
        tracing::error!(%error, "the page cannot be fetched");
    }
    let mut response = if request.body.len() > body_bytes_max(&request.path) {
        SiteResponse::text(413, "The body is too long.\n")
    } else {
        site.answer(request).await
    };
    if is_head {
        response.body.clear();
    }
    into_response(response)
}

fn site_request(request: Request) -> SiteRequest {
    // Not those of the URI: where the path comes decoded, a `#` in a name has ended it there.
    let path = request.raw_http_path().to_owned();
    let parameters = request.query_string_parameters();
    // They come in no order, and the same question is to be the same text.
    let mut pairs: Vec<(&str, &str)> = parameters.iter().collect();
    pairs.sort_by_key(|(name, _)| *name);
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    let (head, body) = request.into_parts();
    SiteRequest {
        path,
        query,
        body: body.to_vec(),
        ..SiteRequest::of(head.method.as_str(), &head.headers)
    }
}

fn into_response(answer: SiteResponse) -> Response<Body> {
    let encoded = answer
        .headers
        .iter()
        .any(|(name, _)| *name == "content-encoding");
    let response = answer.into_http(|bytes| match String::from_utf8(bytes) {
        Ok(text) if !encoded => Body::Text(text),
        Ok(text) => Body::Binary(text.into_bytes()),
        Err(bytes) => Body::Binary(bytes.into_bytes()),
    });
    // Bytes travel as base64, four letters for three.
    let length = match response.body() {
        Body::Text(text) => text.len(),
        Body::Binary(bytes) => bytes.len().div_ceil(3) * 4,
        _ => 0,
    };
    if length > ANSWER_BYTES_MAX {
        let advice = "The answer is longer than a function may send: ask with `Accept-Encoding: \
                      gzip`, or for less by `limit`.\n";
        return into_response(SiteResponse::text(507, advice));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(headers: Vec<(&'static str, String)>, body: &[u8]) -> Response<Body> {
        into_response(SiteResponse {
            status: 200,
            headers,
            body: body.to_vec(),
        })
    }

    #[test]
    fn a_path_that_comes_decoded_swallows_nothing_of_the_query() {
        let event = r#"{
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/api/v1/comparisons/a#1..a#2",
            "rawQueryString": "configuration=x86_64&metric=size%3Atext",
            "headers": { "host": "id.lambda-url.us-east-1.on.aws", "accept-encoding": "gzip" },
            "queryStringParameters": { "configuration": "x86_64", "metric": "size:text" },
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "id",
                "domainName": "id.lambda-url.us-east-1.on.aws",
                "domainPrefix": "id",
                "http": {
                    "method": "GET",
                    "path": "/api/v1/comparisons/a#1..a#2",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": "a browser"
                },
                "requestId": "r",
                "routeKey": "$default",
                "stage": "$default",
                "time": "25/Nov/2026:12:00:00 +0000",
                "timeEpoch": 1795608000000
            },
            "isBase64Encoded": false
        }"#;
        let request = site_request(lambda_http::request::from_str(event).unwrap());
        assert_eq!(request.path, "/api/v1/comparisons/a#1..a#2");
        assert_eq!(request.query, "configuration=x86_64&metric=size%3Atext");
        assert_eq!(request.accept_encoding, "gzip");
    }

    #[test]
    fn text_travels_as_text_and_what_is_compressed_as_bytes() {
        let plain = response(vec![("etag", "\"a\"".to_owned())], b"{}");
        assert!(matches!(plain.body(), Body::Text(text) if text == "{}"));
        assert_eq!(plain.headers()["etag"], "\"a\"");
        let coding = vec![("content-encoding", "gzip".to_owned())];
        assert!(matches!(response(coding, b"{}").body(), Body::Binary(_)));
        assert!(matches!(
            response(Vec::new(), &[0xff]).body(),
            Body::Binary(_)
        ));
    }

    #[test]
    fn an_answer_that_lambda_would_refuse_is_refused_with_what_to_do() {
        let text = "x".repeat(ANSWER_BYTES_MAX + 1);
        let refused = response(Vec::new(), text.as_bytes());
        assert_eq!(refused.status(), 507);
        assert!(matches!(refused.body(), Body::Text(advice) if advice.contains("gzip")));
    }
}
