//! One chart, drawn by uPlot when it comes into view and let go when it is far out of it: of hundreds
//! of charts only those that a reader can see take memory and time.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::numbers;
use crate::prelude::*;
use leptos::html::Div;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;

use crate::series::retracted::Retracted;

/// The height of a small chart, in CSS pixels.
pub(crate) const SMALL_PX: f64 = 150.0;

/// The height of a chart that stands alone, in CSS pixels.
pub(crate) const LARGE_PX: f64 = 260.0;

#[wasm_bindgen(module = "/chart.js")]
extern "C" {
    #[wasm_bindgen(js_name = whileInView)]
    fn while_in_view(element: &web_sys::Element, callback: &JsValue);
    fn forget(element: &web_sys::Element);
    #[wasm_bindgen(catch)]
    async fn draw(
        element: &web_sys::Element,
        height: f64,
        columns: &js_sys::Array,
        styles: &[u32],
        gestures: &js_sys::Object,
    ) -> Result<JsValue, JsValue>;
    fn show(drawn: &JsValue, first: f64, last: f64);
    fn mark(drawn: &JsValue, marks: &js_sys::Array);
    fn remove(drawn: &JsValue);
}

/// Places that are marked.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Marks {
    /// Where a level changes.
    pub(crate) changes: Vec<f64>,
    /// Where another host took over.
    pub(crate) hosts: Vec<f64>,
    /// What was measured on a disturbed host.
    pub(crate) disturbed: Vec<f64>,
    /// Where a release was made.
    pub(crate) releases: Vec<f64>,
    /// What a reader has pinned, or the sides of a comparison.
    pub(crate) pins: Vec<f64>,
    /// Where results were retracted.
    pub(crate) retracted: Retracted,
}

impl Marks {
    /// In the order in which the JavaScript has them.
    fn to_js(&self) -> js_sys::Array {
        let kinds = [
            &self.changes,
            &self.hosts,
            &self.disturbed,
            &self.releases,
            &self.pins,
        ];
        let shaded = self
            .retracted
            .shaded
            .iter()
            .flat_map(|(from, to)| [*from, *to]);
        let shaded: Vec<f64> = shaded.collect();
        let cuts: Vec<f64> = self.retracted.cuts.iter().map(|it| *it as f64).collect();
        kinds
            .into_iter()
            .chain([&shaded, &cuts])
            .map(|places| js_sys::Float64Array::from(places.as_slice()))
            .collect()
    }
}

/// The first and the last place of a stretch of history.
pub(crate) type Stretch = (usize, usize);

/// What a chart shows and what it tells. Places count from 0 along the stretch of history.
pub(crate) struct Chart {
    /// Makes one column for each line, whenever the chart is drawn, with the number of its style. Not a
    /// number where nothing was measured.
    pub(crate) columns: Rc<dyn Fn() -> Vec<(u32, Vec<f64>)>>,
    /// The height, in CSS pixels.
    pub(crate) height_px: f64,
    /// The label of a place on the horizontal axis.
    pub(crate) label: Rc<dyn Fn(usize) -> String>,
    /// The label of a value on the vertical axis, and how far the next is.
    pub(crate) amount: Rc<dyn Fn(f64, f64) -> String>,
    /// The reader points at a place, or no more.
    pub(crate) hover: Rc<dyn Fn(Option<usize>)>,
    /// The reader chose a place.
    pub(crate) pick: Rc<dyn Fn(usize)>,
    /// The reader wants a stretch, or everything.
    pub(crate) zoom: Rc<dyn Fn(Option<Stretch>)>,
}

/// The chart as it is on the page: drawn, or not yet.
#[derive(Clone, Default)]
struct Canvas {
    drawn: Rc<RefCell<Option<JsValue>>>,
    /// Whether it is in view; what is drawn too late is taken away again.
    is_wanted: Rc<Cell<bool>>,
}

impl Canvas {
    fn let_go(&self) {
        self.is_wanted.set(false);
        if let Some(drawn) = self.drawn.take() {
            remove(&drawn);
        }
    }
}

