//! The adapters for AWS pass the conformance suite.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod aws_place;

use std::sync::Arc;
use std::time::Duration;

use aws_place::TestPlace;
use store::conformance::Setting;

/// A lease as SQS counts them, in whole seconds, and of which a half can be told from the whole on a
/// busy machine.
const LEASE: Duration = Duration::from_secs(4);

fn setting(place: &TestPlace) -> Setting {
    Setting {
        store: place.open(),
        other: place.open(),
        lease: LEASE,
        let_time_pass: Arc::new(|time: Duration| Box::pin(tokio::time::sleep(time))),
    }
}

macro_rules! define {
    ($group:ident: $($case:ident),* $(,)?) => {
        mod $group {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let place = crate::TestPlace::make().await;
                    store::conformance::$group::$case(&crate::setting(&place)).await;
                }
            )*
        }
    };
}

store::queue_conformance!(define);
store::dead_letters_conformance!(define);
store::objects_conformance!(define);
store::records_conformance!(define);
store::jobs_conformance!(define);
store::results_conformance!(define);
store::triage_conformance!(define);
store::upkeep_conformance!(define);
store::scheduling_conformance!(define);
store::github_conformance!(define);
store::retractions_conformance!(define);
