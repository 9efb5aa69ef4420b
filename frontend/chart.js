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

const color = (name) => () => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const charts = new Set();
// Colours are read when a chart is drawn.
addEventListener("perfleet-theme", () => charts.forEach((chart) => chart.redraw(false)));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
  charts.forEach((chart) => chart.redraw(false)));

const views = new Map();
const observer = globalThis.IntersectionObserver && new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) {
      const callback = views.get(entry.target);
      forget(entry.target);
      callback?.();
    }
  }
}, { rootMargin: "200px" });

/** Calls back once, when `element` comes into view. */
export function whenInView(element, callback) {
  views.set(element, callback);
  observer.observe(element);
}

/** Calls back no more. */
export function forget(element) {
  observer.unobserve(element);
  views.delete(element);
}

const numbers = (column) => Array.from(column, (value) => (Number.isNaN(value) ? null : value));

/**
 * Draws lines over the places 0, 1, 2, … of a stretch of history.
 * `gestures` has `label(place)`, `amount(value)`, `hover(place)`, `pick(place)`, `zoom(first, last)`.
 */
export async function draw(element, height, columns, gestures) {
  const uPlot = await load();
  if (!element.isConnected) return null;
  const places = columns[0].length;
  let pressedAt = null;
  const marks = { changes: [], hosts: [], disturbed: [] };
  const axis = (more) => ({
    stroke: color("--chart-text"), font: "11px system-ui, sans-serif",
    grid: { stroke: color("--chart-grid"), width: 1 },
    ticks: { stroke: color("--chart-grid"), width: 1, size: 4 }, ...more,
  });
  const options = {
    width: Math.max(element.clientWidth, 120), height,
    padding: [6, 10, 0, 0],
    legend: { show: false },
    scales: { x: { time: false }, y: { range: (_, low, high) => span(low, high) } },
    cursor: {
      sync: { key: "graphs", setSeries: false },
      drag: { x: true, y: false, dist: 6 },
      bind: { dblclick: () => () => { gestures.zoom(-1, -1); return null; } },
      points: { size: 6 },
    },
    axes: [
      axis({ size: 26, space: 70, values: (_, ticks) =>
        ticks.map((tick) => (Number.isInteger(tick) ? gestures.label(tick) : "")) }),
      axis({ size: 70, space: 26, values: (_, ticks, axisIndex, space, step) =>
        ticks.map((tick) => gestures.amount(tick, step)) }),
    ],
    series: [{}, ...columns.map(() => ({
      stroke: color("--chart-line"), width: 1.25, spanGaps: false,
      points: { show: places <= 80, size: 4, stroke: color("--chart-line"), fill: color("--chart-line") },
    }))],
    hooks: {
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
    },
  };
  options.cursor.drag.setScale = false;
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

/** Upright lines: solid where a level changes, dashed where another host took over or one was set
 *  up differently, dotted where a host was disturbed. */
function drawMarks(chart, { changes, hosts, disturbed }) {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  for (const [places, name, dash] of [
    [changes, "--chart-change", []], [hosts, "--chart-host", [4, 4]], [disturbed, "--chart-host", [1, 3]],
  ]) {
    ctx.strokeStyle = color(name)();
    ctx.setLineDash(dash);
    for (const place of places) {
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

/** Marks places. */
export function mark(drawn, changes, hosts, disturbed) {
  if (!drawn) return;
  Object.assign(drawn.marks, {
    changes: Array.from(changes), hosts: Array.from(hosts), disturbed: Array.from(disturbed),
  });
  drawn.chart.redraw(false);
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
