//! The points of a chart as a table, with a link to the comparison of each with its predecessor.

use std::sync::Arc;

use crate::prelude::*;

use crate::numbers;
use crate::part::{Piece, part, when_fetched};
use crate::series::history::{History, Point, date_or_name};

/// The comparison of a point's artifact with the one that was measured before it.
pub(crate) fn comparison_address(history: &History, point: &Point) -> Option<String> {
    let (before, _) = point.before?;
    Some(history.comparison_address(before, point.place))
}

part! {
    point_table_in_every_page -> Piece<(Arc<History>, usize)> {
        |(history, place)| view! { <PointTable history place /> }.into_any()
    }
}

/// The points as a table, fetched when somebody opens it.
pub(crate) fn opened_point_table(history: &Arc<History>, place: usize) -> AnyView {
    when_fetched(
        point_table_in_every_page(),
        (Arc::clone(history), place),
        "the table",
    )
}

/// The points, newest first.
#[component]
pub(crate) fn PointTable(
    history: Arc<History>,
    /// The place of the test case in the history.
    place: usize,
) -> impl IntoView {
    let points: Vec<Point> = history.lines[place].points().collect();
    view! {
        <div class="scroll-y" tabindex="0" role="group" aria-label="Values">
            <table class="dense points">
                <thead>
                    <tr>
                        <th scope="col">"Artifact"</th>
                        <th scope="col">"Date"</th>
                        <th scope="col" class="number">{history.metric.name.to_string()}</th>
                        <th scope="col" class="number">"Change"</th>
                    </tr>
                </thead>
                <tbody>
                    {points.into_iter().map(|point| point_row(&history, &point)).collect_view()}
                </tbody>
            </table>
        </div>
    }
}

fn point_row(history: &History, point: &Point) -> impl IntoView + use<> {
    let artifact = &history.artifacts[point.place];
    let date = artifact.commit_date.map(|_| date_or_name(artifact));
    let change = point
        .change()
        .map_or_else(|| "\u{2013}".to_owned(), numbers::change);
    let change = match comparison_address(history, point) {
        Some(address) => view! {
            <a href=address title="Compare with its predecessor">{change}</a>
        }
        .into_any(),
        None => change.into_any(),
    };
    view! {
        <tr>
            <td title=artifact.id.to_string()>{artifact.id.short()}</td>
            <td>{date}</td>
            <td class="number">{numbers::value(point.value, history.metric.unit)}</td>
            <td class="number">{change}</td>
        </tr>
    }
}