/// Draws `chart` when it comes into view and keeps it at the places of `view`.
#[component]
pub(crate) fn ChartCanvas(
    /// What to draw.
    chart: Chart,
    /// The first and the last place to show.
    view: Signal<(f64, f64)>,
    /// The places that are marked.
    marks: Memo<Marks>,
    /// What the chart shows, for readers who do not see it.
    #[prop(into)]
    description: String,
) -> impl IntoView {
    let place = NodeRef::<Div>::new();
    let canvas = Canvas::default();
    let height_px = chart.height_px;
    let chart = Rc::new(chart);
    // What is not drawn follows nothing: of hundreds of charts a few are.
    let is_waiting = RwSignal::new(true);
    {
        let canvas = canvas.clone();
        place.on_load(move |element| {
            let element: web_sys::Element = element.unchecked_into();
            let target = element.clone();
            let shown = Shown { view, marks };
            let turn = Closure::<dyn Fn(bool)>::new(move |is_in_view: bool| {
                if !is_in_view {
                    canvas.let_go();
                    let _ = is_waiting.try_set(true);
                    return;
                }
                canvas.is_wanted.set(true);
                let (target, chart, canvas) = (target.clone(), Rc::clone(&chart), canvas.clone());
                spawn_local(async move {
                    appear(&target, &chart, &canvas, shown).await;
                    let _ = is_waiting.try_set(false);
                });
            });
            while_in_view(&element, &turn.into_js_value());
            on_cleanup_local(move || forget(&element));
        });
    }
    {
        let canvas = canvas.clone();
        Effect::new(move |_| {
            if is_waiting.get() {
                return;
            }
            let (first, last) = view.get();
            if let Some(drawn) = canvas.drawn.borrow().as_ref() {
                show(drawn, first, last);
            }
        });
    }
    {
        let canvas = canvas.clone();
        Effect::new(move |_| {
            if is_waiting.get() {
                return;
            }
            let marks = marks.get();
            if let Some(drawn) = canvas.drawn.borrow().as_ref() {
                mark(drawn, &marks.to_js());
            }
        });
    }
    on_cleanup_local(move || {
        canvas.let_go();
    });
    view! {
        <div
            class="chart-canvas"
            class:waiting=move || is_waiting.get()
            style:height=format!("{}px", numbers::fixed(height_px, 0))
            node_ref=place
            role="img"
            aria-label=description
        ></div>
    }
}

/// Calls back whenever an element comes into view, until what it is part of is gone.
pub(crate) fn while_seen(element: &web_sys::Element, seen: impl Fn() + 'static) {
    let turn = Closure::<dyn Fn(bool)>::new(move |is_in_view: bool| {
        if is_in_view {
            seen();
        }
    });
    while_in_view(element, &turn.into_js_value());
    let element = element.clone();
    on_cleanup_local(move || forget(&element));
}

/// Cleans up with things that live on the one thread of a browser's page.
fn on_cleanup_local(clean_up: impl FnOnce() + 'static) {
    let clean_up = send_wrapper::SendWrapper::new(clean_up);
    on_cleanup(move || clean_up.take()());
}

/// What changes while a chart is on the page.
#[derive(Clone, Copy)]
struct Shown {
    view: Signal<(f64, f64)>,
    marks: Memo<Marks>,
}

async fn appear(element: &web_sys::Element, chart: &Chart, canvas: &Canvas, shown: Shown) {
    let columns = js_sys::Array::new();
    let mut styles = Vec::new();
    for (style, column) in (chart.columns)() {
        columns.push(&js_sys::Float64Array::from(column.as_slice()));
        styles.push(style);
    }
    let gestures = gestures(chart);
    let drawing = draw(element, chart.height_px, &columns, &styles, &gestures);
    let Ok(drawn) = drawing.await else {
        element.set_text_content(Some(
            "The chart library could not be loaded: reload the page. The table below has the values.",
        ));
        return;
    };
    if !canvas.is_wanted.get() || canvas.drawn.borrow().is_some() {
        remove(&drawn);
        return;
    }
    if let Some((first, last)) = shown.view.try_get_untracked() {
        show(&drawn, first, last);
    }
    if let Some(marks) = shown.marks.try_get_untracked() {
        mark(&drawn, &marks.to_js());
    }
    canvas.drawn.replace(Some(drawn));
}

/// The callbacks of a chart as an object of JavaScript.
fn gestures(chart: &Chart) -> js_sys::Object {
    let object = js_sys::Object::new();
    let callbacks: [(&str, JsValue); 5] = [
        (
            "label",
            callback_1({
                let label = Rc::clone(&chart.label);
                move |place: f64| {
                    if place < 0.0 {
                        String::new()
                    } else {
                        label(place as usize)
                    }
                }
            }),
        ),
        ("amount", {
            let amount = Rc::clone(&chart.amount);
            Closure::<dyn Fn(f64, f64) -> String>::new(move |value, step| amount(value, step))
                .into_js_value()
        }),
        (
            "hover",
            callback_1({
                let hover = Rc::clone(&chart.hover);
                move |place: f64| {
                    hover((place >= 0.0).then_some(place as usize));
                    String::new()
                }
            }),
        ),
        (
            "pick",
            callback_1({
                let pick = Rc::clone(&chart.pick);
                move |place: f64| {
                    pick(place as usize);
                    String::new()
                }
            }),
        ),
        ("zoom", {
            let zoom = Rc::clone(&chart.zoom);
            Closure::<dyn Fn(f64, f64)>::new(move |first: f64, last: f64| {
                zoom((last >= 0.0).then_some((first.max(0.0) as usize, last as usize)));
            })
            .into_js_value()
        }),
    ];
    for (name, callback) in callbacks {
        // Setting a property of a plain object cannot fail.
        let _ = js_sys::Reflect::set(&object, &JsValue::from_str(name), &callback);
    }
    object
}

fn callback_1(callback: impl Fn(f64) -> String + 'static) -> JsValue {
    Closure::<dyn Fn(f64) -> String>::new(callback).into_js_value()
}
