//! What functions in the cloud do on a schedule or by an event, as loops in one process. A loop
//! survives whatever happens in it: it says so where people look, and goes on.

use std::future::Future;
use std::time::Duration;

use store::{Delivery, QueueName};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::ingest::{self, Reach};
use crate::watching::{self, Watches};
use crate::{Context, FunctionsError, coordinator, messages, shadow, triage};

/// How often the coordinator looks for something to do.
const TICK: Duration = Duration::from_secs(1);
/// How often what is stored is held against what is indexed.
const RECONCILIATION: Duration = Duration::from_secs(60 * 60);
/// How often it is looked for new commits and releases.
const WATCHING: Duration = Duration::from_secs(60);
/// How often it is looked for requests of the one that is followed, in shadow mode.
const MIRRORING: Duration = Duration::from_secs(60);
/// How often the table of verdicts is brought up to date, in shadow mode.
const TABULATING: Duration = Duration::from_secs(10 * 60);
/// How long a queue is waited on for a message. Bounds how long the end of the server takes.
const QUEUE_WAIT: Duration = Duration::from_secs(1);
/// Messages taken at once.
const MESSAGES: usize = 10;
/// How long a message is ours. Indexing or comparing takes seconds.
const LEASE: Duration = Duration::from_secs(120);
/// The pause after the first error, which doubles with each further one.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// The longest pause after an error.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// The loops that run.
pub(super) struct Loops {
    handles: Vec<JoinHandle<()>>,
}

impl Loops {
    /// Waits until all have ended.
    pub(super) async fn ended(self) {
        for handle in self.handles {
            // A loop that panicked has ended, too.
            let _ = handle.await;
        }
    }
}

/// Starts all loops.
pub(super) fn start(
    context: &Context,
    stopping: &watch::Receiver<bool>,
    watches: Watches,
) -> Loops {
    let of = |name| Loop {
        name,
        context: context.clone(),
        stopping: stopping.clone(),
    };
    let coordinator = of("the coordinator").repeat(TICK, |context| async move {
        coordinator::tick(&context).await.map(drop)
    });
    let reconciliation = of("the reconciliation").repeat(RECONCILIATION, |context| async move {
        ingest::reconcile(&context, Reach::Everything)
            .await
            .map(drop)
    });
    let announcing = of("the announcements").repeat(RECONCILIATION, |context| async move {
        triage::announce(&context).await
    });
    let ingest = of("ingest").repeat(Duration::ZERO, |context| async move {
        consume(&context, QueueName::Ingest).await
    });
    let compare = of("compare").repeat(Duration::ZERO, |context| async move {
        consume(&context, QueueName::Compare).await
    });
    let github = of("github").repeat(Duration::ZERO, |context| async move {
        consume(&context, QueueName::Github).await
    });
    let mut handles = Vec::new();
    if context.shadow.is_some() {
        handles.extend(start_shadow(of));
    }
    for watched in watches.watch {
        let looking = of("the watch").repeat(WATCHING, move |context| {
            let watched = watched.clone();
            async move { watching::look(&context, &watched).await.map(drop) }
        });
        handles.push(tokio::spawn(looking));
    }
    handles.extend([
        tokio::spawn(coordinator),
        tokio::spawn(reconciliation),
        tokio::spawn(announcing),
        tokio::spawn(ingest),
        tokio::spawn(compare),
        tokio::spawn(github),
    ]);
    Loops { handles }
}

/// Starts what follows another environment.
fn start_shadow(of: impl Fn(&'static str) -> Loop) -> [JoinHandle<()>; 2] {
    let mirroring =
        of("the mirror of the one that is followed").repeat(MIRRORING, |context| async move {
            let mirrored = shadow::mirror(&context, shadow::Reach::Recent).await;
            mirrored.map(drop)
        });
    let tabulating = of("the table of shadow mode").repeat(TABULATING, |context| async move {
        shadow::mirror(&context, shadow::Reach::Month).await?;
        shadow::tabulate(&context).await.map(drop)
    });
    [tokio::spawn(mirroring), tokio::spawn(tabulating)]
}

/// Takes what waits in a queue and handles it, one message after the other.
async fn consume(context: &Context, queue: QueueName) -> Result<(), FunctionsError> {
    let deliveries = context
        .store
        .queue
        .receive(&queue, MESSAGES, LEASE, QUEUE_WAIT)
        .await?;
    let mut failure = Ok(());
    for delivery in deliveries {
        // One message that cannot be handled must not keep the others waiting.
        if let Err(error) = handle(context, &queue, &delivery).await {
            failure = Err(error);
        }
    }
    failure
}

async fn handle(
    context: &Context,
    queue: &QueueName,
    delivery: &Delivery,
) -> Result<(), FunctionsError> {
    messages::handle(context, queue, delivery).await?;
    Ok(context.store.queue.delete(queue, &delivery.receipt).await?)
}

/// One loop.
struct Loop {
    name: &'static str,
    context: Context,
    stopping: watch::Receiver<bool>,
}

impl Loop {
    /// Does `action` again and again, `pause` after its end, until the server is to end.
    async fn repeat<Action, Running>(mut self, pause: Duration, action: Action)
    where
        Action: Fn(Context) -> Running,
        Running: Future<Output = Result<(), FunctionsError>> + Send + 'static,
    {
        let mut pause_after_error = PAUSE_MIN;
        while !*self.stopping.borrow() {
            // A task of its own, so that a panic in it ends the action and not the loop.
            let ended = tokio::spawn(action(self.context.clone())).await;
            let failure = match ended {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some((error.to_string(), error.wants_pause())),
                Err(panic) => Some((
                    format!("a defect of perfleet, please report it: {panic}"),
                    None,
                )),
            };
            let rest = match failure {
                None => {
                    pause_after_error = PAUSE_MIN;
                    pause
                }
                Some((message, wanted)) => {
                    self.report(&message).await;
                    let rest = pause_after_error.max(wanted.unwrap_or_default());
                    pause_after_error = (rest * 2).min(PAUSE_MAX);
                    rest
                }
            };
            // A sender that is gone means the same as one that says so.
            let _ = tokio::time::timeout(rest, self.stopping.wait_for(|stop| *stop)).await;
        }
    }

    /// Says what went wrong on the status page, and in the log in case that fails, too.
    async fn report(&self, message: &str) {
        let name = self.name;
        tracing::error!(name, message, "something in the background failed");
        let now = self.context.now();
        let index = &self.context.store.index;
        if let Err(error) = index.report_problem(name, message, now).await {
            tracing::error!(name, %error, "the failure could not be noted");
        }
    }
}
