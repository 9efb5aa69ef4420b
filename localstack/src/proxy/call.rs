//! Which operation of which service a request calls.

use hyper::Method;
use hyper::http::request::Parts;

/// One kind of call to AWS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// As in the signature: `sqs`, `dynamodb`, `s3`, `lambda`, …; `http` for what is not signed,
    /// such as a call to a function's own address.
    pub service: String,
    /// As AWS names it, `PutItem`. Method and first word of the path (`GET 2015-03-31`) for
    /// services that name it in neither header nor body; `GET ?versioning` for the settings of a
    /// bucket or object.
    pub operation: String,
}

impl Call {
    /// The call of an operation of a service.
    pub fn new(service: impl Into<String>, operation: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            operation: operation.into(),
        }
    }

    pub(super) fn of(head: &Parts, body: &[u8]) -> Self {
        let service = signed_service(head);
        if let Some((prefix, operation)) = target(head) {
            // DynamoDB_20120810, AmazonSQS.
            let family = prefix.split('_').next().unwrap_or(prefix);
            let family = family.trim_start_matches("Amazon").to_ascii_lowercase();
            return Self::new(service.unwrap_or(&family), operation);
        }
        match service {
            Some("s3") => Self::new("s3", s3_operation(head)),
            Some(service) => match form_action(head, body) {
                Some(action) => Self::new(service, action),
                None => Self::new(service, by_path(head)),
            },
            None => Self::new("http", by_path(head)),
        }
    }
}

fn header<'a>(head: &'a Parts, name: &str) -> Option<&'a str> {
    head.headers.get(name)?.to_str().ok()
}

/// `Credential=KEY/DATE/REGION/SERVICE/aws4_request`, in a header or in a presigned address.
fn signed_service(head: &Parts) -> Option<&str> {
    let in_header = || {
        scope(
            header(head, "authorization")?.split_once("Credential=")?.1,
            "/",
        )
    };
    let in_query = || {
        let query = head.uri.query()?;
        let credential = query.split_once("X-Amz-Credential=")?.1;
        let credential = credential.split('&').next()?;
        scope(credential, "%2F").or_else(|| scope(credential, "/"))
    };
    in_header().or_else(in_query)
}

fn scope<'a>(credential: &'a str, separator: &str) -> Option<&'a str> {
    credential.split(separator).nth(3)
}

fn target(head: &Parts) -> Option<(&str, &str)> {
    header(head, "x-amz-target")?.rsplit_once('.')
}

/// The older protocol of SQS and IAM: a form whose field `Action` names the operation.
fn form_action<'a>(head: &'a Parts, body: &'a [u8]) -> Option<&'a str> {
    let action_of = |form: &'a str| {
        form.split('&')
            .find_map(|pair| pair.strip_prefix("Action="))
    };
    let in_body = || {
        header(head, "content-type")?
            .starts_with("application/x-www-form-urlencoded")
            .then(|| std::str::from_utf8(body).ok().and_then(action_of))?
    };
    in_body().or_else(|| head.uri.query().and_then(action_of))
}

fn by_path(head: &Parts) -> String {
    let first = head.uri.path().split('/').nth(1).unwrap_or_default();
    format!("{} {first}", head.method)
}

/// With the bucket in the path, as every client of a local AWS has it.
fn s3_operation(head: &Parts) -> String {
    let query = Query(head.uri.query().unwrap_or_default());
    let path = head.uri.path().trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let known = if bucket.is_empty() {
        (head.method == Method::GET).then_some("ListBuckets")
    } else if key.is_empty() {
        bucket_operation(&head.method, query)
    } else {
        object_operation(head, query)
    };
    match (known, query.setting()) {
        (Some(operation), _) => operation.into(),
        (None, Some(setting)) => format!("{} ?{setting}", head.method),
        (None, None) => by_path(head),
    }
}

fn bucket_operation(method: &Method, query: Query) -> Option<&'static str> {
    match *method {
        Method::GET if query.has("list-type") => Some("ListObjectsV2"),
        Method::GET if query.has("versions") => Some("ListObjectVersions"),
        Method::GET if query.has("uploads") => Some("ListMultipartUploads"),
        Method::POST if query.has("delete") => Some("DeleteObjects"),
        _ if query.setting().is_some() => None,
        Method::GET => Some("ListObjects"),
        Method::PUT => Some("CreateBucket"),
        Method::HEAD => Some("HeadBucket"),
        Method::DELETE => Some("DeleteBucket"),
        _ => None,
    }
}

