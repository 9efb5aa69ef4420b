//! Why a policy decided as it did, for people.

use std::fmt::Write;

use shared_types::Tier;
use shared_types::comparison::Verdict;

use super::sections::of_direction;
use crate::policy::{
    ChangeLeftOut, Consequence, CountedChange, Decision, Family, LeftOutReason, MetricOpinion,
    Opinion,
};
use crate::words::{counted, percent, probability, share, signed_share};

/// So many changes of a metric are told in the text; the data hold all of them.
const CHANGES_TOLD_MAX: usize = 8;

/// So many changes that were left out for one reason are told by name.
const LEFT_OUT_TOLD_MAX: usize = 3;

/// A decision with all that made it, as text. Ends with a line break.
pub fn text(decision: &Decision) -> String {
    let mut text = format!("{}: {}\n\n", decision.verdict, decision.sentence);
    let _ = writeln!(text, "The rule\n  {}", decision.rule.text());
    let _ = writeln!(text, "  {}", who_decides(decision));
    let _ = writeln!(text, "\nFalse alarms");
    of_family(
        &mut text,
        "  ",
        &decision.family,
        "gating configurations and verdict metrics",
    );
    for (tier, title) in [
        (Tier::Gating, "Gating configurations: they decide"),
        (
            Tier::Advisory,
            "Advisory configurations: they inform, and are labelled once confirmed",
        ),
        (
            Tier::Experimental,
            "Experimental configurations: they inform",
        ),
    ] {
        let opinions = decision.opinions.iter().filter(|one| one.tier == tier);
        for (place, opinion) in opinions.enumerate() {
            if place == 0 {
                let _ = writeln!(text, "\n{title}");
            }
            of_opinion(&mut text, opinion);
        }
    }
    text
}

fn who_decides(decision: &Decision) -> String {
    let Some(who) = &decision.decided_by else {
        return "Nothing blocks, and nobody has to decide.".to_owned();
    };
    let blocking = decision
        .opinions
        .iter()
        .filter(|opinion| opinion.consequence == Consequence::Blocks);
    let blocking: Vec<&str> = blocking
        .map(|opinion| opinion.configuration.as_str())
        .collect();
    format!(
        "It blocks, because of {}; {who} decide.",
        blocking.join(", ")
    )
}

fn of_family(text: &mut String, indent: &str, family: &Family, over: &str) {
    if family.questions > 0 {
        let expected = match family.expected {
            0 => String::new(),
            expected => format!(
                ", and {expected} more are expected from configurations that have not answered, \
                 which count as unchanged until then"
            ),
        };
        let found = match family.cut_off {
            Some(cut_off) => format!(
                "those with p up to {} are called a change: {} of them",
                probability(cut_off),
                family.called
            ),
            None => "none is called a change".to_owned(),
        };
        let _ = writeln!(
            text,
            "{indent}{} over all {over} are one family{expected}. At a false-discovery rate of {} \
             (Benjamini-Hochberg) {found}.",
            counted(family.questions as usize, "question"),
            share(family.rate)
        );
    }
    if family.without_p > 0 {
        let _ = writeln!(
            text,
            "{indent}{} stand outside of the family, since their method gives no p-value: there the \
             method's own word holds, without control of false alarms over the request.",
            counted(family.without_p as usize, "test case")
        );
    }
    if family.questions == 0 && family.without_p == 0 {
        let _ = writeln!(text, "{indent}Nothing was compared yet.");
    }
}

fn of_opinion(text: &mut String, opinion: &Opinion) {
    let verdict = opinion.verdict.map_or("not answered yet", Verdict::as_str);
    let weight = if opinion.weight == 1.0 {
        String::new()
    } else {
        format!(", weight {}", opinion.weight)
    };
    let _ = writeln!(
        text,
        "  {}: {verdict}{weight}; {}",
        opinion.configuration,
        follows(opinion)
    );
    if let Some(family) = &opinion.family {
        of_family(text, "    ", family, "metrics of this configuration");
    }
    for metric in &opinion.metrics {
        of_metric(text, metric);
    }
    if opinion.metrics.len() > 1 {
        let _ = writeln!(
            text,
            "    together: {verdict} (neutral gives way; improved and regressed together are mixed; \
             a metric without any test case leaves it incomplete)"
        );
    }
}

