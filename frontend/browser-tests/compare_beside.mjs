// The compare page: other configurations beside the chosen one, one row in every respect, files, history.

import { readFileSync } from "node:fs";

import { comparisonAddress } from "./addresses.mjs";
import { api, check, eventually, open, server, settled, withPage } from "./browser.mjs";

const ROWS = "table.rows tbody tr[data-row]";

async function openComparison(page, address) {
  await open(page, address ?? await comparisonAddress());
  await page.waitForSelector(ROWS);
}

/** The comparison that the open page shows, from the API. */
function told(page, configuration) {
  const query = new URL(page.url()).searchParams;
  const sides = ["base", "head"].map((side) => encodeURIComponent(query.get(side))).join("..");
  return api(`comparisons/${sides}?configuration=${configuration ?? query.get("configuration")}`);
}

const percent = (text) => Number.parseFloat(text.replace(/[^\d.\u2212+-]/g, "").replace("\u2212", "-"));

/** A second configuration is a column of its own changes, in the address, and not a difference. */
export async function beside(address) {
  await withPage({}, async (page) => {
    await openComparison(page, address);
    const chip = page.locator("[data-testid^=beside-]").first();
    const other = (await chip.innerText()).trim();
    await chip.click();
    await eventually("the other configuration in the address", () => page.url().includes(`beside=${other}`));
    await page.waitForSelector(`${ROWS} td.beside`);
    const { test_cases } = await told(page, other);
    const rows = await page.locator(ROWS).evaluateAll((rows) => rows.map((row) =>
      [row.querySelector("th a").innerText, row.querySelector("td.beside").innerText]));
    for (const [name, shown] of rows) {
      const { change } = test_cases.find((row) => row.name === name);
      check(Math.abs(percent(shown) - change * 100) <= Math.max(0.06, Math.abs(change)),
        `${name} under ${other} changed by ${change * 100} %, got ${shown}`);
    }
    await page.reload();
    await page.waitForSelector(`${ROWS} td.beside`);
    console.log(`${rows.length} changes of ${other} beside`);
  });
}

/** A row's detail is part of the address, and its figures are those of the API. */
export async function detail(address) {
  await withPage({}, async (page) => {
    await openComparison(page, address);
    const name = await page.locator(`${ROWS} th a`).first().innerText();
    await page.locator(`${ROWS} .relevance .detail-row`).first().click();
    const panel = page.getByTestId("case-detail");
    await panel.waitFor();
    check(new URL(page.url()).searchParams.get("case") === name, `${name} in the address`);
    await panel.locator("canvas").waitFor();
    const row = (await told(page)).test_cases.find((row) => row.name === name);
    const metrics = await panel.getByTestId("metrics").or(panel.getByTestId("sizes")).first().innerText();
    check(/\d/.test(metrics), `values of ${row.name}, got ${metrics}`);
    await page.reload();
    await panel.waitFor();
    await page.getByTestId("close-case").click();
    await panel.waitFor({ state: "detached" });
    console.log(`${name}: ${metrics.replaceAll("\n", " ").slice(0, 120)}`);
  });
}

async function saved(page, ending) {
  const [download] = await Promise.all([
    page.waitForEvent("download"), page.getByTestId(`export-${ending}`).click(),
  ]);
  return readFileSync(await download.path(), "utf8");
}

