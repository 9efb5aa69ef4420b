// What holds of every page.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { comparisonAddress, graphsAddress } from "./addresses.mjs";
import { api, check, open, settled, withPage } from "./browser.mjs";

async function everyAddress() {
  const addresses = { overview: "/", status: "/status", "compare-empty": "/compare" };
  addresses.compare = await comparisonAddress().catch(() => undefined);
  addresses["compare-values"] = addresses.compare && `${addresses.compare}&raw=1`;
  addresses.graphs = await graphsAddress().catch(() => undefined);
  const { items } = await api("requests?limit=1");
  addresses.request = items[0] && `/requests/${items[0].id}`;
  addresses.triage = "/triage?show=all";
  addresses.report = "/triage/report";
  const { items: findings } = await api("triage?limit=1");
  addresses.finding = findings[0] && `/triage/finding?${new URLSearchParams({ base: findings[0].base, head: findings[0].head })}`;
  const { items: collectors } = await api("collectors?limit=1");
  addresses.collector = collectors[0] && `/collectors/${encodeURIComponent(collectors[0].collector.report.collector)}`;
  return Object.entries(addresses).filter(([, address]) => address);
}

/** What a reader sees on a page, as text. */
export async function text(address) {
  await withPage({ allowedStatus: [400, 404, 422] }, async (page) => {
    await open(page, address ?? "/");
    await page.waitForTimeout(300);
    await settled(page);
    // What is folded up is there for whoever unfolds it.
    await page.locator("details").evaluateAll((all) => all.forEach((one) => { one.open = true; }));
    console.log(await page.locator("body").innerText());
  });
}

/** No page is wider than a phone. */
export async function narrow() {
  await withPage({ viewport: { width: 375, height: 740 } }, async (page) => {
    for (const [name, address] of await everyAddress()) {
      await open(page, address);
      const [wide, view] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      check(wide <= view, `${name} no wider than ${view} px, got ${wide}`);
      console.log(`${name}: ${wide} of ${view} px`);
    }
  });
}

/** The theme is the system's until a reader chooses, and the choice is kept. */
export async function themes() {
  const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await withPage({ colorScheme: "dark" }, async (page) => {
    await open(page, "/");
    const dark = await ground(page);
    await page.getByTestId("theme").click();
    const light = await ground(page);
    check(dark !== light, `another ground in the other theme, got ${dark} and ${light}`);
    await page.reload();
    await settled(page);
    check(await ground(page) === light, "the chosen theme after a reload");
    console.log(`dark ${dark}, light ${light}, kept over a reload`);
  });
}

/** The navigation names the page that is open, and every page has a title of its own. */
export async function navigation() {
  await withPage({}, async (page) => {
    await open(page, "/");
    for (const label of ["Compare", "Graphs", "Triage", "Status", "Overview"]) {
      await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: label }).click();
      await settled(page);
      const current = await page.locator("nav[aria-label=Pages] a[aria-current]").allInnerTexts();
      check(current.length === 1 && current[0] === label, `${label} marked as current, got ${current}`);
      check((await page.title()).startsWith(label), `${label} in the title, got ${await page.title()}`);
    }
    await open(page, "/no/such/page");
    check(/no such page/i.test(await page.locator("main").innerText()), "words for a page that is not there");
    console.log("every page is named");
  });
}

/** Pictures of every page, light and dark, wide and narrow, for people to look at. */
export async function screenshots(folder) {
  check(folder, "a folder as argument");
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, width, height] of [["wide", 1280, 900], ["narrow", 375, 740]]) {
      await withPage({ colorScheme, viewport: { width, height } }, async (page) => {
        for (const [name, address] of await everyAddress()) {
          await open(page, address);
          await page.waitForTimeout(700);
          await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${size}.png`) });
        }
      });
    }
  }
}
