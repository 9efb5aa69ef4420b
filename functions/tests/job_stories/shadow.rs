//! One environment that follows another: two servers, each over a store of its own, and a test that is
//! the collectors of both.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::response::Response;
use functions::api::{self, ApiRequest};
use functions::shadow::{Reach, Shadow, ShadowSettings, mirror, tabulate};
use functions::{Context, coordinator};
use shared_types::comparison::Verdict;
use shared_types::request::{Request, RequestState};
use shared_types::shadow::{Agreement, ShadowTable};
use shared_types::{Artifact, HistoryPosition, Line};
use store::{PageRequest, RequestFilter};
use tokio::net::TcpListener;

use crate::export_builder::{FIRST_COMMIT, sha, small_export};
use crate::world::{BASE, HEAD, ONE, TWO, World, new_request};

const SINCE: &str = "2026-01-01T00:00:00Z";

/// A server that answers the API of a context.
struct Server {
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn of(context: &Context) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::new(context.clone()));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, task }
    }

    /// What it answers, as JSON.
    async fn get(&self, path: &str) -> (u16, serde_json::Value) {
        let url = format!("{}/api/v1/{path}", self.url);
        tokio::task::spawn_blocking(move || {
            let agent: ureq::Agent = ureq::Agent::config_builder()
                .http_status_as_error(false)
                .build()
                .into();
            let mut answer = agent.get(&url).call().unwrap();
            let status = answer.status().as_u16();
            let body = answer.body_mut().read_to_vec().unwrap();
            (status, serde_json::from_slice(&body).unwrap())
        })
        .await
        .unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(context): State<Arc<Context>>, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    let asked = ApiRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        ..ApiRequest::default()
    };
    let answered = api::handle(&context, &asked).await;
    let mut response = Response::builder().status(answered.status);
    for (name, value) in &answered.headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(answered.body)).unwrap()
}

/// A world that follows the one at an address; `more` stands in its settings, too.
async fn shadow_of(url: &str, more: &str) -> World {
    let text =
        format!("name = \"production\"\nsince = \"{SINCE}\"\n[perfleet]\nurl = \"{url}\"\n{more}");
    with_shadow(&text).await
}

async fn with_shadow(settings: &str) -> World {
    let world = World::new().await;
    let settings = ShadowSettings::parse(settings).unwrap();
    let context = world
        .context
        .clone()
        .with_shadow(Some(Shadow::new(settings)));
    World::holding(&world, context)
}

/// A world with a collector and a server.
async fn production() -> (World, Server) {
    let world = World::new().await;
    world.announce("theirs", &[ONE, TWO]).await;
    world.tick().await;
    let server = Server::of(&world.context).await;
    (world, server)
}

async fn requests(world: &World) -> Vec<Request> {
    let index = &world.context.store.index;
    let page = PageRequest::first(100);
    let found = index.requests(&RequestFilter::default(), &page).await;
    let mut found = found.unwrap().items;
    found.retain(|request| request.requester.starts_with("shadow of "));
    found.sort_by_key(|request| request.id);
    found
}

async fn one_table(world: &World) -> ShadowTable {
    let mut tables = tabulate(&world.context).await.unwrap();
    assert_eq!(tables.len(), 1, "{tables:#?}");
    tables.remove(0)
}

#[tokio::test]
async fn a_request_is_mirrored_once_below_own_ones_however_often_and_whoever_looks() {
    let (theirs, server) = production().await;
    let asked = theirs.ask(BASE, HEAD, &[ONE]).await;
    let ours = shadow_of(&server.url, "").await;
    let (one, other) = tokio::join!(
        mirror(&ours.context, Reach::Recent),
        mirror(&ours.context, Reach::Month)
    );
    one.unwrap();
    other.unwrap();
    let again = mirror(&ours.context, Reach::Recent).await.unwrap();
    assert_eq!(again.made, 0);
    let mirrored = requests(&ours).await;
    assert_eq!(mirrored.len(), 1, "{mirrored:#?}");
    let request = &mirrored[0];
    assert_eq!(request.requester, "shadow of production");
    assert!(request.priority < 0);
    assert_eq!(request.head.artifact, asked.head.artifact);
    assert_eq!(request.selection, asked.selection);
    assert_eq!(request.iterations, asked.iterations);
    let reason = request.reason.as_deref().unwrap();
    assert!(reason.contains(&asked.id.to_string()), "{reason}");
}

