//! What a monitoring system reads of the server: how much waits, how much runs, what is stuck.

use shared_types::exposition::{Exposition, FamilyKind};
use shared_types::{ConfigurationId, api::CollectorStatus};
use store::{JobCounts, QueueDepth, QueueName, StoreError};

use crate::Context;
use crate::api::{alive, known_collectors};

/// All of it as it is now, in Prometheus' text format.
pub(super) async fn text(context: &Context) -> Result<String, StoreError> {
    let store = &context.store;
    let collectors = known_collectors(context).await?;
    let mut configurations = Vec::new();
    let mut queues = QueueName::OF_FUNCTIONS.to_vec();
    for configuration in store.index.configurations().await? {
        let counts = store.index.job_counts(&configuration.id).await?;
        queues.push(QueueName::Jobs(configuration.id.clone()));
        configurations.push((configuration.id, counts));
    }
    let mut depths = Vec::new();
    for queue in queues {
        let depth = store.queue.depth(&queue).await?;
        depths.push((queue, depth));
    }
    let mut text = Exposition::default();
    text.family(
        "perfleet_build_info",
        FamilyKind::Gauge,
        "The version of the server.",
    )
    .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    write_jobs(&mut text, &configurations);
    write_queues(&mut text, &depths);
    write_collectors(&mut text, &configurations, &collectors);
    Ok(text.into_text())
}

fn write_jobs(text: &mut Exposition, configurations: &[(ConfigurationId, JobCounts)]) {
    let mut jobs = text.family("perfleet_jobs", FamilyKind::Gauge, "Jobs, by their state.");
    for (configuration, counts) in configurations {
        for (state, count) in [
            ("pending", counts.pending),
            ("queued", counts.queued),
            ("running", counts.running),
            ("done", counts.done),
            ("failed", counts.failed),
        ] {
            let labels = [("configuration", configuration.as_str()), ("state", state)];
            jobs.sample(&labels, f64::from(count));
        }
    }
    let mut left = text.family(
        "perfleet_compilations_left",
        FamilyKind::Gauge,
        "Compilations of jobs that are not at their end.",
    );
    for (configuration, counts) in configurations {
        let all = counts.compilations_total;
        let count = all.saturating_sub(counts.compilations_done);
        left.sample(&[("configuration", configuration.as_str())], count as f64);
    }
}

fn write_queues(text: &mut Exposition, depths: &[(QueueName, QueueDepth)]) {
    let mut messages = text.family(
        "perfleet_queue_messages",
        FamilyKind::Gauge,
        "Messages of a queue that wait, or that somebody works on.",
    );
    for (queue, depth) in depths {
        let queue = queue.to_string();
        for (state, count) in [("waiting", depth.waiting), ("leased", depth.leased)] {
            messages.sample(&[("queue", &queue), ("state", state)], count as f64);
        }
    }
    let mut dead = text.family(
        "perfleet_dead_letters",
        FamilyKind::Gauge,
        "Messages of a queue that could not be handled.",
    );
    for (queue, depth) in depths {
        dead.sample(&[("queue", &queue.to_string())], depth.dead as f64);
    }
}

fn write_collectors(
    text: &mut Exposition,
    configurations: &[(ConfigurationId, JobCounts)],
    collectors: &[CollectorStatus],
) {
    let mut serving = text.family(
        "perfleet_collectors_alive",
        FamilyKind::Gauge,
        "Collectors of a configuration that were heard of lately.",
    );
    for (configuration, _) in configurations {
        let count = alive(collectors, configuration);
        let labels = [("configuration", configuration.as_str())];
        serving.sample(&labels, f64::from(count));
    }
    let mut seen = text.family(
        "perfleet_collector_last_seen_timestamp_seconds",
        FamilyKind::Gauge,
        "When a collector was last heard of, since 1970.",
    );
    for status in collectors {
        let at = status.collector.last_seen_at.as_millisecond() as f64 / 1e3;
        let name = status.collector.report.collector.as_str();
        seen.sample(&[("collector", name)], at);
    }
}
