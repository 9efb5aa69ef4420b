// The compare page.

import { comparisonAddress } from "./addresses.mjs";
import { api, check, eventually, open, settled, withPage } from "./browser.mjs";

const ROWS = "[data-testid=rows] tbody tr[data-row]";

const rowCount = (page) => page.getByTestId("row-count").innerText();
const names = (page) => page.locator(`${ROWS} th a`).allInnerTexts();

/** Reads the headline of each configuration, as a reader would. */
export async function headlines(address) {
  return withPage({}, async (page) => {
    await open(page, address ?? await comparisonAddress());
    await page.waitForSelector("[data-testid^=headline-]");
    await settled(page);
    const texts = await page.locator("[data-testid^=headline-]").evaluateAll((elements) =>
      elements.map((element) => [
        element.dataset.testid.slice("headline-".length),
        element.innerText.replace(/\s+/g, " ").trim(),
      ]));
    check(texts.length > 0, "a headline for at least one configuration");
    for (const [configuration, text] of texts) {
      check(text.split(" ").length >= 4, `a sentence for ${configuration}, got: ${text}`);
      console.log(`${configuration}: ${text}`);
    }
    return Object.fromEntries(texts);
  });
}

/** Filters change the rows and the address; reload keeps them; back undoes them. */
export async function filters(address) {
  await withPage({}, async (page) => {
    await open(page, address ?? await comparisonAddress());
    await page.waitForSelector(ROWS);
    const all = await rowCount(page);
    const first = (await names(page))[0];
    const before = page.url();

    await page.getByTestId("direction").selectOption("better");
    await eventually("the direction in the address", () => page.url().includes("direction=better"));
    await page.getByTestId("filter-name").fill(first);
    await eventually("the name in the address", () => page.url().includes("test="));
    await eventually("fewer rows", async () => (await rowCount(page)) !== all);
    const few = await rowCount(page);
    console.log(`all: ${all}; better and named ${first}: ${few}`);

    const filtered = page.url();
    await page.reload();
    await settled(page);
    await eventually("the same rows after a reload", async () => (await rowCount(page)) === few);
    check(page.url() === filtered, "the same address after a reload");
    check(await page.getByTestId("filter-name").inputValue() === first, "the name in its field after a reload");
    check(await page.getByTestId("direction").inputValue() === "better", "the direction in its field after a reload");

    await page.goBack();
    await eventually("the address before the filters", () => page.url() === before);
    await eventually("all rows after going back", async () => (await rowCount(page)) === all);
    console.log("reload keeps the filters, back takes them away");
  });
}

/** A click on a column's head sorts by it, a second turns the order round. */
export async function sort(address) {
  await withPage({}, async (page) => {
    await open(page, address ?? await comparisonAddress());
    await page.waitForSelector(ROWS);
    await page.getByTestId("sort-name").click();
    await eventually("the column in the address", () => page.url().includes("sort=name"));
    const ascending = await names(page);
    check(ascending.every((name, place) => place === 0 || ascending[place - 1] <= name), `names in order, got ${ascending}`);
    await page.getByTestId("sort-name").click();
    await eventually("the order in the address", () => page.url().includes("sort=name-reversed"));
    const descending = await names(page);
    check(descending[0] >= descending.at(-1), `names in reverse order, got ${descending}`);
    check(await page.locator("th.name[aria-sort=descending]").count() === 1, "the order told to screen readers");
    console.log(`${ascending[0]} first, then ${descending[0]} first`);
  });
}

/** A verdict and each row can be asked why, and the question is part of the address. */
export async function why(address) {
  await withPage({}, async (page) => {
    await open(page, address ?? await comparisonAddress());
    await page.waitForSelector(ROWS);
    const panel = page.getByTestId("why");
    check(await panel.locator("h3").count() === 0, "no reasons before somebody asks");
    await page.getByTestId("why-button").click();
    await eventually("the verdict in the address", () => page.url().includes("why=verdict"));
    await eventually("the reasons of the verdict", async () => /verdict: /.test(await panel.innerText()));

    const first = (await names(page))[0];
    await page.locator(`${ROWS} .relevance .why-row`).first().click();
    await eventually("the test case in the address", () =>
      new URL(page.url()).searchParams.get("why") === `case:${first}`);
    await eventually(`how ${first} was computed`, async () =>
      (await panel.locator("h3").first().innerText()) === first);
    const steps = await panel.locator(".steps tbody tr").count();
    check(steps > 3, `the steps of ${first}, got ${steps}`);
    const shown = await panel.innerText();

    await page.reload();
    await eventually("the same reasons after a reload", async () => (await panel.innerText()) === shown);
    await page.getByTestId("why-button").click();
    await eventually("no reasons once they are closed", async () => await panel.locator("h3").count() === 0);
    console.log(`${first}: ${steps} steps`);
  });
}

