//! The hourly reconciliation, and the one by hand: what S3 told nobody of is found.

use std::process::Command;

use serde_json::{Value, json};
use shared_types::ObjectKey;
use store::QueueName;

use crate::fleet::{Fleet, schedule};
use crate::world::{BASE, HEAD, ONE, document};

const RECONCILE: &str = env!("CARGO_BIN_EXE_lambda-reconcile");
const PERFLEET: &str = env!("CARGO_BIN_EXE_perfleet");

/// A result lies in the bucket, and the event that told of it is lost.
fn lost_result(fleet: &Fleet) -> ObjectKey {
    let world = &fleet.world;
    let key = fleet.run(async {
        world.announce("c1", &[ONE]).await;
        world.ask(BASE, HEAD, &[ONE]).await;
        world.tick().await;
        let taken = world.take(ONE).await.unwrap();
        let result = document(&taken.message, taken.attempt(), |_| 1.0);
        world.finish(&taken, &result).await
    });
    for delivery in fleet.receive(&QueueName::Ingest, 1) {
        let queues = &world.context.store.queue;
        fleet
            .run(queues.delete(&QueueName::Ingest, &delivery.receipt))
            .unwrap();
    }
    key
}

fn is_indexed(fleet: &Fleet, key: &ObjectKey) -> bool {
    let index = &fleet.world.context.store.index;
    fleet.run(index.is_indexed(key)).unwrap()
}

#[test]
fn a_result_whose_event_was_lost_is_found_by_the_next_reconciliation() {
    let fleet = Fleet::new();
    let key = lost_result(&fleet);
    assert!(!is_indexed(&fleet, &key));

    let reconcile = fleet.start(RECONCILE);
    for _ in 0..2 {
        let answer = reconcile.invoke(&schedule()).unwrap();
        assert_eq!(answer, Value::Null, "{}", reconcile.log());
        assert!(is_indexed(&fleet, &key), "{}", reconcile.log());
    }
}

#[test]
fn everything_that_was_ever_stored_is_looked_at_by_hand() {
    let fleet = Fleet::new();
    let key = lost_result(&fleet);

    let answers = [(); 2].map(|()| {
        let output = Command::new(PERFLEET)
            .args(["reconcile", "--json"])
            .args(["--aws", &fleet.environment, "--bucket", fleet.bucket()])
            .envs(fleet.variables())
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    });
    let found = json!({ "results": 1, "refused": 0, "comparisons": 0 });
    let nothing = json!({ "results": 0, "refused": 0, "comparisons": 0 });
    assert_eq!(answers, [found, nothing]);
    assert!(is_indexed(&fleet, &key));
}
