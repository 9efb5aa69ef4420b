//! What got worse, and what people decide about it.

use serde_json::{Value, json};
use store::TokenRole;

use crate::world::World;

const PAIR: &str = "release-1.85.0..release-1.86.0";

/// A world in which release 1.86.0 is slower under `n1`, and faster or slower under `zen4`.
pub(crate) async fn world_with(under_zen4: f64) -> World {
    let world = World::new().await;
    world.add_releases(75, 86).await;
    for (id, last) in [("n1", 1.2), ("zen4", under_zen4)] {
        world.register(id).await;
        for minor in 75..=85 {
            let artifact = format!("release-1.{minor}.0");
            let jitter = 1.0 + 0.000_1 * f64::from(minor % 3);
            world.measure(&artifact, id, "host-1", jitter).await;
        }
        world.measure("release-1.86.0", id, "host-1", last).await;
    }
    world.compare_all().await;
    world
}

async fn act(world: &World, token: &str, act: Value) -> (u16, Value) {
    let path = format!("triage/{PAIR}");
    world.post(&path, Some(token), &json!({ "act": act })).await
}

fn acknowledge(configuration: &str, reason: &str) -> Value {
    json!({
        "kind": "acknowledge",
        "configurations": [configuration],
        "reason": reason,
        "words": "it is known",
        "owner": "grace",
    })
}

