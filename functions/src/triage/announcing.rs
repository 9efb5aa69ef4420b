//! What is posted of triage: the report of each week, and reminders. Runs every hour, and posts each
//! of them once: what is to be posted is claimed in the index first, and marked behind that.

mod reminders;

use std::time::Duration;

use analysis::triage::report::shortened;
use shared_types::triage::{Delivery, IsoWeek, WeeklyPost};

use super::weekly;
use crate::announcements::{AnnouncementError, Announcements};
use crate::{Context, FunctionsError};

/// How often one text is tried again because too much was posted.
const BUSY_TRIES_MAX: u32 = 3;
/// The longest that is waited for before it is tried again; what takes longer waits for the next
/// hour.
const BUSY_WAIT_MAX: Duration = Duration::from_secs(60);
/// What the status page calls it when a post fails.
const SUBJECT: &str = "the announcements of triage";

/// Posts what is due, where there is a place to post it.
///
/// # Errors
/// When the store fails, or the policy cannot be read. A post that fails is reported, and tried again
/// by the next run.
#[tracing::instrument(name = "announce", skip_all)]
pub async fn announce(context: &Context) -> Result<(), FunctionsError> {
    let Some(announcements) = context.announcements() else {
        return Ok(());
    };
    let announcements = announcements.as_ref();
    if context.store.index.configurations().await?.is_empty() {
        return Ok(());
    }
    announce_week(context, announcements).await?;
    reminders::announce(context, announcements).await
}

/// Posts the report of the last week that is over.
async fn announce_week(
    context: &Context,
    announcements: &dyn Announcements,
) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    let week = IsoWeek::of(context.now()).previous();
    let known = index.weekly_post(week).await?;
    let post = known.clone().unwrap_or_else(|| WeeklyPost::beginning(week));
    let Some(delivery) = post.delivery.claimed(context.now()) else {
        return Ok(());
    };
    let report = weekly::report(context, week).await?;
    let claimed = WeeklyPost { delivery, ..post };
    if !index.replace_weekly_post(known.as_ref(), &claimed).await? {
        return Ok(());
    }
    let rest = format!("This is not all of it: `perfleet triage report --week {week}`.");
    let text = shortened(&report.markdown, announcements.characters_max(), &rest);
    let ended = post_text(context, announcements, &text, &claimed.delivery).await?;
    let ended = WeeklyPost {
        delivery: ended,
        ..claimed.clone()
    };
    index.replace_weekly_post(Some(&claimed), &ended).await?;
    Ok(())
}

/// Posts a text for which there is a claim. Returns what became of the claim; what went wrong is on
/// the status page.
async fn post_text(
    context: &Context,
    announcements: &dyn Announcements,
    text: &str,
    claim: &Delivery,
) -> Result<Delivery, FunctionsError> {
    match post_patiently(announcements, text).await {
        Ok(()) => Ok(claim.sent(context.now())),
        Err(error) => {
            let maybe_posted = matches!(error, AnnouncementError::MaybePosted(_));
            let ended = if maybe_posted {
                claim.clone()
            } else {
                claim.given_back()
            };
            let then = if ended.is_given_up() {
                "it may have been posted; it is not tried any more"
            } else {
                "it is tried again within two hours"
            };
            let message = format!("{error}; {then}");
            let index = &context.store.index;
            index
                .report_problem(SUBJECT, &message, context.now())
                .await?;
            Ok(ended)
        }
    }
}

/// Posts a text, and waits a while where too much was posted.
async fn post_patiently(
    announcements: &dyn Announcements,
    text: &str,
) -> Result<(), AnnouncementError> {
    let mut tries = 1;
    loop {
        match announcements.post(text).await {
            Err(AnnouncementError::Busy { after })
                if after <= BUSY_WAIT_MAX && tries < BUSY_TRIES_MAX =>
            {
                tries += 1;
                tokio::time::sleep(after).await;
            }
            ended => return ended,
        }
    }
}
