//! Flame graphs: stacks as boxes one above the other, as wide as their time.

use std::collections::BTreeMap;
use std::fmt::Write;

/// The width of the picture and the height of a box, in pixels.
const WIDTH: f64 = 1200.0;
const ROW: f64 = 17.0;

/// What stands above the boxes, in pixels.
const HEADER: f64 = 44.0;

/// Narrower boxes are left out, in pixels.
const NARROWEST: f64 = 0.3;

/// The width of a letter, in pixels, as far as one can know.
const LETTER: f64 = 6.6;

/// Draws stacks (`rustc;analysis;typeck` with its own time in nanoseconds) as SVG, the outermost at the
/// top. With the stacks of a `base`, the colour of a box says how its share of the time differs: red is
/// more than in base, blue is less, white the same.
pub fn flamegraph(
    title: &str,
    stacks: &BTreeMap<String, u64>,
    base: Option<&BTreeMap<String, u64>>,
) -> String {
    let root = Frame::of(stacks);
    let base = base.map(Frame::of);
    let height = HEADER + ROW * root.depth() as f64 + 10.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"monospace\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"8\" y=\"18\" font-size=\"14\">{}</text>\n<text x=\"8\" y=\"34\">{}</text>\n",
        escaped(title),
        match base {
            Some(_) => "red: a larger share of the time than in base; blue: a smaller one",
            None => "a box is as wide as its time, and stands below what called it",
        }
    );
    let picture = Picture {
        total: root.total.max(1) as f64,
        base: base.as_ref().map(|base| base.total.max(1) as f64),
    };
    for (name, frame) in &root.inner {
        picture.draw(
            &mut svg,
            (name, frame),
            base.as_ref().and_then(|base| base.inner.get(name)),
            (0.0, HEADER),
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// All stacks that begin alike.
#[derive(Debug, Default)]
struct Frame {
    total: u64,
    inner: BTreeMap<String, Frame>,
}

impl Frame {
    fn of(stacks: &BTreeMap<String, u64>) -> Self {
        let mut root = Self::default();
        for (stack, time_ns) in stacks {
            root.total = root.total.saturating_add(*time_ns);
            let mut frame = &mut root;
            for name in stack.split(';') {
                frame = frame.inner.entry(name.to_owned()).or_default();
                frame.total = frame.total.saturating_add(*time_ns);
            }
        }
        root
    }

    fn depth(&self) -> usize {
        let deepest = self.inner.values().map(|frame| frame.depth() + 1);
        deepest.max().unwrap_or(0)
    }
}

struct Picture {
    total: f64,
    base: Option<f64>,
}

impl Picture {
    /// Draws a frame and what is in it, from the corner `(x, y)` on.
    fn draw(
        &self,
        svg: &mut String,
        (name, frame): (&str, &Frame),
        in_base: Option<&Frame>,
        (x, y): (f64, f64),
    ) {
        let share = frame.total as f64 / self.total;
        let width = share * WIDTH;
        if width < NARROWEST {
            return;
        }
        let share_in_base = self
            .base
            .map(|total| in_base.map_or(0.0, |frame| frame.total as f64) / total);
        let mut tip = format!(
            "{name}: {:.2} ms, {:.2} %",
            frame.total as f64 / 1e6,
            share * 100.0
        );
        if let Some(before) = share_in_base {
            let _ = write!(tip, " (base: {:.2} %)", before * 100.0);
        }
        let letters = ((width - 4.0) / LETTER) as usize;
        let label: String = if letters >= 3 {
            name.chars().take(letters).collect()
        } else {
            String::new()
        };
        let _ = writeln!(
            svg,
            "<g><title>{}</title><rect x=\"{x:.2}\" y=\"{y:.0}\" width=\"{width:.2}\" height=\"{}\" \
             fill=\"{}\" stroke=\"#fff\" stroke-width=\"0.5\"/><text x=\"{:.2}\" y=\"{:.0}\">{}</text></g>",
            escaped(&tip),
            ROW - 1.0,
            colour(name, share, share_in_base),
            x + 2.0,
            y + 12.0,
            escaped(&label)
        );
        let mut inner_x = x;
        for (name, inner) in &frame.inner {
            let in_base = in_base.and_then(|base| base.inner.get(name));
            self.draw(svg, (name, inner), in_base, (inner_x, y + ROW));
            inner_x += inner.total as f64 / self.total * WIDTH;
        }
    }
}

/// A warm colour that is the same for a name in every picture, or one for a difference.
fn colour(name: &str, share: f64, share_in_base: Option<f64>) -> String {
    let Some(before) = share_in_base else {
        let sum = name.bytes().fold(7_u32, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(byte.into())
        });
        return format!(
            "rgb({},{},{})",
            225 + sum % 30,
            120 + sum / 31 % 90,
            60 + sum / 977 % 50
        );
    };
    let difference = (share - before) / share.max(before).max(f64::MIN_POSITIVE);
    // From half as much more or less on, the colour is full.
    let pale = (255.0 * (1.0 - (difference.abs() * 2.0).min(1.0) * 0.7)) as u8;
    if difference >= 0.0 {
        format!("rgb(255,{pale},{pale})")
    } else {
        format!("rgb({pale},{pale},255)")
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // XML has no place for others.
            character if character.is_control() => safe.push(' '),
            character => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stacks(stacks: &[(&str, u64)]) -> BTreeMap<String, u64> {
        let stacks = stacks.iter();
        stacks
            .map(|(stack, time_ns)| ((*stack).to_owned(), *time_ns))
            .collect()
    }

    #[test]
    fn a_box_is_as_wide_as_its_time_and_says_what_it_is() {
        let stacks = stacks(&[
            ("rustc;analysis", 1_000_000),
            ("rustc;analysis;typeck", 2_000_000),
            ("rustc;codegen<T>", 1_000_000),
        ]);
        insta::assert_snapshot!(flamegraph("tiny & small", &stacks, None));
    }

    #[test]
    fn beside_a_base_the_colour_is_the_difference() {
        let base = stacks(&[("rustc;typeck", 100), ("rustc;codegen", 100)]);
        let head = stacks(&[("rustc;typeck", 300), ("rustc;codegen", 100)]);
        let svg = flamegraph("tiny", &head, Some(&base));
        let line_of = |name: &str| {
            svg.lines()
                .find(|line| line.contains(&format!("<title>{name}")))
                .unwrap()
        };
        assert!(
            line_of("typeck").contains("75.00 % (base: 50.00 %)"),
            "{svg}"
        );
        assert!(line_of("typeck").contains("fill=\"rgb(255,"), "{svg}");
        assert!(line_of("codegen").contains(",255)\""), "{svg}");
        assert!(line_of("rustc").contains("rgb(255,255,255)"), "{svg}");
    }

    proptest! {
        #[test]
        fn whatever_the_names_the_picture_stays_well_formed(
            stacks in prop::collection::btree_map("[a-z;<>&\"']{0,12}", 0..1_000_000_u64, 0..8)
        ) {
            let svg = flamegraph("a title", &stacks, Some(&stacks));
            prop_assert_eq!(svg.matches("<g>").count(), svg.matches("</g>").count());
            prop_assert!(svg.ends_with("</svg>\n"));
            let inside = svg.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").replace("&quot;", "");
            prop_assert!(!inside.contains('&'));
        }
    }
}
