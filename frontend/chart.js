// The only JavaScript of the page: it hands columns to uPlot and hands gestures back.

let library;

/** Loads uPlot when the first chart needs it. */
function load() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = "/uplot-1.6.32/uPlot.iife.min.js";
    script.onload = () => resolve(globalThis.uPlot);
    script.onerror = () => reject(new Error("the chart library could not be loaded"));
    document.head.append(script);
  });
  return library;
}

// Asking the browser for a colour makes it work out all styles: once for each theme is enough.
const colors = new Map();
const color = (name) => () => {
  if (!colors.has(name)) {
    colors.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  }
  return colors.get(name);
};

const charts = new Set();
// Colours are read when a chart is drawn.
const recolor = () => {
  colors.clear();
  charts.forEach((chart) => chart.redraw(false));
};
addEventListener("perfleet-theme", recolor);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolor);

const views = new Map();
const seen = new WeakSet();
let isPrinting = false;
const observer = globalThis.IntersectionObserver && new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) seen.add(target);
    else seen.delete(target);
    // What is printed stays, however far it is out of view.
    if (isIntersecting || !isPrinting) views.get(target)?.(isIntersecting);
  }
}, { rootMargin: "300px" });

/** Charts that are printed, as in the style sheet and in `graphs.rs`. */
const PRINTED_MAX = 60;

/** Calls back for the charts out of view, of which the first are drawn as long as the page is printed. */
const printed = (isPrinted) => () => {
  isPrinting = isPrinted;
  const charts = [...views].filter(([element]) => element.classList.contains("chart-canvas"));
  for (const [element, callback] of isPrinted ? charts.slice(0, PRINTED_MAX) : charts) {
    if (!seen.has(element)) callback(isPrinted);
  }
};
addEventListener("beforeprint", printed(true));
addEventListener("afterprint", printed(false));

/** Calls back with `true` when `element` comes into view and with `false` when it is far out of it. */
export function whileInView(element, callback) {
  views.set(element, callback);
  observer.observe(element);
}

/** Calls back no more. */
export function forget(element) {
  observer.unobserve(element);
  views.delete(element);
}

const numbers = (column) => Array.from(column, (value) => (Number.isNaN(value) ? null : value));

/** More points than this are drawn as a line alone, with dots only where a point has no neighbour. */
const DOTTED_MAX = 80;

/** The lines of an overlay differ in dash as well as in colour. */
const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 4], [12, 4]];

/** The places of points that no line leads to or from. */
function alone(column, first, last, cuts) {
  const isLinked = (place) => column[place - 1] != null && column[place] != null && !cuts.includes(place);
  const places = [];
  for (let place = first; place <= last; place += 1) {
    if (column[place] != null && !isLinked(place) && !isLinked(place + 1)) places.push(place);
  }
  return places.length > 0 ? places : null;
}

/** The stretches, in pixels, in which no line is drawn: where nothing was measured, and the cuts. */
function gapsWithCuts(chart, gaps, cuts) {
  if (cuts.length === 0) return gaps;
  const at = (place) => chart.valToPos(place, "x", true);
  const all = [...gaps, ...cuts.map((place) => [at(place - 1), at(place)])].sort((a, b) => a[0] - b[0]);
  // What uPlot is told must neither overlap nor lie within another.
  return all.reduce((merged, [from, to]) => {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
    return merged;
  }, []);
}

function line(style, places, marks) {
  const stroke = color(style === 0 ? "--chart-line" : `--chart-line-${style}`);
  return {
    stroke, width: style === 0 ? 1.25 : 1.5, spanGaps: false, dash: DASHES[style] ?? [],
    gaps: (chart, _, first, last, gaps) => gapsWithCuts(chart, gaps, marks[CUTS]),
    points: {
      show: places <= DOTTED_MAX, size: 4, stroke, fill: stroke,
      filter: (chart, index, shown) =>
        (shown ? null : alone(chart.data[index], ...chart.series[0].idxs, marks[CUTS])),
    },
  };
}

function axes(gestures) {
  const axis = (more) => ({
    stroke: color("--chart-text"), font: "11px system-ui, sans-serif",
    grid: { stroke: color("--chart-grid"), width: 1 },
    ticks: { stroke: color("--chart-grid"), width: 1, size: 4 }, ...more,
  });
  return [
    axis({ size: 26, space: 70, values: (_, ticks) =>
      ticks.map((tick) => (Number.isInteger(tick) ? gestures.label(tick) : "")) }),
    axis({ size: 70, space: 26, values: (_, ticks, axisIndex, space, step) =>
      ticks.map((tick) => gestures.amount(tick, step)) }),
  ];
}

/** What a chart tells back: what is pointed at, which stretch is wanted, which place is chosen. */
function hooks(gestures, marks) {
  let pressedAt = null;
  return {
    drawClear: [(chart) => drawShades(chart, marks[SHADES])],
    draw: [(chart) => drawMarks(chart, marks)],
    setCursor: [(chart) => gestures.hover(chart.cursor.left < 0 ? -1 : chart.cursor.idx ?? -1)],
    setSelect: [(chart) => {
      if (chart.select.width < 6) return;
      const at = (left) => Math.round(chart.posToVal(left, "x"));
      gestures.zoom(at(chart.select.left), at(chart.select.left + chart.select.width));
      chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    }],
    ready: [(chart) => {
      chart.over.addEventListener("mousedown", (event) => { pressedAt = event.clientX; });
      chart.over.addEventListener("mouseup", (event) => {
        const moved = Math.abs(event.clientX - (pressedAt ?? Infinity));
        if (moved < 4 && event.button === 0 && chart.cursor.idx != null) gestures.pick(chart.cursor.idx);
      });
    }],
  };
}