/** The bars of the intervals lie on the side that the numbers beside them say. */
export async function intervals(address) {
  await withPage({}, async (page) => {
    await open(page, address ?? await comparisonAddress());
    await page.waitForSelector(ROWS);
    const rows = await page.locator(ROWS).evaluateAll((rows) => rows.map((row) => ({
      change: Number.parseFloat(row.querySelector(".change").innerText.replace(/[^\d.+\u2212-]/g, "").replace("\u2212", "-")),
      zero: Number(row.querySelector(".zero").getAttribute("x1")),
      middle: Number(row.querySelector(".middle")?.getAttribute("x")) + 1,
    })));
    const drawn = rows.filter((row) => Number.isFinite(row.change) && Number.isFinite(row.middle));
    check(drawn.length > 0, "at least one bar");
    for (const { change, zero, middle } of drawn) {
      const right = change >= 0 ? middle >= zero - 0.2 : middle <= zero + 0.2;
      check(right, `a change of ${change} % on its side, drawn at ${middle} of ${2 * zero}`);
    }
    console.log(`${drawn.length} bars on their side`);
  });
}

/** A long table has few rows in the page, all of which come by scrolling. */
export async function longTable(address) {
  await withPage({}, async (page) => {
    await open(page, address ?? await comparisonAddress());
    await page.waitForSelector(ROWS);
    const rows = await page.locator("table.rows").getAttribute("aria-rowcount") - 1;
    const bound = 100;
    const there = await page.locator(ROWS).count();
    check(there <= Math.min(rows, bound), `at most ${bound} of ${rows} rows in the page, got ${there}`);
    await page.getByTestId("rows").evaluate((viewport) => { viewport.scrollTop = viewport.scrollHeight; });
    await page.waitForSelector(`tr[data-row='${rows - 1}']`);
    const after = await page.locator(ROWS).count();
    check(after <= bound, `at most ${bound} rows in the page at its end, got ${after}`);
    console.log(`${rows} rows, ${there} in the page at the top, ${after} at the end`);
  });
}

/** What two configurations say of each other is nothing, in words. */
export async function refusal(address) {
  await withPage({ allowedStatus: [422, 400, 404] }, async (page) => {
    await open(page, address ?? await crossedAddress());
    const refused = page.locator(".headline.refused, .notice.error").first();
    await refused.waitFor();
    const text = await refused.innerText();
    check(/never compared/.test(text), `the reason in words, got: ${text}`);
    check(await page.locator(ROWS).count() === 0, "no test case beside a refusal");
    console.log(text);
  });
}

async function crossedAddress() {
  const { items } = await api("configurations?limit=500");
  const measured = items.filter((item) => item.last_run);
  check(measured.length >= 2, "two configurations with runs on the server");
  const [a, b] = measured.map((item) => `${item.last_run.artifact}@${item.configuration.id}`);
  return `/compare?${new URLSearchParams({ base: a, head: b })}`;
}

/** The page by the keyboard alone: filter, rows, link. */
export async function keyboard(address) {
  await withPage({}, async (page) => {
    await open(page, address ?? await comparisonAddress());
    await page.waitForSelector(ROWS);
    await page.keyboard.press("Tab");
    check(await page.evaluate(() => document.activeElement.className) === "skip-link", "the skip link first");
    await page.keyboard.press("/");
    await eventually("the filter to be focused", () =>
      page.evaluate(() => document.activeElement.id === "test-filter"));
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.waitForSelector("dialog[open]");
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog[open]", { state: "detached" });
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const focusedRow = () => page.evaluate(() => document.activeElement.closest("tr")?.dataset.row);
    await eventually("the second row to be focused", async () => await focusedRow() === "1");
    await page.keyboard.press("k");
    await eventually("the first row to be focused", async () => await focusedRow() === "0");
    await page.keyboard.press("Enter");
    await eventually("the row's graph", () => page.url().includes("/graphs?"));
    console.log(`by keyboard to ${page.url().slice(page.url().indexOf("/graphs"))}`);
  });
}
