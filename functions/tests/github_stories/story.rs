//! A pull request with everything around it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use functions::Secret;
use functions::api::{self, ApiRequest, ApiResponse};
use functions::clock::ManualClock;
use functions::github::settings::AppIdentity;
use functions::github::webhook::{WebhookHeaders, signature_of};
use functions::github::{Credentials, GitHub, GitHubSettings, OctocrabClient};
use functions::messages;
use jiff::Timestamp;
use serde_json::{Value, json};
use shared_types::pull_request::PullRequest;
use shared_types::request::Request;
use shared_types::{PullRequestId, RequestId};
use store::embedded::EmbeddedStore;
use store::{PageRequest, QueueName, RequestFilter};

use crate::stand_in::{
    APP, INSTALLATION, KEY, Mood, PULL_REQUEST, REPOSITORY, StandIn, StoredComment,
};
use crate::world::{ONE, TWO, World, document};

pub(crate) const PARENT: &str = "1111111111111111111111111111111111111111";
pub(crate) const BUILD: &str = "2222222222222222222222222222222222222222";
pub(crate) const HEAD_ONE: &str = "3333333333333333333333333333333333333333";
pub(crate) const HEAD_TWO: &str = "4444444444444444444444444444444444444444";
pub(crate) const MERGE_BOT: &str = "rust-bors[bot]";
pub(crate) const SECRET: &str = "a secret of the test's own";
const NOW: &str = "2026-03-01T12:00:00Z";

const SETTINGS: &str = r#"
repositories = ["rust-lang/rust"]
watched_branch = "master"
own_login = "our-app[bot]"
page_url = "https://perf.example"

[merge_bot]
login = "rust-bors[bot]"
try_command = "@bors try"

[permissions]
role = "write"

[labels]
regression = "perf-regression"
triaged = "perf-regression-triaged"
waiting = "S-waiting-on-perf"
"#;

pub(crate) struct Story {
    pub(crate) world: World,
    pub(crate) github: StandIn,
    /// By which leases end and GitHub tells the time.
    clock: Arc<ManualClock>,
    deliveries: AtomicU64,
}

impl Story {
    pub(crate) async fn begin() -> Self {
        Self::begin_with(|settings| settings).await
    }

    /// The same with other settings.
    pub(crate) async fn begin_with(change: impl FnOnce(String) -> String) -> Self {
        let now: Timestamp = NOW.parse().unwrap();
        let clock = Arc::new(ManualClock::at(now));
        let github = StandIn::start(Arc::clone(&clock)).await;
        let folder = tempfile::tempdir().unwrap();
        let leases = Arc::clone(&clock);
        let store = EmbeddedStore::open_with_clock(
            folder.path(),
            Arc::new(move || functions::clock::Clock::now(&*leases)),
        );
        let mut world = World::over(store.unwrap(), folder, now).await;
        let text = change(format!("api_url = \"{}\"\n{SETTINGS}", github.url));
        let settings = GitHubSettings::parse(&text)
            .and_then(|settings| settings.with_webhook_secret(Some(Secret::new(SECRET))))
            .unwrap();
        let app = AppIdentity {
            id: APP,
            installation: INSTALLATION,
        };
        let credentials = Credentials::App(app, Secret::new(KEY));
        let client: Arc<dyn GitHub> =
            Arc::new(OctocrabClient::new(&settings, credentials, Arc::clone(&clock) as _).unwrap());
        world.context = world.context.with_github(settings, Some(client));
        world.announce("c1", &[ONE, TWO]).await;
        github.add_commit(PARENT, &[]);
        github.add_commit(HEAD_ONE, &[PARENT]);
        github.add_commit(HEAD_TWO, &[PARENT]);
        github.add_commit(BUILD, &[PARENT, HEAD_ONE]);
        github.set_branch(&[HEAD_ONE]);
        let story = Self {
            world,
            github,
            clock,
            deliveries: AtomicU64::new(0),
        };
        story.world.tick().await;
        story
    }