fn object_operation(head: &Parts, query: Query) -> Option<&'static str> {
    let is_copy = head.headers.contains_key("x-amz-copy-source");
    match head.method {
        Method::POST if query.has("uploads") => Some("CreateMultipartUpload"),
        Method::POST if query.has("uploadId") => Some("CompleteMultipartUpload"),
        Method::PUT if query.has("uploadId") && is_copy => Some("UploadPartCopy"),
        Method::PUT if query.has("uploadId") => Some("UploadPart"),
        Method::GET if query.has("uploadId") => Some("ListParts"),
        Method::DELETE if query.has("uploadId") => Some("AbortMultipartUpload"),
        _ if query.setting().is_some() => None,
        Method::GET => Some("GetObject"),
        Method::HEAD => Some("HeadObject"),
        Method::PUT if is_copy => Some("CopyObject"),
        Method::PUT => Some("PutObject"),
        Method::DELETE => Some("DeleteObject"),
        _ => None,
    }
}

#[derive(Clone, Copy)]
struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    fn names(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        let pairs = self.0.split('&').filter(|pair| !pair.is_empty());
        pairs.map(|pair| match pair.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (pair, None),
        })
    }

    fn has(self, wanted: &str) -> bool {
        self.names().any(|(name, _)| name == wanted)
    }

    /// What the address asks for instead of the bucket or object itself: a name without a value.
    fn setting(self) -> Option<&'a str> {
        let bare = self.names().find(|(_, value)| value.is_none())?;
        Some(bare.0)
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::Call;

    fn call(method: &str, address: &str, headers: &[(&str, &str)], body: &str) -> String {
        let mut request = Request::builder().method(method).uri(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let Call { service, operation } = Call::of(&head, body.as_bytes());
        format!("{service} {operation}")
    }

    fn signed(service: &str) -> (&'static str, String) {
        let value = format!(
            "AWS4-HMAC-SHA256 Credential=000000000001/20260101/us-east-1/{service}/aws4_request, \
             SignedHeaders=host, Signature=0"
        );
        ("authorization", value)
    }

    fn s3(method: &str, address: &str) -> String {
        let (name, value) = signed("s3");
        call(method, address, &[(name, &value)], "")
    }

    #[test]
    fn operations_are_named_by_the_target_header() {
        let (name, value) = signed("dynamodb");
        let target = ("x-amz-target", "DynamoDB_20120810.PutItem");
        let put = call("POST", "/", &[(name, &value), target], "{}");
        assert_eq!(put, "dynamodb PutItem");
        assert_eq!(call("POST", "/", &[target], "{}"), "dynamodb PutItem");
        let target = ("x-amz-target", "AmazonSQS.SendMessage");
        assert_eq!(call("POST", "/", &[target], "{}"), "sqs SendMessage");
    }

    #[test]
    fn operations_of_s3_are_told_by_method_and_address() {
        for (method, address, expected) in [
            ("GET", "/", "s3 ListBuckets"),
            ("PUT", "/bucket", "s3 CreateBucket"),
            ("PUT", "/bucket/", "s3 CreateBucket"),
            ("GET", "/bucket/?list-type=2&prefix=", "s3 ListObjectsV2"),
            ("GET", "/bucket?prefix=a", "s3 ListObjects"),
            ("PUT", "/bucket?notification", "s3 PUT ?notification"),
            ("POST", "/bucket/?delete", "s3 DeleteObjects"),
            ("GET", "/bucket/a/b.json?x-id=GetObject", "s3 GetObject"),
            ("HEAD", "/bucket/a/b.json", "s3 HeadObject"),
            ("PUT", "/bucket/a/b.json?x-id=PutObject", "s3 PutObject"),
            ("DELETE", "/bucket/a%20b", "s3 DeleteObject"),
            ("POST", "/bucket/a?uploads", "s3 CreateMultipartUpload"),
            ("PUT", "/bucket/a?partNumber=1&uploadId=7", "s3 UploadPart"),
            ("GET", "/bucket/a?tagging", "s3 GET ?tagging"),
            ("PATCH", "/bucket/a", "s3 PATCH bucket"),
        ] {
            assert_eq!(s3(method, address), expected, "{method} {address}");
        }
        let presigned = "/bucket/a?X-Amz-Credential=1%2F20260101%2Fus-east-1%2Fs3%2Faws4_request";
        assert_eq!(call("GET", presigned, &[], ""), "s3 GetObject");
    }

    #[test]
    fn other_calls_are_named_by_their_form_or_their_path() {
        let (name, value) = signed("iam");
        let form = (
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        );
        let role = call(
            "POST",
            "/",
            &[(name, &value), form],
            "Action=CreateRole&Version=2010-05-08",
        );
        assert_eq!(role, "iam CreateRole");
        let (name, value) = signed("lambda");
        let functions = call("GET", "/2015-03-31/functions/", &[(name, &value)], "");
        assert_eq!(functions, "lambda GET 2015-03-31");
        assert_eq!(call("GET", "/api/v1/status", &[], ""), "http GET api");
    }
}