fn follows(opinion: &Opinion) -> &'static str {
    match (opinion.tier, opinion.consequence) {
        (Tier::Gating, Consequence::Blocks) => "it blocks",
        (Tier::Gating, Consequence::Labels) => "it is labelled",
        (Tier::Gating, _) => "nothing follows from it",
        (_, Consequence::Labels) => {
            "it is labelled, since the head was measured again and all measurings together say this"
        }
        (_, Consequence::AwaitsConfirmation) => {
            "it is labelled once the head was measured again and all measurings together say this"
        }
        (_, Consequence::Blocks | Consequence::Informs) => "it is shown, and changes nothing",
    }
}

fn of_metric(text: &mut String, metric: &MetricOpinion) {
    let _ = writeln!(
        text,
        "    {}: {}, {} against {} by {} (version {})",
        metric.metric,
        metric.verdict,
        metric.head,
        metric.base,
        metric.method,
        metric.method_version
    );
    let _ = writeln!(text, "      {}", known(metric));
    for one in &metric.directions {
        let _ = writeln!(text, "      {}", of_direction(one));
    }
    for change in metric.counted.iter().take(CHANGES_TOLD_MAX) {
        let _ = writeln!(text, "      counts: {}", of_change(change));
    }
    let hidden = metric.counted.len().saturating_sub(CHANGES_TOLD_MAX);
    if hidden > 0 {
        let _ = writeln!(
            text,
            "      … and {} that count",
            counted(hidden, "more change")
        );
    }
    left_out(text, &metric.left_out);
}

fn known(metric: &MetricOpinion) -> String {
    let mut parts = vec![format!(
        "{} compared, {} count",
        counted(metric.test_cases as usize, "test case"),
        metric.counted.len()
    )];
    if metric.without_answer < metric.test_cases {
        parts.push(format!("{} known to be the same", metric.same));
        let up_to = metric.up_to.map_or_else(String::new, |size| {
            format!(" (they may hide changes of up to {})", share(size))
        });
        parts.push(format!("{} not yet known{up_to}", metric.not_yet_known));
    }
    if metric.without_answer > 0 {
        parts.push(format!(
            "{} of which the method does not say whether they are the same",
            metric.without_answer
        ));
    }
    parts.join(", ")
}

fn of_change(change: &CountedChange) -> String {
    let mut parts = vec![change.magnitude.to_string()];
    if let (Some(low), Some(high)) = (change.low, change.high) {
        parts.push(format!("between {} and {}", percent(low), percent(high)));
    }
    if let Some(threshold) = change.threshold {
        parts.push(format!("counts from {}", share(threshold)));
    }
    if let Some(p) = change.p {
        parts.push(format!("p {}", probability(p)));
    }
    if let Some(q) = change.family_q {
        parts.push(format!("q in the family {}", probability(q)));
    }
    format!(
        "{} {} ({})",
        change.name,
        signed_share(change.change),
        parts.join(", ")
    )
}

/// What was left out, told by reason.
fn left_out(text: &mut String, all: &[ChangeLeftOut]) {
    for of_reason in all.chunk_by(|one, other| one.reason == other.reason) {
        let Some(first) = of_reason.first() else {
            continue;
        };
        let named: Vec<String> = of_reason
            .iter()
            .take(LEFT_OUT_TOLD_MAX)
            .map(named)
            .collect();
        let hidden = of_reason.len().saturating_sub(LEFT_OUT_TOLD_MAX);
        let more = match hidden {
            0 => String::new(),
            hidden => format!(" and {hidden} more"),
        };
        let _ = writeln!(
            text,
            "      left out, {}: {}{more}",
            first.reason.text(),
            named.join(", ")
        );
    }
}

fn named(left_out: &ChangeLeftOut) -> String {
    let change = left_out
        .change
        .map_or_else(String::new, |change| format!(" {}", signed_share(change)));
    let why = match (left_out.reason, left_out.limit, left_out.family_q) {
        (LeftOutReason::BelowLimit, Some(limit), _) => format!(" (limit {})", share(limit)),
        (LeftOutReason::ChanceInFamily, _, Some(q)) => {
            format!(" (q in the family {})", probability(q))
        }
        _ => String::new(),
    };
    format!("{}{change}{why}", left_out.name)
}
