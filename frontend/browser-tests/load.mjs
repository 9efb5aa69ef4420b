// All charts of one configuration, for the benchmark: how soon they were all drawn, what a frame takes
// while zooming, and what the tab holds in memory.

import { graphsAddress } from "./addresses.mjs";
import { open, withPage } from "./browser.mjs";

const CARD = "article.chart-card";

/** Scrolls through the page until every chart was drawn once; returns the milliseconds since it opened. */
async function drawAll(page) {
  return page.evaluate(async (selector) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    for (;;) {
      const more = scrollY + innerHeight < document.documentElement.scrollHeight - 2;
      const inView = [...document.querySelectorAll(selector)].filter((card) => {
        const { top, bottom } = card.getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
      });
      if (inView.every((card) => card.querySelector("canvas"))) {
        if (!more) return { all_charts_ms: performance.now(), charts: document.querySelectorAll(selector).length };
        scrollBy(0, innerHeight);
      }
      await frame();
    }
  }, CARD);
}

// After a key, frames are watched for this many of them: by then all that it moves is drawn.
const FRAMES_OF_A_STEP = 20;

/**
 * How long a reader waits for a step of a zoom: the longest time between two frames after each key, the
 * middle of all keys and the longest. Most frames are idle, so that the middle of all frames says nothing.
 */
async function zoomFrames(page) {
  const longest = [];
  for (const key of "+++hhll---+++hhll---") {
    const watched = page.evaluate((frames) => new Promise((done) => {
      let [before, most, left] = [performance.now(), 0, frames];
      const tick = (now) => {
        most = Math.max(most, now - before);
        before = now;
        left -= 1;
        if (left > 0) requestAnimationFrame(tick);
        else done(most);
      };
      requestAnimationFrame(tick);
    }), FRAMES_OF_A_STEP);
    await page.keyboard.press(key);
    longest.push(await watched);
  }
  longest.sort((a, b) => a - b);
  return { zoom_frame_ms: longest[Math.floor(longest.length / 2)], zoom_frame_worst_ms: longest.at(-1) };
}

export async function load(address) {
  const path = address ?? await graphsAddress();
  await withPage({}, async (page) => {
    await page.addInitScript(() => addEventListener("TrunkApplicationStarted", (event) => {
      globalThis.pageWasm = event.detail?.wasm;
    }));
    await open(page, `${path}&range=all`);
    await page.waitForSelector(`${CARD} canvas`);
    const first = await page.evaluate(() => performance.getEntriesByName("first-chart")[0].duration);
    const all = await drawAll(page);
    const frames = await zoomFrames(page);
    const session = await page.context().newCDPSession(page);
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    // The memory of WebAssembly is no part of the heap of scripts.
    const wasm = await page.evaluate(() => globalThis.pageWasm?.memory.buffer.byteLength ?? 0);
    console.log(JSON.stringify({ first_chart_ms: first, ...all, ...frames, heap_bytes: usedSize, wasm_bytes: wasm }));
  });
}
