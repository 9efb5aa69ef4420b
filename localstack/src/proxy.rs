//! A proxy between AWS clients and a local AWS, which counts and disturbs.

mod call;
mod fault;
mod function_address;
mod traffic;

pub use self::call::Call;
pub use self::fault::{Calls, Fault};
pub use self::traffic::{Traffic, TrafficByCall};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::HOST;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use self::fault::PlannedFaults;
use crate::LocalAwsError;
use crate::loopback_server::{Answer, LoopbackServer};

/// Stands on a port of its own before a local AWS and hands every request on as it came, with its
/// method, address, headers and body. It counts the calls that pass, and answers some of them with
/// a fault if it is told to.
///
/// Several proxies can stand before one AWS, so that each test has its own counts and faults.
///
/// ```no_run
/// # fn main() -> Result<(), localstack::LocalAwsError> {
/// use localstack::{Calls, Fault, LocalAws, Proxy};
/// let aws = LocalAws::obtain()?;
/// let proxy = Proxy::before(&aws)?;
/// proxy.fail_next(Calls::of("dynamodb", "PutItem"), 2, Fault::Throttled);
/// // … work with `proxy.endpoint()` as AWS_ENDPOINT_URL …
/// assert_eq!(proxy.traffic().calls("dynamodb", "PutItem"), 3);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Proxy {
    endpoint: String,
    behind: Arc<Behind>,
    _server: LoopbackServer,
}

/// What the proxy and its server share.
#[derive(Debug)]
struct Behind {
    /// Has connections to it that wait for the next request.
    client: Client<HttpConnector, Full<Bytes>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Absent before [`Proxy::forward_to`].
    upstream: Option<String>,
    traffic: TrafficByCall,
    faults: PlannedFaults,
}

impl Proxy {
    /// Starts one with nothing behind it, which is for [`crate::LocalAws::start_behind`].
    pub fn start() -> Result<Self, LocalAwsError> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .http1_preserve_header_case(true)
            .build(connector);
        let behind = Arc::new(Behind {
            client,
            state: Mutex::default(),
        });
        let served = Arc::clone(&behind);
        let server = LoopbackServer::start(service_fn(move |request| {
            let behind = Arc::clone(&served);
            async move { behind.answer(request).await }
        }))?;
        Ok(Self {
            endpoint: format!("http://{}", server.address()),
            behind,
            _server: server,
        })
    }

    /// Starts one before a running AWS. Functions that run in it do not see the proxy.
    pub fn before(aws: &crate::LocalAws) -> Result<Self, LocalAwsError> {
        let proxy = Self::start()?;
        proxy.forward_to(aws.endpoint());
        Ok(proxy)
    }

    /// Hands on to `endpoint` (`http://127.0.0.1:PORT`) from now on.
    pub(crate) fn forward_to(&self, endpoint: &str) {
        self.behind.lock().upstream = Some(endpoint.trim_end_matches('/').to_owned());
    }

    /// Where it answers, `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What has passed since the start, or since the last [`Proxy::reset_traffic`].
    pub fn traffic(&self) -> TrafficByCall {
        self.behind.lock().traffic.clone()
    }

    /// Counts from zero again, and tells what had been counted.
    pub fn reset_traffic(&self) -> TrafficByCall {
        std::mem::take(&mut self.behind.lock().traffic)
    }

    /// The next `count` of these calls meet `fault`; those after them pass. Of several such orders
    /// that concern a call, the oldest that is not used up comes first.
    pub fn fail_next(&self, calls: Calls, count: u32, fault: Fault) {
        self.behind.lock().faults.plan(calls, count, fault);
    }

    /// How many calls are still to meet a fault. Zero says that all happened which were ordered.
    pub fn faults_left(&self) -> u32 {
        self.behind.lock().faults.left()
    }
}

impl Behind {
    async fn answer(&self, request: Request<Incoming>) -> std::io::Result<Answer> {
        let (head, body) = request.into_parts();
        let body = collect(body).await?;
        let call = Call::of(&head, &body);
        let (upstream, fault) = {
            let mut state = self.lock();
            (state.upstream.clone(), state.faults.take(&call))
        };
        let request_bytes = body.len() as u64;
        let answer = match fault {
            None => self.forward(upstream, head, body).await,
            Some(Fault::Throttled) => Ok(fault::throttled(&call)),
            Some(Fault::ServerError) => Ok(fault::server_error(&call)),
            Some(Fault::CutBeforeForwarding) => Err(cut()),
            Some(Fault::CutAfterForwarding) => {
                self.forward(upstream, head, body).await.and(Err(cut()))
            }
        };
        // An empty answer is none in bytes, and so is a lost one.
        let response_bytes = match &answer {
            Ok(answer) => hyper::body::Body::size_hint(answer.body()).lower(),
            Err(_) => 0,
        };
        self.lock()
            .traffic
            .count(call, request_bytes, response_bytes);
        answer
    }

    async fn forward(
        &self,
        upstream: Option<String>,
        mut head: hyper::http::request::Parts,
        body: Bytes,
    ) -> std::io::Result<Answer> {
        let Some(upstream) = upstream else {
            return Ok(bad_gateway("no local AWS stands behind this proxy yet"));
        };
        let place = head
            .uri
            .path_and_query()
            .map_or("/", |place| place.as_str());
        let (function_host, place) = function_address::by_host(place);
        if let Some(host) = function_host {
            head.headers.insert(HOST, host);
        }
        let address: Result<Uri, _> = format!("{upstream}{place}").parse();
        head.uri = match address {
            Ok(address) => address,
            Err(error) => return Ok(bad_gateway(&format!("`{upstream}{place}`: {error}"))),
        };
        let request = Request::from_parts(head, Full::new(body));
        match self.client.request(request).await {
            Ok(response) => {
                let (head, body) = response.into_parts();
                let body = collect(body).await?;
                Ok(Response::from_parts(head, Full::new(body)))
            }
            Err(error) => Ok(bad_gateway(&format!(
                "`{upstream}` does not answer: {error}"
            ))),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn collect(body: Incoming) -> std::io::Result<Bytes> {
    let body = body.collect().await.map_err(std::io::Error::other)?;
    Ok(body.to_bytes())
}

/// Makes the server close the connection.
fn cut() -> std::io::Error {
    std::io::Error::other("cut on demand")
}

fn bad_gateway(message: &str) -> Answer {
    let mut answer = Answer::new(Full::new(message.to_owned().into()));
    *answer.status_mut() = StatusCode::BAD_GATEWAY;
    answer
}
