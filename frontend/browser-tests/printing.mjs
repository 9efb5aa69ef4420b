// The page on paper.

import { comparisonAddress, graphsAddress } from "./addresses.mjs";
import { api, check, eventually, open, withPage } from "./browser.mjs";
import { everyPage } from "./views.mjs";

/** A sheet of A4 within its margins, in CSS pixels. */
const SHEET = { width: 703, height: 1030 };

const MARGIN = "12mm";

/** Shows the page as it is printed, whatever the theme is. */
export async function showPaper(page, colorScheme) {
  await page.setViewportSize(SHEET);
  await page.emulateMedia({ media: "print", colorScheme });
  const height = await page.evaluate(() => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(document.documentElement.scrollHeight)))));
  await page.setViewportSize({ ...SHEET, height: Math.min(Math.max(height, SHEET.height), 2400) });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** Sheets of a printed document. */
const sheets = (pdf) => (pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g) ?? []).length;

/** Every page is printed as ink on white, with nothing to press on it, in either theme. */
export async function printing() {
  const pages = await everyPage();
  await withPage({ allowedStatus: [404] }, async (page) => {
    for (const { name, address } of pages) {
      await open(page, address);
      await showPaper(page, "dark");
      const wrong = await page.evaluate(notForPaper);
      check(wrong.length === 0, `ink on white and nothing to press on ${name}, got ${wrong.slice(0, 5).join("; ")}`);
      await page.emulateMedia({ media: "screen", colorScheme: "light" });
    }
  });
  console.log(`${pages.length} pages on paper`);
}

/**
 * What is on the printed page and should not be: what is dark, pale, or to be pressed. Two kinds of buttons are words
 * as well: heads of columns, and under which configuration an answer is. Runs in the page.
 */
function notForPaper() {
  const wrong = [];
  const isSeen = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return element.checkVisibility() && width > 1 && height > 1;
  };
  const lightness = (color) => {
    const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
    return alpha === 0 ? null : (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
  };
  const nameOf = (element) => `${element.tagName.toLowerCase()}.${element.className} "${element.textContent.slice(0, 40)}"`;
  for (const element of document.querySelectorAll("body, body *")) {
    if (!isSeen(element)) continue;
    if (element.matches("button:not(.sort, .answer-choice), input, select, textarea, nav, .site-header, dialog")) {
      wrong.push(`to press: ${nameOf(element)}`);
    }
    const style = getComputedStyle(element);
    const ground = lightness(style.backgroundColor);
    if (ground !== null && ground < 0.85) wrong.push(`dark ground: ${nameOf(element)}`);
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (hasText && lightness(style.color) > 0.45) wrong.push(`pale ink: ${nameOf(element)} ${style.color}`);
  }
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) wrong.push(`wider than the sheet: ${scrollWidth} of ${innerWidth} px`);
  return wrong;
}

/** A printed comparison has its verdict and every row; afterwards only the rows in view are there again. */
export async function printedComparison(address) {
  const path = address ?? await comparisonAddress();
  await withPage({}, async (page) => {
    await open(page, path);
    const row = "table.rows tbody tr[data-row]";
    await page.waitForSelector(row);
    const before = await page.locator(row).count();
    const asked = new URL(page.url()).searchParams;
    const sides = ["base", "head"].map((side) => encodeURIComponent(asked.get(side))).join("..");
    const { test_cases } = await api(`comparisons/${sides}?configuration=${asked.get("configuration")}`);
    await page.evaluate((row) => {
      globalThis.mostRows = 0;
      new MutationObserver(() => {
        globalThis.mostRows = Math.max(globalThis.mostRows, document.querySelectorAll(row).length);
      }).observe(document.body, { childList: true, subtree: true });
    }, row);
    const pdf = await page.pdf({ format: "A4", margin: { top: MARGIN, right: MARGIN, bottom: MARGIN, left: MARGIN } });
    const most = await page.evaluate(() => globalThis.mostRows);
    const wanted = Math.min(test_cases.length, PRINTED_ROWS_MAX);
    check(Math.max(most, before) === wanted, `${wanted} printed rows, got ${most}`);
    // Some fifty rows fit on a sheet.
    check(sheets(pdf) >= wanted / 60, `sheets for ${wanted} rows, got ${sheets(pdf)}`);
    await page.waitForFunction(([row, before]) => document.querySelectorAll(row).length <= before, [row, before]);

    await showPaper(page, "dark");
    const text = await page.locator("main").innerText();
    const headline = await page.locator("[data-testid^=headline-]").first().innerText();
    check(headline.length > 10 && text.includes(headline), `the verdict, got ${headline}`);
    const names = await page.locator(`${row} th`).allInnerTexts();
    check(names.length === wanted, `${wanted} rows on paper, got ${names.length}`);
    const says = /not printed/.test(text);
    check(says === test_cases.length > wanted, `words for rows that are left out if there are any, got ${says}`);
    console.log(`${wanted} of ${test_cases.length} rows on ${sheets(pdf)} sheets`);
  });
}

/** Charts that are out of view are printed as well, in light colours, and let go afterwards. */
export async function printedGraphs(address) {
  const path = address ?? await graphsAddress();
  await withPage({ colorScheme: "dark" }, async (page) => {
    await open(page, path);
    await page.waitForSelector("article.chart-card canvas");
    const cards = await page.locator("article.chart-card").count();
    const drawn = () => page.locator("article.chart-card canvas").count();
    const before = await drawn();
    await showPaper(page, "dark");
    const wanted = Math.min(cards, PRINTED_CHARTS_MAX);
    await eventually(`${wanted} charts on paper`, async () => await drawn() >= wanted);
    check(await page.locator("article.chart-card:visible").count() === wanted, `${wanted} charts on paper and no more`);
    check(await page.getByTestId("left-out").isVisible() === cards > wanted, "words for charts that are left out if there are any");
    await eventually("a grid as pale as on white", () => page.locator("article.chart-card canvas").first().evaluate((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] === 255 && Math.min(data[at], data[at + 1], data[at + 2]) > 215) return true;
      }
      return false;
    }));
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.emulateMedia({ media: "screen", colorScheme: "dark" });
    await eventually("the charts out of view to be let go", async () => await drawn() < wanted || before >= wanted);
    console.log(`${wanted} of ${cards} charts on paper, ${before} on the screen`);
  });
}

/** Charts that are printed, as in `chart.js`. */
const PRINTED_CHARTS_MAX = 60;

/** Rows that are printed, as in `row_table/window.rs`. */
const PRINTED_ROWS_MAX = 1000;