/** A chart that is narrower has no room for a label below its very end. */
const NARROW_PX = 500;

/** Half of a label of the horizontal axis: one below the very end would be cut off without that room. */
const HALF_LABEL_PX = 36;

/**
 * Draws lines over the places 0, 1, 2, … of a stretch of history, each in the style of its number.
 * `gestures` has `label(place)`, `amount(value)`, `hover(place)`, `pick(place)`, `zoom(first, last)`.
 */
export async function draw(element, height, columns, styles, gestures) {
  // The page's memory, of which this is a view, may move while the library loads.
  const lines = Array.from(styles);
  const uPlot = await load();
  if (!element.isConnected) return null;
  const places = columns[0]?.length ?? 0;
  const marks = [...MARKS.map(() => []), [], []];
  const options = {
    width: Math.max(element.clientWidth, 120), height,
    padding: [6, element.clientWidth < NARROW_PX ? 10 : HALF_LABEL_PX, 0, 0],
    legend: { show: false },
    scales: { x: { time: false }, y: { range: (_, low, high) => span(low, high) } },
    cursor: {
      sync: { key: "graphs", setSeries: false },
      drag: { x: true, y: false, dist: 6, setScale: false },
      bind: { dblclick: () => () => { gestures.zoom(-1, -1); return null; } },
      points: { size: 6 },
    },
    axes: axes(gestures),
    series: [{}, ...lines.map((style) => line(style, places, marks))],
    hooks: hooks(gestures, marks),
  };
  const data = [Array.from({ length: places }, (_, place) => place), ...columns.map(numbers)];
  const chart = new uPlot(options, data, element);
  charts.add(chart);
  const resizer = new ResizeObserver(() => {
    const width = element.clientWidth;
    if (width > 0 && Math.abs(width - chart.width) > 1) chart.setSize({ width, height });
  });
  resizer.observe(element);
  if (performance.getEntriesByName("first-chart").length === 0) {
    performance.measure("first-chart", { start: 0, end: performance.now() });
  }
  return { chart, resizer, marks };
}

/** How marks are drawn, in the order in which they come: where a level changes, where another host took
 *  over or one was set up differently, where a host was disturbed, releases, and what is pinned. */
const MARKS = [
  { name: "--chart-change", dash: [], width: 1 },
  { name: "--chart-host", dash: [4, 4], width: 1 },
  { name: "--chart-host", dash: [1, 3], width: 1 },
  { name: "--chart-release", dash: [8, 3, 1, 3], width: 1 },
  { name: "--chart-pin", dash: [], width: 2 },
];

/** Behind the kinds of lines: what is shaded, the two ends of each, and the places before which lines are cut. */
const SHADES = MARKS.length;
const CUTS = SHADES + 1;

/** Shades what was retracted, with the word upright in it. */
function drawShades(chart, ends) {
  const { ctx, bbox } = chart;
  ctx.save();
  for (let index = 0; index + 1 < ends.length; index += 2) {
    const at = (place) => Math.min(Math.max(chart.valToPos(place, "x", true), bbox.left), bbox.left + bbox.width);
    const [left, right] = [at(ends[index]), at(ends[index + 1])];
    if (right <= left) continue;
    ctx.fillStyle = color("--chart-retracted")();
    ctx.fillRect(left, bbox.top, Math.max(right - left, 2), bbox.height);
    ctx.save();
    ctx.translate((left + right) / 2, bbox.top + 4 * devicePixelRatio);
    ctx.rotate(Math.PI / 2);
    ctx.font = `${10 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textBaseline = "middle";
    ctx.fillStyle = color("--chart-text")();
    ctx.fillText("retracted", 0, 0);
    ctx.restore();
  }
  ctx.restore();
}

function drawMarks(chart, marks) {
  const { ctx, bbox } = chart;
  ctx.save();
  for (const [kind, { name, dash, width }] of MARKS.entries()) {
    ctx.strokeStyle = color(name)();
    ctx.lineWidth = width * devicePixelRatio;
    ctx.setLineDash(dash);
    for (const place of marks[kind]) {
      const x = Math.round(chart.valToPos(place, "x", true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
  }
  ctx.restore();
}

/** Marks places: a list for each kind. */
export function mark(drawn, kinds) {
  if (!drawn) return;
  const cuts = drawn.marks[CUTS].join();
  for (const [kind, places] of kinds.entries()) drawn.marks[kind] = Array.from(places);
  // Lines are kept from one drawing to the next, unless they are cut elsewhere.
  drawn.chart.redraw(drawn.marks[CUTS].join() !== cuts);
}

/** A little air above and below, and a flat line in the middle. */
function span(low, high) {
  if (low == null || high == null) return [0, 1];
  const air = Math.max((high - low) * 0.12, Math.abs(high) * 1e-4, Number.MIN_VALUE);
  return [low - air, high + air];
}

/** Shows the places from `first` to `last`. */
export function show(drawn, first, last) {
  drawn?.chart.setScale("x", { min: first, max: last });
}

/** Takes a chart away. */
export function remove(drawn) {
  if (!drawn) return;
  charts.delete(drawn.chart);
  drawn.resizer.disconnect();
  drawn.chart.destroy();
}