#[tokio::test]
async fn what_the_other_cancels_is_cancelled_here_and_what_it_had_cancelled_is_never_made() {
    let (theirs, server) = production().await;
    let early = theirs.ask(BASE, HEAD, &[ONE]).await;
    let ours = shadow_of(&server.url, "").await;
    let late = theirs.ask(BASE, HEAD, &[TWO]).await;
    let cancel = async |request: &Request| {
        let index = &theirs.context.store.index;
        let cancelled = RequestState::Cancelled;
        let at = theirs.context.now();
        let moved = index
            .set_request_state(request.id, cancelled, None, at)
            .await;
        assert!(moved.unwrap());
    };
    cancel(&late).await;
    assert_eq!(mirror(&ours.context, Reach::Recent).await.unwrap().made, 1);
    assert_eq!(one_table(&ours).await.rows.len(), 1);
    cancel(&early).await;
    let looked = mirror(&ours.context, Reach::Recent).await.unwrap();
    assert_eq!((looked.made, looked.cancelled), (0, 1));
    assert_eq!(
        mirror(&ours.context, Reach::Recent)
            .await
            .unwrap()
            .cancelled,
        0
    );
    let mirrored = requests(&ours).await;
    assert_eq!(mirrored.len(), 1);
    assert_eq!(mirrored[0].state, RequestState::Cancelled);
    let note = mirrored[0].note.as_deref().unwrap();
    assert!(note.contains("production"), "{note}");
    // Nobody waits for a verdict on it any more.
    assert!(one_table(&ours).await.rows.is_empty());
}

#[tokio::test]
async fn only_what_this_environment_has_is_mirrored_under_the_names_that_it_has_here() {
    let (theirs, server) = production().await;
    theirs.ask(BASE, HEAD, &[ONE, TWO]).await;
    let more = format!("[configurations]\n\"{ONE}\" = \"{TWO}\"\n\"{TWO}\" = \"elsewhere\"\n");
    let ours = shadow_of(&server.url, &more).await;
    mirror(&ours.context, Reach::Recent).await.unwrap();
    let mirrored = requests(&ours).await;
    let configurations: Vec<&str> = mirrored[0]
        .configurations
        .iter()
        .map(|id| id.as_str())
        .collect();
    assert_eq!(configurations, [TWO]);

    let nothing = format!("[configurations]\n\"{ONE}\" = \"gone\"\n\"{TWO}\" = \"elsewhere\"\n");
    let ours = shadow_of(&server.url, &nothing).await;
    assert_eq!(mirror(&ours.context, Reach::Recent).await.unwrap().made, 0);
}

#[tokio::test]
async fn two_shadows_of_each_other_come_to_an_end() {
    let (theirs, server) = production().await;
    theirs.ask(BASE, HEAD, &[ONE]).await;
    let ours = shadow_of(&server.url, "").await;
    let our_server = Server::of(&ours.context).await;
    mirror(&ours.context, Reach::Recent).await.unwrap();
    let text = format!(
        "name = \"staging\"\nsince = \"{SINCE}\"\n[perfleet]\nurl = \"{}\"\n",
        our_server.url
    );
    let settings = ShadowSettings::parse(&text).unwrap();
    let back = theirs
        .context
        .clone()
        .with_shadow(Some(Shadow::new(settings)));
    assert_eq!(mirror(&back, Reach::Month).await.unwrap().made, 0);
}

#[tokio::test]
async fn what_the_other_knows_of_a_compiler_s_place_in_history_is_known_here() {
    let (theirs, server) = production().await;
    let artifact = Artifact {
        title: Some("a title".to_owned()),
        history: Some(HistoryPosition {
            line: Line::Releases,
            ordinal: 95,
            parent: Some(BASE.parse().unwrap()),
        }),
        ..Artifact::named(HEAD.parse().unwrap())
    };
    let index = &theirs.context.store.index;
    let told = index.put_artifacts(std::slice::from_ref(&artifact));
    told.await.unwrap();
    theirs.ask(BASE, HEAD, &[ONE]).await;
    let ours = shadow_of(&server.url, "").await;
    mirror(&ours.context, Reach::Recent).await.unwrap();
    let known = ours
        .context
        .store
        .index
        .artifact(&artifact.id)
        .await
        .unwrap();
    assert_eq!(known.unwrap(), artifact);
}

