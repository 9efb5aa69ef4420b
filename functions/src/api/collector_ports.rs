//! `collector-ports`: the queues and objects, for collectors on other hosts.

use shared_types::api::Problem;

use super::problem;
use super::response::Success;
use crate::Context;

pub(super) async fn dispatch(
    _context: &Context,
    operation: &str,
    _body: &[u8],
) -> Result<Success, Problem> {
    Err(problem::not_found(format!(
        "there is no operation `{operation}`"
    )))
}