    /// Lets time pass for everybody.
    pub(crate) fn wait_s(&self, seconds: i64) {
        self.clock.advance_seconds(seconds);
        self.world.clock.advance_seconds(seconds);
    }

    /// Writes a comment, which GitHub tells of, and handles all that follows.
    pub(crate) async fn comment(&self, author: &str, text: &str) -> u64 {
        let id = self.github.write(author, text);
        self.tell_of_comment("created", id, author, text).await;
        self.work_off().await;
        id
    }

    /// Has GitHub tell of a comment, once more where it did before.
    pub(crate) async fn tell_of_comment(&self, action: &str, id: u64, author: &str, text: &str) {
        let payload = comment_payload(action, id, author, text);
        let delivery = self.new_delivery();
        let answer = self.deliver("issue_comment", &delivery, &payload).await;
        assert_eq!(
            answer.status,
            200,
            "{}",
            String::from_utf8_lossy(&answer.body)
        );
    }

    /// Has GitHub tell what became of the pull request.
    pub(crate) async fn tell_of_pull_request(&self, action: &str, state: &str, head: &str) {
        let now = functions::clock::Clock::now(&*self.clock);
        let payload = json!({
            "action": action,
            "pull_request": {
                "number": PULL_REQUEST,
                "state": state,
                "merged": false,
                "head": { "sha": head },
                "updated_at": now,
            },
            "repository": { "full_name": REPOSITORY },
        });
        let delivery = self.new_delivery();
        let answer = self.deliver("pull_request", &delivery, &payload).await;
        assert_eq!(
            answer.status,
            200,
            "{}",
            String::from_utf8_lossy(&answer.body)
        );
    }

    /// Has GitHub tell of a push to the watched branch, and handles what follows.
    pub(crate) async fn tell_of_push(&self, before: &str, after: &str) {
        let payload = json!({
            "ref": "refs/heads/master",
            "before": before,
            "after": after,
            "forced": false,
            "repository": { "full_name": REPOSITORY },
        });
        let delivery = self.new_delivery();
        self.deliver("push", &delivery, &payload).await;
        self.work_off().await;
    }

    pub(crate) fn new_delivery(&self) -> String {
        let number = self.deliveries.fetch_add(1, Ordering::Relaxed);
        format!("00000000-0000-0000-0000-{number:012}")
    }

    /// Delivers a webhook as GitHub does, signed.
    pub(crate) async fn deliver(
        &self,
        event: &str,
        delivery: &str,
        payload: &Value,
    ) -> ApiResponse {
        let body = payload.to_string().into_bytes();
        let signature = signature_of(&Secret::new(SECRET), &body);
        self.send(
            WebhookHeaders {
                event: Some(event.to_owned()),
                delivery: Some(delivery.to_owned()),
                signature,
            },
            body,
        )
        .await
    }

    pub(crate) async fn send(&self, webhook: WebhookHeaders, body: Vec<u8>) -> ApiResponse {
        let request = ApiRequest {
            method: "POST".to_owned(),
            path: "/api/v1/github/webhook".to_owned(),
            webhook,
            body,
            ..ApiRequest::default()
        };
        api::handle(&self.world.context, &request).await
    }

    /// The merge bot says that a try build is there.
    pub(crate) async fn try_build(&self) -> u64 {
        let text = format!(
            ":sunny: Try build successful ([CI](https://ci))\n\
             Build commit: 2222222 (`{BUILD}`, parent: `{PARENT}`)"
        );
        self.comment(MERGE_BOT, &text).await
    }

    /// Handles what waits in the queues between the functions, and what comes of it. What fails
    /// stays there.
    pub(crate) async fn work_off(&self) -> Vec<String> {
        let mut failures = Vec::new();
        let queues = &self.world.context.store.queue;
        for queue in [QueueName::Ingest, QueueName::Compare, QueueName::Github] {
            while let Some(delivery) = self.world.receive(&queue).await {
                match messages::handle(&self.world.context, &queue, &delivery).await {
                    Ok(_) => queues.delete(&queue, &delivery.receipt).await.unwrap(),
                    Err(error) => failures.push(error.to_string()),
                }
            }
        }
        failures
    }

