// Pictures of every view in every state, in both themes, at two widths and on paper.

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { api, check, open, settled, withContext } from "./browser.mjs";
import { look } from "./png.mjs";
import { showPaper } from "./printing.mjs";
import { inState, STATES } from "./states.mjs";
import { emptyViews, everyPage, everyView } from "./views.mjs";

const THEMES = ["light", "dark"];
const SIZES = { wide: { width: 1280, height: 900 }, narrow: { width: 375, height: 740 } };

/** No picture is higher than this: what is below of a long page is like what is above. */
const HIGHEST_PX = 1800;

/** A sheet is white but for the ink: the mean of its lightness, from 0 to 1. */
const PAPER_LIGHTNESS = 0.8;

/** Browsers at the same time. */
const AT_ONCE = 2;

/** Writes `FOLDER/STATE/VIEW-THEME-SIZE.png` of every view, and `FOLDER/STATE-print/VIEW.png`. */
export async function screenshots(folder) {
  check(folder, "a folder as argument");
  const { items } = await api("configurations?limit=1");
  const wrong = [];
  if (items.length === 0) {
    wrong.push(...await takeAll(folder, "empty", emptyViews(), showLoaded));
  } else {
    wrong.push(...await takeAll(folder, "full", await everyView(), showLoaded));
    // What is opened on a page looks no different while the page has nothing to open it on.
    const pages = (await everyPage()).filter(({ name }) => !/-(values|measured|done)$/.test(name));
    for (const state of Object.keys(STATES)) {
      wrong.push(...await takeAll(folder, state, pages, (page, view) => inState(page, state, view)));
    }
  }
  check(wrong.length === 0, wrong.join("\nand "));
}

async function showLoaded(page, { address, open: unfold }) {
  await open(page, address);
  await unfold?.(page);
  await page.waitForLoadState("networkidle");
  await settled(page);
}

/** What differs from another view by what can be pressed alone is the same on paper. */
const isOnPaper = ({ onPaper }) => onPaper !== false;

/** Takes the pictures of one state, and returns what is wrong with them. */
async function takeAll(folder, state, views, show) {
  const isPrinted = show === showLoaded;
  const album = new Album(folder, isPrinted ? [state, `${state}-print`] : [state]);
  // Refused and missing answers are what these states are about.
  const options = { reducedMotion: "reduce", allowedStatus: [400, 401, 404, 422, 503] };
  const waiting = [...views];
  // A browser for each page: two pages that change their sizes in one browser mix up their pictures.
  const work = () => withContext(options, async (newPage) => {
    // A browser ends with its last page: this one stays.
    await newPage();
    for (let view = waiting.shift(); view; view = waiting.shift()) {
      const page = await newPage();
      await page.setViewportSize(SIZES.wide);
      await show(page, view).catch((error) => { throw new Error(`${view.name}, ${state}: ${error.message}`); });
      await photograph(page, (name, png) => album.keep(`${state}/${view.name}-${name}`, png));
      if (isPrinted && isOnPaper(view)) {
        await showPaper(page, "dark");
        album.keepPaper(`${state}-print/${view.name}`, await page.screenshot({ animations: "disabled" }));
      }
      await page.unrouteAll({ behavior: "ignoreErrors" });
      await page.close();
    }
  });
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  console.log(`${state}: ${views.length * THEMES.length * Object.keys(SIZES).length} pictures of ${views.length} views`);
  const printed = isPrinted ? views.filter(isOnPaper).length : 0;
  if (isPrinted) console.log(`${state}-print: ${printed} pictures of ${printed} views`);
  const wanted = views.length * THEMES.length * Object.keys(SIZES).length + printed;
  check(album.pictures === wanted, `${wanted} pictures of ${state}, got ${album.pictures}`);
  return album.wrong;
}

/** Where pictures are kept, and what is wrong with those that are. */
class Album {
  pictures = 0;
  wrong = [];
  #labels = new Map();

  constructor(folder, places) {
    this.folder = folder;
    for (const place of places) mkdirSync(join(folder, place), { recursive: true });
  }

  keep(label, png) {
    writeFileSync(join(this.folder, `${label}.png`), png);
    this.pictures += 1;
    const { colors, lightness } = look(png);
    if (colors < 4) this.wrong.push(`more than a blank in ${label}, got ${colors} colours`);
    const digest = createHash("sha256").update(png).digest("hex");
    const twin = this.#labels.get(digest);
    if (twin) this.wrong.push(`no picture like another, got ${label} like ${twin}`);
    this.#labels.set(digest, label);
    return lightness;
  }

  keepPaper(label, png) {
    const lightness = this.keep(label, png);
    if (lightness < PAPER_LIGHTNESS) this.wrong.push(`ink on white in ${label}, got a lightness of ${lightness}`);
  }
}

/** The page is loaded once: a theme and a width that change while it is open must do as well. */
async function photograph(page, keep) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ media: "screen", colorScheme });
      await page.setViewportSize(viewport);
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewportSize({ ...viewport, height: Math.min(Math.max(height, viewport.height), HIGHEST_PX) });
      await drawn(page);
      keep(`${colorScheme}-${size}`, await page.screenshot({ animations: "disabled" }));
    }
  }
}

/** Waits until every chart in view is drawn at its size. */
async function drawn(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.waitForFunction(() => [...document.querySelectorAll(".chart-canvas.waiting")].every((chart) => {
    const { top, bottom } = chart.getBoundingClientRect();
    return bottom < 0 || top > innerHeight || !chart.checkVisibility();
  }));
}
