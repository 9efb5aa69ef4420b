//! What the coordinator keeps of a configuration to hand out its jobs: whose turn it is, and whether
//! somebody has paused it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ConfigurationId;

/// Of how many requesters is known when they had their last turn. Who is forgotten is served as
/// somebody new.
pub const REQUESTERS_MAX: usize = 500;

/// The scheduling of a configuration. Replaced as a whole, on the condition that nobody else did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduling {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// Who paused it, where somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
    /// Who had which turn.
    #[serde(default)]
    pub turns: Turns,
}

impl Scheduling {
    /// The scheduling of a configuration of which nothing was handed out.
    pub fn beginning(configuration: ConfigurationId) -> Self {
        Self {
            configuration,
            paused: None,
            turns: Turns::default(),
        }
    }
}

/// That nothing is handed out, who said so, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Who.
    pub by: String,
    /// When.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub at: Timestamp,
    /// Why, in the words of who did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The turns of requesters. A turn is one job that is handed out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turns {
    /// How many turns there were.
    pub taken: u64,
    /// The number of each requester's last turn, from 1.
    pub last: BTreeMap<String, u64>,
}

impl Turns {
    /// The number of a requester's last turn; 0 where it had none.
    pub fn last_of(&self, requester: &str) -> u64 {
        self.last.get(requester).copied().unwrap_or(0)
    }

    /// Notes a turn of a requester, and forgets the one whose turn is longest ago of too many.
    pub fn take(&mut self, requester: &str) {
        self.taken += 1;
        self.last.insert(requester.to_owned(), self.taken);
        if self.last.len() > REQUESTERS_MAX {
            let oldest = self.last.iter().min_by_key(|(_, turn)| **turn);
            if let Some(oldest) = oldest.map(|(requester, _)| requester.clone()) {
                self.last.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_requesters_the_one_whose_turn_is_longest_ago_is_forgotten() {
        let mut turns = Turns::default();
        for number in 0..=REQUESTERS_MAX {
            turns.take(&format!("requester {number}"));
        }
        assert_eq!(turns.last.len(), REQUESTERS_MAX);
        assert_eq!(turns.last_of("requester 0"), 0);
        assert_eq!(turns.last_of("requester 1"), 2);
    }
}
