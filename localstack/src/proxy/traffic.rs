//! How much of which calls has passed.

use std::collections::BTreeMap;

use super::Call;

/// Calls of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// How many were made, those that met a fault among them.
    pub calls: u64,
    /// The bodies of the requests together, as they were sent; without headers.
    pub request_bytes: u64,
    /// The bodies of the answers together, as they were sent; without headers.
    pub response_bytes: u64,
}

/// Calls by their kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrafficByCall(BTreeMap<Call, Traffic>);

impl TrafficByCall {
    /// How often an operation of a service was called, such as `("dynamodb", "PutItem")`.
    pub fn calls(&self, service: &str, operation: &str) -> u64 {
        self.0
            .get(&Call::new(service, operation))
            .map_or(0, |traffic| traffic.calls)
    }

    /// All calls of one service together.
    pub fn of_service(&self, service: &str) -> Traffic {
        sum(self.iter().filter(|(call, _)| call.service == service))
    }

    /// All calls together.
    pub fn total(&self) -> Traffic {
        sum(self.iter())
    }

    /// Each kind of call, by service and operation in the order of the alphabet.
    pub fn iter(&self) -> impl Iterator<Item = (&Call, Traffic)> {
        self.0.iter().map(|(call, traffic)| (call, *traffic))
    }

    pub(super) fn count(&mut self, call: Call, request_bytes: u64, response_bytes: u64) {
        let one = Traffic {
            calls: 1,
            request_bytes,
            response_bytes,
        };
        let sum = self.0.entry(call).or_default();
        *sum = sum.plus(one);
    }
}

impl Traffic {
    fn plus(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            request_bytes: self.request_bytes + other.request_bytes,
            response_bytes: self.response_bytes + other.response_bytes,
        }
    }
}

fn sum<'a>(traffic: impl Iterator<Item = (&'a Call, Traffic)>) -> Traffic {
    traffic.fold(Traffic::default(), |sum, (_, traffic)| sum.plus(traffic))
}
