//! Zooming by keys: which stretch comes next.

use crate::prelude::*;
use leptos::ev;

use super::GraphsUrl;
use crate::keyboard;
use crate::numbers;
use crate::series::blocks::Series;
use crate::series::history::History;

/// A step of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    In,
    Out,
    Older,
    Newer,
}

/// What a key does to the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Step(Step),
    Whole,
}

fn of_key(key: &str) -> Option<Move> {
    Some(match key {
        "+" | "=" => Move::Step(Step::In),
        "-" => Move::Step(Step::Out),
        "h" => Move::Step(Step::Older),
        "l" => Move::Step(Step::Newer),
        "0" => Move::Whole,
        _ => return None,
    })
}

/// Fewer artifacts than this are not zoomed into.
const ARTIFACTS_MIN: f64 = 4.0;

/// The places that are in view after a step, of those from 0 to `last`. `None` when everything is.
fn stepped(view: (f64, f64), last: f64, step: Step) -> Option<(usize, usize)> {
    let (first, end) = (view.0.max(0.0), view.1.min(last));
    let (middle, width) = (f64::midpoint(first, end), (end - first).max(1.0));
    let (middle, width) = match step {
        Step::In => (middle, (width / 2.0).max(ARTIFACTS_MIN)),
        Step::Out => (middle, width * 2.0),
        Step::Older => (middle - width / 4.0, width),
        Step::Newer => (middle + width / 4.0, width),
    };
    if width >= last {
        return None;
    }
    let first = numbers::within(middle - width / 2.0, 0.0, last - width).round();
    Some((first as usize, (first + width).min(last).round() as usize))
}

/// `+` and `-` zoom, `h` and `l` go to what is older and newer, `0` shows everything.
pub(super) fn zoom_by_keys(url: GraphsUrl, series: Series) {
    let listener = window_event_listener(ev::keydown, move |event| {
        let Some(made) = keyboard::plain_key(&event).as_deref().and_then(of_key) else {
            return;
        };
        let Some(history) = series.history.get_untracked() else {
            return;
        };
        event.prevent_default();
        go(url, &history, made);
    });
    on_cleanup(move || listener.remove());
}

fn go(url: GraphsUrl, history: &History, made: Move) {
    let state = url.state.get_untracked();
    let view = history.view(state.from, state.to);
    let last = history.artifacts.len().saturating_sub(1);
    let stretch = match made {
        Move::Whole => None,
        Move::Step(step) => stepped(view, last as f64, step),
    };
    let ordinal = |place: usize| history.artifacts.get(place).map(|it| it.ordinal);
    url.replace(|state| {
        state.from = stretch.and_then(|(first, _)| ordinal(first));
        state.to = stretch.and_then(|(_, last)| ordinal(last));
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_step_shows_a_stretch_of_what_is_there(
            first in 0.0..700.0_f64, width in 1.0..700.0_f64, last in 10_u32..800,
            step in prop::sample::select(vec![Step::In, Step::Out, Step::Older, Step::Newer]),
        ) {
            let last = f64::from(last);
            let first = first.min(last - 1.0);
            let view = (first, (first + width).min(last));
            if let Some((begin, end)) = stepped(view, last, step) {
                prop_assert!(begin < end && end as f64 <= last, "{begin} {end} of {last}");
            }
        }
    }

    #[test]
    fn in_shows_half_out_shows_twice_and_the_ends_hold() {
        assert_eq!(stepped((0.0, 100.0), 100.0, Step::In), Some((25, 75)));
        assert_eq!(stepped((25.0, 75.0), 100.0, Step::Out), None);
        assert_eq!(stepped((40.0, 60.0), 100.0, Step::Out), Some((30, 70)));
        assert_eq!(stepped((0.0, 40.0), 100.0, Step::Older), Some((0, 40)));
        assert_eq!(stepped((0.0, 40.0), 100.0, Step::Newer), Some((10, 50)));
    }
}