/** Each file holds the listed rows in their order, with the numbers of the API. */
export async function exports(address) {
  await withPage({ acceptDownloads: true }, async (page, seen) => {
    await openComparison(page, address);
    await page.getByTestId("sort-name").click();
    await eventually("the order in the address", () => page.url().includes("sort=name"));
    const asked = seen.requests.length;
    const [json, csv, markdown] = [
      JSON.parse(await saved(page, "json")), await saved(page, "csv"), await saved(page, "md"),
    ];
    // The part of the page that makes files comes from the server; what is in them does not.
    const asks = seen.requests.slice(asked).filter((url) => /\/(api|series)\//.test(url));
    check(asks.length === 0, `no data asked for to make a file, got ${asks.join(" ")}`);
    const { test_cases } = await told(page);
    const names = test_cases.map((row) => row.name).toSorted();
    check(JSON.stringify(json.test_cases.map((row) => row.name)) === JSON.stringify(names), "every row as JSON");
    const [head, ...lines] = csv.trim().split("\n").map((line) => line.split(","));
    const column = (name) => head.indexOf(name);
    for (const [place, line] of lines.entries()) {
      const row = test_cases.find((row) => row.name === names[place]);
      check(line[column("test_case")] === row.name, `${row.name} at its place, got ${line}`);
      check(Number(line[column("change")]) === row.change, `the change of ${row.name}, got ${line}`);
    }
    check(lines.length === names.length, `${names.length} lines, got ${lines.length}`);
    const table = markdown.split("\n").filter((line) => line.startsWith("| ")).length - 1;
    check(table === names.length, `${names.length} rows of Markdown, got ${table}`);
    console.log(`${names.length} rows as JSON, CSV and Markdown`);
  });
}

/** The artifact before, and back by the one after; a pair that is not adjacent is warned of. */
export async function neighbours(address) {
  await withPage({}, async (page) => {
    await openComparison(page, address);
    const first = new URL(page.url()).searchParams;
    const before = page.getByTestId("artifact-before");
    await eventually("an artifact before", () => before.isEnabled());
    await before.click();
    await eventually("base as head", () => new URL(page.url()).searchParams.get("head") === first.get("base"));
    await page.waitForSelector(ROWS);
    await settled(page);
    const earlier = new URL(page.url()).searchParams.get("base");
    await eventually("an artifact after", () => page.getByTestId("artifact-after").isEnabled());
    await page.keyboard.press("]");
    await eventually("the first pair", () => new URL(page.url()).searchParams.get("head") === first.get("head"));

    await open(page, `/compare?${new URLSearchParams({
      base: earlier, head: first.get("head"), configuration: first.get("configuration"),
    })}`);
    await page.waitForSelector(ROWS);
    const { warnings } = await told(page);
    check(warnings.length > 0, "a warning of artifacts that are not adjacent");
    const shown = await page.getByTestId("warnings").locator("li").allInnerTexts();
    check(JSON.stringify(shown) === JSON.stringify(warnings), `the warnings of the API, got ${shown}`);
    console.log(shown.join(" "));
  });
}

/** The summary by kind counts what the API lists. */
export async function summary(address) {
  await withPage({}, async (page) => {
    await openComparison(page, address);
    await page.getByTestId("summary-kind").click();
    await eventually("the summary in the address", () => page.url().includes("summary=kind"));
    const counts = await page.getByTestId("grouped-summary").locator("tbody tr td:nth-child(2)").allInnerTexts();
    const sum = counts.reduce((sum, text) => sum + Number(text.replace(/\D/g, "")), 0);
    const { test_cases } = await told(page);
    check(sum === test_cases.length, `${test_cases.length} test cases in all groups, got ${sum}`);
    console.log(`${counts.length} kinds, ${sum} test cases`);
  });
}

/** Rows in view have a line of their history. */
export async function sparklines(address) {
  await withPage({}, async (page) => {
    await openComparison(page, address);
    await page.waitForSelector(`${ROWS} .sparkline polyline`);
    const [rows, lines] = [await page.locator(ROWS).count(), await page.locator(`${ROWS} .sparkline`).count()];
    check(lines > 0 && lines <= rows, `a line for rows in view, got ${lines} of ${rows}`);
    console.log(`${lines} lines of ${rows} rows`);
  });
}

/** A link that does not say how to show a comparison opens as the reader chose last; what it says wins, and the
 *  defaults are one click away. */
export async function lastChoice(address) {
  await withPage({}, async (page) => {
    await openComparison(page, address);
    const query = new URL(page.url()).searchParams;
    const link = `/compare?${new URLSearchParams({ base: query.get("base"), head: query.get("head") })}`;
    const shown = page.url();
    const named = (name) => new URL(page.url()).searchParams.get(name);
    await page.getByTestId("raw").check();
    await eventually("values in the address", () => named("raw") === "1");
    await page.getByTestId("sort-name").click();
    await eventually("the order in the address", () => named("sort") === "name");
    await page.getByTestId("direction").selectOption("worse");
    await eventually("the direction in the address", () => named("direction") === "worse");

    await openComparison(page, link);
    await eventually("the last choice in the address", () => named("raw") === "1" && named("sort") === "name");
    check(await page.getByTestId("raw").isChecked(), "the last choice in its field");
    check(/values/.test(await page.getByTestId("chosen").innerText()), "words for what was chosen");
    check(named("direction") === null, "no rows hidden by what was filtered elsewhere");
    await openComparison(page, `${link}&sort=change`);
    await eventually("the rest of the choice in the address", () => named("raw") === "1");
    check(named("sort") === "change", `what the address says, got ${named("sort")}`);
    await page.goto(shown);
    await page.waitForSelector(ROWS);
    check(page.url() === shown && named("raw") === null, `what was shared, got ${page.url()}`);
    await page.goto(`${server}${link}&sort=name&chnages=all`);
    await page.waitForSelector(ROWS);
    check(/chnages/.test(await page.locator("main").innerText()), "words for what was not understood");

    await openComparison(page, link);
    await page.getByTestId("defaults").click();
    await eventually("no choice in the address", () => named("raw") === null && named("sort") === null);
    await openComparison(page, link);
    await settled(page);
    check(named("raw") === null && named("sort") === null, `the defaults, got ${page.url()}`);
    await page.goBack();
    console.log("the last choice, the address before it, and back to the defaults");
  });
}