    /// Measures every job of a configuration: all but the parent take `factor` times as long.
    pub(crate) async fn measure(&self, configuration: &str, factor: f64) {
        let takes = |artifact: &str| if artifact == PARENT { 1.0 } else { factor };
        self.measure_as(configuration, takes).await;
    }

    /// Measures every job of a configuration: each artifact takes its own time, in seconds.
    pub(crate) async fn measure_as(&self, configuration: &str, takes: impl Fn(&str) -> f64) {
        let world = &self.world;
        loop {
            world.tick().await;
            let Some(taken) = world.take(configuration).await else {
                break;
            };
            world.progress(&taken).await;
            let document = document(&taken.message, taken.attempt(), |run| {
                takes(&run.artifact.to_string())
            });
            world.finish(&taken, &document).await;
            self.work_off().await;
        }
        world.tick().await;
        self.work_off().await;
    }

    pub(crate) fn pull_request_id(&self) -> PullRequestId {
        format!("{REPOSITORY}#{PULL_REQUEST}").parse().unwrap()
    }

    pub(crate) async fn record(&self) -> PullRequest {
        let index = &self.world.context.store.index;
        index
            .pull_request(&self.pull_request_id())
            .await
            .unwrap()
            .unwrap()
    }

    /// Every request that was ever made, the oldest first.
    pub(crate) async fn requests(&self) -> Vec<Request> {
        self.requests_of("github:").await
    }

    /// Every request that somebody made whose name begins so, the oldest first.
    pub(crate) async fn requests_of(&self, requester: &str) -> Vec<Request> {
        let index = &self.world.context.store.index;
        let page = PageRequest::first(500);
        let mut all = index
            .requests(&RequestFilter::default(), &page)
            .await
            .unwrap()
            .items;
        all.retain(|request| request.requester.starts_with(requester));
        all.sort_by_key(|request| request.id);
        all
    }

    /// The one request that there is.
    pub(crate) async fn request(&self) -> Request {
        let mut all = self.requests().await;
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0)
    }

    /// Our one comment on a request.
    pub(crate) fn comment_on(&self, request: RequestId) -> (u64, StoredComment) {
        let mut ours = self.github.ours_with(&format!("request={request}"));
        assert_eq!(ours.len(), 1, "{ours:#?}");
        ours.remove(0)
    }

    /// The text of our one reply to a comment.
    pub(crate) fn reply_to(&self, comment: u64) -> String {
        let mut ours = self.github.ours_with(&format!("reply-to={comment} "));
        assert_eq!(ours.len(), 1, "{ours:#?}");
        ours.remove(0).1.body
    }

    /// Who wrote what, the oldest first.
    pub(crate) async fn audit(&self) -> Vec<String> {
        let index = &self.world.context.store.index;
        let mut audit = index.audit(100).await.unwrap();
        audit.reverse();
        audit
            .iter()
            .map(|one| format!("{} {}", one.person, one.action))
            .collect()
    }

    pub(crate) fn be(&self, mood: Mood) {
        self.github.be(mood);
    }
}

/// GitHub's own example of a comment, on our pull request, with this text.
pub(crate) fn comment_payload(action: &str, id: u64, author: &str, text: &str) -> Value {
    let example = include_str!("../fixtures/github-webhooks/issue_comment-created.json");
    let mut payload: Value = serde_json::from_str(example).unwrap();
    payload["action"] = json!(action);
    payload["issue"]["number"] = json!(PULL_REQUEST);
    payload["issue"]["pull_request"] = json!({ "url": "https://api.github.com/pulls/12" });
    payload["comment"]["id"] = json!(id);
    payload["comment"]["body"] = json!(text);
    payload["comment"]["user"]["login"] = json!(author);
    payload["comment"]["created_at"] = json!(NOW);
    payload["repository"]["full_name"] = json!(REPOSITORY);
    payload
}
