//! The adapters for one machine pass the conformance suite.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use store::conformance::Setting;
use store::embedded::{Clock, EmbeddedStore};

/// A store in a folder of its own, with a clock that moves only when it is told to.
struct Place {
    setting: Setting,
    _folder: tempfile::TempDir,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let milliseconds = Arc::new(AtomicI64::new(1_800_000_000_000));
    let shown = Arc::clone(&milliseconds);
    let clock: Clock =
        Arc::new(move || Timestamp::from_millisecond(shown.load(Ordering::SeqCst)).unwrap());
    let open = || EmbeddedStore::open_with_clock(folder.path(), Arc::clone(&clock)).unwrap();
    let (store, other) = (open(), open());
    Place {
        setting: Setting {
            store,
            other,
            lease: Duration::from_secs(300),
            let_time_pass: Arc::new(move |time: Duration| {
                let moved = i64::try_from(time.as_millis()).unwrap();
                milliseconds.fetch_add(moved, Ordering::SeqCst);
                Box::pin(async {})
            }),
        },
        _folder: folder,
    }
}

macro_rules! define {
    ($group:ident: $($case:ident),* $(,)?) => {
        mod $group {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let place = crate::place();
                    store::conformance::$group::$case(&place.setting).await;
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
