//! `perfleet reconcile`.

use clap::Args;
use serde_json::json;

use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, output};
use crate::FunctionsError;
use crate::ingest::{self, Reach, Reconciled};

/// Hold everything that was ever stored against the index, and mend what is missing there
///
/// A server does this when it starts, and a fleet in the cloud looks at the last 45 days every hour.
/// By hand it is for after a restore, and for results that come from elsewhere.
#[derive(Debug, Args)]
pub(super) struct ReconcileCommand {
    #[command(flatten)]
    json: JsonOption,
}

impl ReconcileCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let context = place.here().await?;
        let reconciled = ingest::reconcile(&context, Reach::Everything).await?;
        if self.json.json {
            output::answer_json(&json!({
                "results": reconciled.results,
                "refused": reconciled.refused,
                "comparisons": reconciled.comparisons,
            }))?;
        } else {
            output::answer(&sentence(&reconciled))?;
        }
        Ok(if reconciled.refused > 0 {
            Outcome::Failed
        } else {
            Outcome::Done
        })
    }
}

fn sentence(reconciled: &Reconciled) -> String {
    let Reconciled {
        results,
        refused,
        comparisons,
    } = reconciled;
    let done = format!("taken in: {results} results; made: {comparisons} comparisons");
    if *refused == 0 {
        return done;
    }
    format!("{done}; refused: {refused} objects, and `perfleet status` says why")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_is_told_with_where_to_look() {
        let mut reconciled = Reconciled {
            results: 2,
            refused: 0,
            comparisons: 1,
        };
        assert_eq!(
            sentence(&reconciled),
            "taken in: 2 results; made: 1 comparisons"
        );
        reconciled.refused = 3;
        assert!(sentence(&reconciled).ends_with("`perfleet status` says why"));
    }
}
