//! Reminders of what is late: one post for each person and run, whatever they are late with, so that
//! a week in which much got worse is no flood of posts.

use std::collections::BTreeMap;
use std::fmt::Write;

use analysis::triage::reminder;
use analysis::words::counted;
use shared_types::api::{TriageConfiguration, TriageEntry};
use shared_types::run::SidePair;
use shared_types::triage::{Delivery, Owner, Ping, PingReason, TriageRecord};

use super::post_text;
use crate::announcements::Announcements;
use crate::triage::inbox::{InboxFilter, entries};
use crate::{Context, FunctionsError};

/// How many people are reminded in one run; the others are by the next.
const PEOPLE_MAX: usize = 20;
/// How much is told of what somebody is late with; the rest is counted.
const LINES_MAX: usize = 15;

/// Reminds everybody of what they are late with and were not reminded of.
pub(super) async fn announce(
    context: &Context,
    announcements: &dyn Announcements,
) -> Result<(), FunctionsError> {
    let listed = entries(context, &InboxFilter::default()).await?;
    let mut by_owner: BTreeMap<Owner, Vec<Due>> = BTreeMap::new();
    for entry in &listed {
        for one in &entry.configurations {
            if let Some((owner, due)) = due(entry, one) {
                by_owner.entry(owner).or_default().push(due);
            }
        }
    }
    let mut reminded = 0;
    for (owner, all) in by_owner {
        let mut claimed = Vec::with_capacity(all.len());
        for due in all {
            claimed.extend(claim(context, due).await?);
        }
        if claimed.is_empty() {
            continue;
        }
        let is_posted = remind(context, announcements, &owner, &claimed).await?;
        reminded += 1;
        // Where one was not taken, the next would not be, either.
        if !is_posted || reminded == PEOPLE_MAX {
            break;
        }
    }
    Ok(())
}

/// Something that somebody is late with.
struct Due {
    sides: SidePair,
    head: String,
    ping: Ping,
}

fn due(entry: &TriageEntry, one: &TriageConfiguration) -> Option<(Owner, Due)> {
    let standing = one.standing.as_ref()?;
    let reminder = reminder(one.tier, standing)?;
    let owner: Owner = standing.owner.parse().ok()?;
    let due = Due {
        sides: SidePair {
            base: entry.base.clone(),
            head: entry.head.clone(),
        },
        head: entry.head.artifact.short(),
        ping: Ping {
            configuration: one.configuration.clone(),
            reason: reminder.reason,
            deadline: reminder.deadline,
            owner: owner.clone(),
            delivery: Delivery::default(),
        },
    };
    Some((owner, due))
}

/// Claims a reminder in the record of its pair. `None` where it was made, or somebody else is about
/// to make it.
async fn claim(context: &Context, due: Due) -> Result<Option<Due>, FunctionsError> {
    let index = &context.store.index;
    let now = context.now();
    let known = index.triage_record(&due.sides).await?;
    let mut new = known
        .clone()
        .unwrap_or_else(|| TriageRecord::beginning(due.sides.clone(), now));
    let mut before = new.pings.iter();
    let before = before.find(|ping| ping.is_of_same(&due.ping));
    let delivery = before.map_or_else(Delivery::default, |ping| ping.delivery.clone());
    let Some(delivery) = delivery.claimed(now) else {
        return Ok(None);
    };
    let ping = Ping {
        delivery,
        ..due.ping
    };
    write_ping(&mut new, &ping);
    let is_ours = index.replace_triage_record(known.as_ref(), &new).await?;
    Ok(is_ours.then_some(Due { ping, ..due }))
}

fn write_ping(record: &mut TriageRecord, ping: &Ping) {
    let mut known = record.pings.iter_mut();
    match known.find(|known| known.is_of_same(ping)) {
        Some(known) => *known = ping.clone(),
        None => record.remember(ping.clone()),
    }
}

/// Returns whether it is known to have been posted.
async fn remind(
    context: &Context,
    announcements: &dyn Announcements,
    owner: &Owner,
    claimed: &[Due],
) -> Result<bool, FunctionsError> {
    let mention = announcements.mention(owner.as_str());
    let text = text(&mention, claimed, context.settings.page_url.as_deref());
    let Some(first) = claimed.first() else {
        return Ok(true);
    };
    // One post tells of all; what became of it holds for each.
    let ended = post_text(context, announcements, &text, &first.ping.delivery).await?;
    for due in claimed {
        note(context, due, &ended).await?;
    }
    Ok(ended.sent_at.is_some())
}

/// Notes in the record of its pair what became of a reminder. Where somebody acts on the pair all the
/// time it stays claimed, and is at worst made once more.
async fn note(context: &Context, due: &Due, ended: &Delivery) -> Result<(), FunctionsError> {
    const ATTEMPTS_MAX: usize = 10;
    let index = &context.store.index;
    for _ in 0..ATTEMPTS_MAX {
        let Some(known) = index.triage_record(&due.sides).await? else {
            return Ok(());
        };
        let mut new = known.clone();
        let delivery = Delivery {
            tries: if ended.claimed_at.is_none() {
                due.ping.delivery.tries.saturating_sub(1)
            } else {
                due.ping.delivery.tries
            },
            ..ended.clone()
        };
        let ping = Ping {
            delivery,
            ..due.ping.clone()
        };
        write_ping(&mut new, &ping);
        if index.replace_triage_record(Some(&known), &new).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// What somebody is told.
fn text(mention: &str, late: &[Due], page: Option<&str>) -> String {
    let mut text = format!(
        "{mention}, {} for you:",
        match late.len() {
            1 => "1 regression waits".to_owned(),
            several => format!("{} wait", counted(several, "regression")),
        }
    );
    for due in late.iter().take(LINES_MAX) {
        let what = match due.ping.reason {
            PingReason::Untriaged => "nobody has acknowledged it",
            PingReason::Overdue => "its acknowledgement is past its day",
        };
        let sides = &due.sides;
        let _ = write!(
            text,
            "\n- `{}` under `{}`: {what}. `perfleet triage show {} {}`",
            due.head, due.ping.configuration, sides.base, sides.head
        );
    }
    if let Some(more @ 1..) = late.len().checked_sub(LINES_MAX) {
        let _ = write!(text, "\n- and {more} more: `perfleet triage list`");
    }
    if let Some(page) = page {
        let _ = write!(text, "\n\n{page}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(number: u32, reason: PingReason) -> Due {
        Due {
            sides: format!("release-1.{number}.0..release-1.{}.0", number + 1)
                .parse()
                .unwrap(),
            head: format!("release-1.{}.0", number + 1),
            ping: Ping {
                configuration: "zen4".parse().unwrap(),
                reason,
                deadline: jiff::Timestamp::UNIX_EPOCH,
                owner: "ada".parse().unwrap(),
                delivery: Delivery::default(),
            },
        }
    }

    #[test]
    fn somebody_is_told_of_all_that_they_are_late_with_at_once() {
        let one = [due(1, PingReason::Untriaged)];
        let many: Vec<Due> = (1..=17)
            .map(|number| due(number, PingReason::Overdue))
            .collect();
        insta::assert_snapshot!(
            [
                text("@**ada**", &one, Some("https://perf.example.org")),
                text("@*compiler*", &many, None),
            ]
            .join("\n---\n")
        );
    }
}
