//! Help: how to ask, how a verdict comes about, and what the words mean.

mod glossary;

use crate::prelude::*;
use shared_types::api::{Help, PolicyInForce, PolicyLimit};

use crate::api_client;
use crate::app::set_page_title;
use crate::numbers;
use crate::remote::fetched_once;
use crate::widget::markdown::line;
use crate::widget::notice::when_ready;
use crate::widget::verdict::TierBadge;
use glossary::Glossary;

/// What is asked on the command line, and what for.
const COMMAND_LINE: [(&str, &str); 8] = [
    (
        "perfleet request HEAD --base BASE --configuration NAME",
        "ask for a measurement",
    ),
    (
        "perfleet status",
        "see queues, collectors and what went wrong",
    ),
    (
        "perfleet compare BASE HEAD --configuration NAME",
        "compare what was measured",
    ),
    (
        "perfleet triage",
        "see what got worse and waits for somebody",
    ),
    (
        "perfleet bisect BASE HEAD --configuration NAME --test-case NAME",
        "search for the artifact that changed a test case",
    ),
    (
        "collector bench stable nightly",
        "compare two toolchains on this machine, without a server",
    ),
    (
        "collector doctor",
        "see what disturbs measurements on this machine, and how to mend it",
    ),
    (
        "collector run --server URL --configuration NAME",
        "let this machine measure",
    ),
];

/// How a verdict comes about, step by step.
const VERDICT_STEPS: [(&str, &str); 6] = [
    (
        "Measured side by side",
        "Base and head are compiled in turn on one host, so that what disturbs one disturbs the \
         other. Iterations that something else spoilt are marked and measured once more.",
    ),
    (
        "Compared within one configuration",
        "Each test case is compared with itself, under the same configuration. Two configurations are \
         never compared, and no mean is taken over them.",
    ),
    (
        "Held against noise",
        "A change counts only where it is larger than what the iterations and the history of this \
         test case explain: that is its *threshold*.",
    ),
    (
        "Judged together",
        "Of hundreds of test cases some look changed by chance. So they are judged as one family, \
         and the share of false alarms among what is called *significant* is held to a limit.",
    ),
    (
        "Weighed by size",
        "A significant change is *relevant* where it is large enough for a person to look at. An \
         unchanged test case is called *same* only where the measurement could have shown a change, \
         and *not yet known* otherwise.",
    ),
    (
        "Decided by the policy",
        "The gating configurations decide. Opposite relevant verdicts of two of them are a \
         *conflict*, which a person settles; what has not answered yet leaves the verdict \
         *incomplete*. Advisory and experimental configurations are shown beside it.",
    ),
];

/// The page at `/help`.
#[component]
pub(crate) fn HelpPage() -> impl IntoView {
    set_page_title("Help");
    let help = fetched_once::<Help>(api_client::HELP.to_owned());
    let steps: Vec<_> = VERDICT_STEPS
        .iter()
        .map(|(title, text)| view! { <li><strong>{*title}</strong> ". " {line(text)}</li> })
        .collect();
    let command_line: Vec<_> = COMMAND_LINE
        .iter()
        .map(|(command, purpose)| view! { <dt><code>{*command}</code></dt><dd>{*purpose}</dd> })
        .collect();
    view! {
        <div class="page help-page">
            <h1>"Help"</h1>
            <nav aria-label="On this page" class="on-this-page">
                <a href="#verdicts">"How a verdict comes about"</a>
                <a href="#rules">"Commands and rules here"</a>
                <a href="#command-line">"On the command line"</a>
                <a href="#words">"Words"</a>
            </nav>
            <section id="verdicts">
                <h2>"How a verdict comes about"</h2>
                <ol class="verdict-steps">{steps}</ol>
                <p>
                    "Each verdict and each row of a comparison has a " <strong>"Why?"</strong>
                    " that shows these steps with the numbers that went in."
                </p>
            </section>
            <section id="rules">
                {when_ready(help, "the rules in force", |help| installation(&help))}
            </section>
            <section id="command-line">
                <h2>"On the command line"</h2>
                <dl class="commands">{command_line}</dl>
                <p class="muted">
                    "Every command that answers takes " <code>"--json"</code>
                    ". The same is answered under " <a href="/api/v1/openapi.json">"/api/v1"</a> "."
                </p>
            </section>
            <section id="words">
                <h2>"Words"</h2>
                <Glossary />
            </section>
        </div>
    }
    .into_any()
}

fn installation(help: &Help) -> AnyView {
    view! {
        <h2>"In comments on pull requests"</h2>
        {comments(help)}
        <h2>"The rules in force"</h2>
        {rules(&help.policy)}
    }
    .into_any()
}

fn comments(help: &Help) -> AnyView {
    let Some(mention) = &help.mention else {
        return view! {
            <p class="muted">
                "This installation takes no commands from GitHub. "
                <code>"github.toml"</code> " connects it."
            </p>
        }
        .into_any();
    };
    let commands: Vec<_> = help
        .commands
        .iter()
        .map(|command| {
            view! {
                <dt><code>{format!("{mention} {}", command.usage)}</code></dt>
                <dd>{line(&command.effect)}</dd>
            }
        })
        .collect();
    view! { <dl class="commands" data-testid="comment-commands">{commands}</dl> }.into_any()
}

fn rules(policy: &PolicyInForce) -> AnyView {
    let metrics: Vec<String> = policy.metrics.iter().map(ToString::to_string).collect();
    let metrics = if metrics.is_empty() {
        "every metric that was compared".to_owned()
    } else {
        metrics.join(", ")
    };
    let limits: Vec<_> = policy.limits.iter().map(limit).collect();
    let tiers: Vec<_> = policy
        .tiers
        .iter()
        .map(|entry| {
            view! {
                <li><code>{entry.configuration.to_string()}</code> " " <TierBadge tier=entry.tier /></li>
            }
        })
        .collect();
    view! {
        <dl class="facts panel" data-testid="policy">
            <dt>"Decides where rules cannot"</dt>
            <dd>{policy.decides.clone()}</dd>
            <dt>"False among what is called a change"</dt>
            <dd>{numbers::share(policy.false_discovery_rate)} " at most"</dd>
            <dt>"Metrics that count"</dt>
            <dd>{metrics}</dd>
            <dt>"Smallest change that counts"</dt>
            <dd>
                {if limits.is_empty() {
                    "whatever is relevant".into_any()
                } else {
                    view! { <ul class="plain">{limits}</ul> }.into_any()
                }}
            </dd>
            <dt>"Configurations"</dt>
            <dd>
                {if tiers.is_empty() {
                    "none is registered".into_any()
                } else {
                    view! { <ul class="plain">{tiers}</ul> }.into_any()
                }}
            </dd>
        </dl>
    }
    .into_any()
}

fn limit(limit: &PolicyLimit) -> AnyView {
    let metric = limit
        .metric
        .as_ref()
        .map_or_else(|| "every metric".to_owned(), ToString::to_string);
    let category = limit
        .category
        .map_or("all test cases", |category| category.as_str());
    view! { <li>{format!("{metric}, {category}: {}", numbers::share(limit.smallest_change))}</li> }
        .into_any()
}
