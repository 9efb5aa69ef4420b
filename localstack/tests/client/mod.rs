//! Requests as an AWS client makes them, without its retries; no emulator checks signatures.

#![allow(dead_code, reason = "no test uses all of it")]

use serde_json::Value;

/// Speaks to a local AWS as one account.
pub(crate) struct Client {
    endpoint: String,
    account: String,
    agent: ureq::Agent,
}

/// Which call is made, and how.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    pub(crate) service: &'a str,
    pub(crate) address: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
}

/// What came back, whatever it is.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    headers: ureq::http::HeaderMap,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(value.to_str().unwrap().to_owned())
    }
}

impl Client {
    pub(crate) fn new(endpoint: &str, account: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            account: account.to_owned(),
            agent: ureq::Agent::config_builder()
                .proxy(None)
                .http_status_as_error(false)
                .build()
                .into(),
        }
    }

    pub(crate) fn sqs(&self, operation: &str, body: &Value) -> Answer {
        let target = format!("AmazonSQS.{operation}");
        self.json("sqs", &target, body).unwrap()
    }

    pub(crate) fn dynamodb(&self, operation: &str, body: &Value) -> Answer {
        self.try_dynamodb(operation, body).unwrap()
    }

    pub(crate) fn try_dynamodb(
        &self,
        operation: &str,
        body: &Value,
    ) -> Result<Answer, ureq::Error> {
        self.json("dynamodb", &format!("DynamoDB_20120810.{operation}"), body)
    }

    /// The services whose operation is named by a header.
    pub(crate) fn json(
        &self,
        service: &str,
        target: &str,
        body: &Value,
    ) -> Result<Answer, ureq::Error> {
        let headers = [
            ("X-Amz-Target", target),
            ("Content-Type", "application/x-amz-json-1.0"),
        ];
        let call = Call {
            method: "POST",
            service,
            address: "/",
            headers: &headers,
        };
        self.send(&call, &body.to_string())
    }

    pub(crate) fn s3(&self, method: &str, address: &str, body: &str) -> Answer {
        let call = Call {
            method,
            service: "s3",
            address,
            headers: &[],
        };
        self.send(&call, body).unwrap()
    }

    pub(crate) fn send(&self, call: &Call, body: &str) -> Result<Answer, ureq::Error> {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/{}/aws4_request, \
             SignedHeaders=host, Signature=0",
            self.account, call.service
        );
        let mut request = ureq::http::Request::builder()
            .method(call.method)
            .uri(format!("{}{}", self.endpoint, call.address))
            .header("Authorization", authorization);
        for (name, value) in call.headers {
            request = request.header(*name, *value);
        }
        let response = if body.is_empty() && !matches!(call.method, "PUT" | "POST") {
            self.agent.run(request.body(()).unwrap())?
        } else {
            self.agent.run(request.body(body).unwrap())?
        };
        let (head, mut body) = response.into_parts();
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.read_to_string()?,
        })
    }
}
