//! `collector-ports`: the queues and objects, for collectors on other hosts.

use shared_types::api::Problem;
use store::CollectorPorts;
use store::http;

use super::problem;
use super::response::Success;
use crate::Context;

pub(super) async fn dispatch(
    context: &Context,
    operation: &str,
    body: &[u8],
) -> Result<Success, Problem> {
    let ports = CollectorPorts {
        queue: context.store.queue.clone(),
        objects: context.store.objects.clone(),
    };
    let answer = http::dispatch(&ports, operation, body)
        .await
        .map_err(|error| problem::bad_request(error.to_string()))?;
    Ok(Success::of_bytes(200, "application/json", answer))
}