#[tokio::test]
async fn the_table_agrees_where_both_found_the_same_and_differs_where_they_did_not() {
    let (theirs, server) = production().await;
    let ours = shadow_of(&server.url, "").await;
    ours.announce("ours", &[ONE, TWO]).await;
    ours.tick().await;
    theirs.ask(BASE, HEAD, &[ONE, TWO]).await;
    mirror(&ours.context, Reach::Recent).await.unwrap();
    let nothing_yet = one_table(&ours).await;
    assert_eq!(nothing_yet.totals.both_missing, 2);

    // The same under one configuration; under the other only one of them sees a regression.
    theirs.measure_all(ONE, 1.3).await;
    theirs.measure_all(TWO, 1.3).await;
    let early = one_table(&ours).await;
    assert_eq!(early.totals.ours_missing, 2);
    ours.measure_all(ONE, 1.3).await;
    ours.measure_all(TWO, 1.0).await;

    let table = one_table(&ours).await;
    let row = |configuration: &str| {
        let found = table
            .rows
            .iter()
            .find(|row| row.configuration.as_str() == configuration);
        found.unwrap()
    };
    assert_eq!(row(ONE).agreement, Agreement::Agree, "{:#?}", row(ONE));
    assert_eq!(row(ONE).theirs, row(ONE).ours);
    assert_eq!(row(TWO).agreement, Agreement::Differ);
    assert_eq!(
        row(TWO).theirs.as_ref().unwrap().verdict,
        Verdict::Regressed
    );
    assert_ne!(row(TWO).ours.as_ref().unwrap().verdict, Verdict::Regressed);
    assert_eq!(row(ONE).metric.as_ref().unwrap().as_str(), "wall-time");
    assert_eq!((table.totals.agree, table.totals.differ), (1, 1));
    // Nothing new came in.
    assert_eq!(tabulate(&ours.context).await.unwrap(), Vec::new());

    let our_server = Server::of(&ours.context).await;
    let (status, kept) = our_server.get("shadow").await;
    assert_eq!(status, 200);
    assert_eq!(kept, serde_json::to_value(&table).unwrap());
    let (status, of_day) = our_server.get(&format!("shadow?day={}", table.day)).await;
    assert_eq!((status, &of_day), (200, &kept));
    let (status, _) = our_server.get("shadow?day=2020-01-01").await;
    assert_eq!(status, 404);
    let (_, told) = our_server.get("status").await;
    assert_eq!(told["shadow"]["of"], "production");
    let (status, _) = server.get("shadow").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn the_same_verdict_of_another_size_is_told_apart_from_another_verdict() {
    let (theirs, server) = production().await;
    let ours = shadow_of(&server.url, "").await;
    for world in [&theirs, &ours] {
        world.announce("c", &[ONE]).await;
        world.tick().await;
    }
    theirs.ask(BASE, HEAD, &[ONE]).await;
    mirror(&ours.context, Reach::Recent).await.unwrap();
    theirs.measure_all(ONE, 1.2).await;
    ours.measure_all(ONE, 3.0).await;
    let table = one_table(&ours).await;
    assert_eq!(
        table.rows[0].agreement,
        Agreement::SizeDiffers,
        "{table:#?}"
    );
}

#[tokio::test]
async fn an_other_that_is_down_costs_nothing_but_a_look() {
    let (theirs, server) = production().await;
    theirs.ask(BASE, HEAD, &[ONE]).await;
    let ours = shadow_of(&server.url, "").await;
    mirror(&ours.context, Reach::Recent).await.unwrap();
    let gone = shadow_of("http://127.0.0.1:9", "").await;
    let failed = mirror(&gone.context, Reach::Recent).await.unwrap_err();
    assert!(
        failed.to_string().contains("http://127.0.0.1:9"),
        "{failed}"
    );
    assert_eq!(requests(&ours).await.len(), 1);
}

#[tokio::test]
async fn a_request_that_makes_no_sense_here_keeps_no_other_back() {
    let (theirs, server) = production().await;
    theirs.ask(BASE, HEAD, &[ONE]).await;
    // More than this environment allows.
    let ours = shadow_of(&server.url, "").await;
    let too_many = format!(
        "name = \"production\"\nsince = \"{SINCE}\"\niterations = 5000\n[perfleet]\nurl = \"{}\"\n",
        server.url
    );
    let strict = with_shadow(&too_many).await;
    let looked = mirror(&strict.context, Reach::Recent).await.unwrap();
    assert_eq!((looked.made, looked.refused), (0, 1));
    let problems = strict.problems().await;
    assert!(
        problems.contains("it is not mirrored: 5000 iterations"),
        "{problems}"
    );
    assert_eq!(mirror(&ours.context, Reach::Recent).await.unwrap().made, 1);
}

#[tokio::test]
async fn a_rustc_perf_is_followed_by_its_export_and_judged_by_its_own_rule() {
    let export = small_export(1.1);
    for (number, parent) in [(2, 1), (3, 2)] {
        export.sql(&format!(
            "INSERT INTO benchmark_request (tag, parent_sha, commit_type, created_at, status, pr)
             VALUES ('{}', '{}', 'master', {}, 'completed', 77)",
            sha(number),
            sha(parent),
            // Yesterday, by the clock of the test.
            FIRST_COMMIT + 27 * 24 * 60 * 60 + i64::from(number),
        ));
    }
    let ours = with_shadow(&format!(
        "name = \"rustc-perf\"\nsince = \"{SINCE}\"\n[rustc_perf]\nexport = \"{}\"\n\
         [selection]\nprofiles = [\"check\"]\nscenarios = [\"full\"]\n\
         [configurations]\n\"rustc-perf-x86_64-unknown-linux-gnu-llvm-t1\" = \"{ONE}\"\n",
        export.path().display()
    ))
    .await;
    ours.announce("ours", &[ONE]).await;
    ours.tick().await;
    let looked = mirror(&ours.context, Reach::Recent).await.unwrap();
    assert_eq!(looked.made, 2);
    assert_eq!(mirror(&ours.context, Reach::Month).await.unwrap().made, 0);
    let mirrored = requests(&ours).await;
    assert!(mirrored.iter().all(|request| request.backfill));
    assert!(
        mirrored[0]
            .reason
            .as_deref()
            .unwrap()
            .contains("pull request 77")
    );
    measure_all_alike(&ours).await;
    let tables = tabulate(&ours.context).await.unwrap();
    let rows: Vec<_> = tables.iter().flat_map(|table| &table.rows).collect();
    let of = |head: u32| {
        let found = rows.iter().find(|row| row.head.to_string() == sha(head));
        found.unwrap_or_else(|| panic!("{rows:#?}"))
    };
    // Theirs by its own rule, in the metric that both have; ours found nothing in either.
    assert_eq!(of(2).agreement, Agreement::Agree, "{rows:#?}");
    assert_eq!(of(2).metric.as_ref().unwrap().as_str(), "wall-time");
    // Their wall time stood still, too: the planted step is in instructions, which ours lacks.
    assert_eq!(of(3).agreement, Agreement::Agree, "{rows:#?}");
}

/// Measures all that waits: every compiler takes as long as every other.
async fn measure_all_alike(world: &World) {
    loop {
        world.tick().await;
        let Some(taken) = world.take(ONE).await else {
            break;
        };
        world.progress(&taken).await;
        let document = crate::world::document(&taken.message, taken.attempt(), |_| 1.0);
        world.finish(&taken, &document).await;
        world.work_off().await;
    }
    world.tick().await;
    world.work_off().await;
}

#[tokio::test]
async fn an_environment_that_is_no_shadow_mirrors_nothing() {
    let world = World::new().await;
    assert_eq!(
        mirror(&world.context, Reach::Month).await.unwrap(),
        functions::shadow::Mirrored::default()
    );
    assert_eq!(tabulate(&world.context).await.unwrap(), Vec::new());
    let wanted = new_request(BASE, HEAD, &[ONE]);
    let request = coordinator::create_request(&world.context, &wanted, "ada").await;
    assert_eq!(request.unwrap().priority, 0);
}