async fn states(world: &World, query: &str) -> Vec<String> {
    let page = world.get(&format!("triage{query}")).await;
    let entries = page["items"].as_array().unwrap().iter();
    entries
        .map(|entry| entry["state"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn one_change_is_one_entry_and_a_conflict_is_told_in_the_words_of_the_policy() {
    let world = world_with(0.8).await;
    let page = world.get("triage").await;
    let entries = page["items"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{page:#}");
    let entry = &entries[0];
    assert_eq!(entry["conflict"], true);
    let sentence = entry["sentence"].as_str().unwrap();
    assert!(sentence.contains("needs a decision"), "{sentence}");
    assert_eq!(entry["comparison"]["configuration"], "n1");
    assert_eq!(entry["configurations"][0]["standing"]["state"], "untriaged");
    assert_eq!(entry["configurations"][1]["verdict"], "improved");
    assert_eq!(entry["configurations"][1].get("standing"), None);

    let detail = world.get(&format!("triage/{PAIR}")).await;
    assert_eq!(detail["decision"]["verdict"], "conflict");
    assert_eq!(detail.get("record"), None);
    assert_eq!(states(&world, "?configuration=zen4").await, [""; 0]);
    assert_eq!(states(&world, "?configuration=n1").await, ["untriaged"]);
}

#[tokio::test]
async fn what_people_decide_is_kept_with_who_and_when_and_never_taken_away() {
    let world = world_with(1.2).await;
    let triager = world.token("tina", TokenRole::Triage).await;
    assert_eq!(
        world.get(&format!("triage/{PAIR}")).await["entry"]["conflict"],
        false
    );

    let (status, detail) = act(&world, &triager, acknowledge("zen4", "accepted")).await;
    assert_eq!(status, 200, "{detail:#}");
    // The other configuration still waits.
    assert_eq!(detail["entry"]["state"], "untriaged");
    let (_, detail) = act(&world, &triager, acknowledge("n1", "fix-planned")).await;
    assert_eq!(detail["entry"]["state"], "acknowledged");
    // Nobody named a day, so the policy did: 14 days on.
    assert_eq!(detail["record"]["acts"][1]["what"]["due"], "2026-03-15");
    assert_eq!(states(&world, "?state=untriaged,overdue").await, [""; 0]);
    assert_eq!(
        states(&world, "?state=acknowledged").await,
        ["acknowledged"]
    );

    world.clock.advance_seconds(15 * 24 * 60 * 60);
    assert_eq!(
        states(&world, "?configuration=n1&state=overdue").await,
        ["overdue"]
    );
    assert_eq!(
        states(&world, "?configuration=zen4&state=overdue").await,
        [""; 0]
    );
    let culprit = json!({ "kind": "culprit", "artifact": "release-1.86.0" });
    act(&world, &triager, culprit).await;
    let fix =
        json!({ "kind": "fix", "by": "https://example.org/pull/7", "configurations": ["n1"] });
    let (_, detail) = act(&world, &triager, fix).await;
    assert_eq!(detail["entry"]["culprit"], "release-1.86.0");
    let reopen = json!({ "kind": "reopen", "words": "it is back" });
    let (_, detail) = act(&world, &triager, reopen).await;
    assert_eq!(detail["entry"]["state"], "untriaged");
    let acts = detail["record"]["acts"].as_array().unwrap();
    assert_eq!(acts.len(), 5);
    assert!(acts.iter().all(|act| act["who"] == "tina"));

    let audit = world.context.store.index.audit(10).await.unwrap();
    let written = audit.iter().filter(|entry| entry.person == "tina");
    let subjects: Vec<&str> = written.map(|entry| entry.subject.as_str()).collect();
    assert_eq!(subjects.len(), 5);
    assert_eq!(subjects[0], format!("{PAIR} reopen"));
}

#[tokio::test]
async fn an_act_that_makes_no_sense_is_refused_with_what_would() {
    let world = world_with(0.8).await;
    let triager = world.token("tina", TokenRole::Triage).await;
    let mut said = Vec::new();
    let mut refused = |(status, problem): (u16, Value)| {
        said.push(format!("{status}: {}", problem["detail"].as_str().unwrap()));
    };
    refused(act(&world, &triager, acknowledge("zen4", "accepted")).await);
    refused(act(&world, &triager, acknowledge("z80", "accepted")).await);
    refused(act(&world, &triager, acknowledge("n1", "because")).await);
    let mut past = acknowledge("n1", "fix-planned");
    past["due"] = "2026-02-28".into();
    refused(act(&world, &triager, past).await);
    refused(act(&world, &world.requester, acknowledge("n1", "noise")).await);
    let body = json!({ "act": { "kind": "reopen", "words": "why not" } });
    for pair in [
        "release-1.75.0..release-1.76.0",
        "release-1.1.0..release-1.2.0",
        "yesterday",
    ] {
        let path = format!("triage/{pair}");
        refused(world.post(&path, Some(&triager), &body).await);
    }
    refused(world.try_get("triage?state=lost").await);
    refused(world.try_get("reports/triage?week=2026-W60").await);
    refused(world.try_get("configurations/z80/readiness").await);
    insta::assert_snapshot!(said.join("\n"));
    let record = world.get(&format!("triage/{PAIR}")).await;
    assert_eq!(record.get("record"), None, "nothing was written");
}

#[tokio::test]
async fn the_report_of_a_week_tells_what_was_found_in_it() {
    let world = world_with(0.8).await;
    let report = world.get("reports/triage").await;
    // The world's clock shows a Sunday.
    assert_eq!(report["week"], "2026-W09");
    let markdown = report["markdown"].as_str().unwrap();
    assert!(markdown.contains("## Conflicts"), "{markdown}");
    assert!(
        markdown.contains("## `n1` (gating)\n\n1 regression (1 untriaged"),
        "{markdown}"
    );
    let before = world.get("reports/triage?week=2026-W08").await;
    let markdown = before["markdown"].as_str().unwrap();
    assert!(markdown.contains("Nothing got worse"), "{markdown}");
    let after = world.get("reports/triage?week=2026-W10").await;
    let markdown = after["markdown"].as_str().unwrap();
    assert!(markdown.contains("## Still open from before"), "{markdown}");
}

#[tokio::test]
async fn whether_a_configuration_may_gate_is_answered_with_numbers() {
    let world = world_with(1.0).await;
    let readiness = world.get("configurations/zen4/readiness").await;
    assert_eq!(
        (&readiness["ready"], &readiness["tier"]),
        (&json!(false), &json!("gating"))
    );
    let criteria = readiness["criteria"].as_array().unwrap();
    let sentence = |place: usize| criteria[place]["sentence"].as_str().unwrap();
    assert_eq!(sentence(0), "measured on 1 day, 21 are wanted");
    assert_eq!(sentence(3), "measured by 1 host, 2 are wanted");
    assert_eq!(criteria[4]["met"], true);
}

/// A commit of the main branch by its number.
fn commit(number: u32) -> String {
    format!("{number:040x}")
}

/// A world in which commits were measured one after the other, each with a title, and the last is slower.
async fn world_of_commits(titles: &[&str]) -> World {
    let world = World::new().await;
    let artifacts: Vec<Value> = (1_u32..)
        .zip(titles)
        .map(|(number, title)| {
            json!({
                "id": commit(number),
                "title": title,
                "history": { "line": "main", "ordinal": number, "parent": commit(number - 1) },
            })
        })
        .collect();
    let (status, body) = world
        .post("artifacts", Some(&world.admin), &json!(artifacts))
        .await;
    assert_eq!(status, 200, "{body:#}");
    world.register("n1").await;
    for number in 1..=titles.len() as u32 {
        let jitter = 1.0 + 0.000_1 * f64::from(number % 3);
        let seconds = if number as usize == titles.len() {
            1.2
        } else {
            jitter
        };
        world
            .measure(&commit(number), "n1", "host-1", seconds)
            .await;
    }
    world.compare_all().await;
    world
}

#[tokio::test]
async fn a_finding_and_an_artifact_name_the_pull_request_that_the_commit_does() {
    let mut titles = ["Auto merge of #138000 - ada:faster, r=grace"; 12];
    titles[11] = "Check more (rust-lang/rust#138039)";
    let world = world_of_commits(&titles).await;

    let page = world.get("triage").await;
    let link = json!({
        "name": "rust-lang/rust#138039",
        "url": "https://github.com/rust-lang/rust/pull/138039",
    });
    assert_eq!(page["items"][0]["pull_request"], link, "{page:#}");
    let pair = format!("{}..{}", commit(11), commit(12));
    let detail = world.get(&format!("triage/{pair}")).await;
    assert_eq!(detail["entry"]["pull_request"], link);
    let artifact = world.get(&format!("artifacts/{}", commit(12))).await;
    assert_eq!(artifact["pull_request"], link);
    // In which repository a number is, a commit does not say.
    let artifact = world.get(&format!("artifacts/{}", commit(1))).await;
    assert_eq!(artifact["pull_request"], json!({ "name": "#138000" }));
}

#[tokio::test]
async fn the_pull_request_that_a_request_was_made_for_is_that_of_its_compiler() {
    let world = world_of_commits(&["one", "two"]).await;
    let wanted = json!({ "head": commit(2), "base": commit(1), "configurations": ["n1"] });
    let (status, made) = world
        .post("requests", Some(&world.requester), &wanted)
        .await;
    assert_eq!(status, 201, "{made:#}");
    let path = format!("artifacts/{}", commit(2));
    assert_eq!(world.get(&path).await.get("pull_request"), None);

    let index = &world.context.store.index;
    let request = made["id"].as_str().unwrap().parse().unwrap();
    let pull_request = "rust-lang/rust#7".parse().unwrap();
    index.link_request(request, &pull_request).await.unwrap();
    assert_eq!(
        world.get(&path).await["pull_request"]["name"],
        "rust-lang/rust#7"
    );
    let base = format!("artifacts/{}", commit(1));
    assert_eq!(world.get(&base).await.get("pull_request"), None);
}

#[tokio::test]
async fn a_release_is_of_no_pull_request_whatever_its_title_says() {
    let world = World::new().await;
    let artifact = json!([{ "id": "release-1.95.0", "title": "Merge pull request #1 from ada/x" }]);
    let (status, _) = world.post("artifacts", Some(&world.admin), &artifact).await;
    assert_eq!(status, 200);
    assert_eq!(
        world
            .get("artifacts/release-1.95.0")
            .await
            .get("pull_request"),
        None
    );
}
