// What holds of every page.

import { graphsAddress } from "./addresses.mjs";
import { check, open, settled, withPage } from "./browser.mjs";
import { everyAddress } from "./views.mjs";

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
    for (const label of [
      "Compare", "Graphs", "Test case", "Triage", "Status", "Releases", "Toolchain", "Artifacts", "Help", "Overview",
    ]) {
      await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: label }).click();
      await settled(page);
      const current = await page.locator("nav[aria-label=Pages] a[aria-current]").allInnerTexts();
      check(current.length === 1 && current[0] === label, `${label} marked as current, got ${current}`);
      check((await page.title()).startsWith(label), `${label} in the title, got ${await page.title()}`);
    }
    await page.setViewportSize({ width: 375, height: 740 });
    for (const link of await page.locator("nav[aria-label=Pages] a").all()) {
      const { x, width } = await link.boundingBox();
      check(x >= 0 && x + width <= 375, `${await link.innerText()} in sight on a phone, got ${x} to ${x + width}`);
    }
    await open(page, "/no/such/page");
    check(/no such page/i.test(await page.locator("main").innerText()), "words for a page that is not there");
    console.log("every page is named");
  });
}

/** A page loads its own part of the WebAssembly, once, and the chart library where there are charts. */
export async function parts() {
  const partsOf = (seen) => seen.requests.map((url) => /\/split_(\w+)-/.exec(url)?.[1]).filter(Boolean);
  const hasLibrary = (seen) => seen.requests.some((url) => url.endsWith("/uPlot.iife.min.js"));
  await withPage({}, async (page, seen) => {
    await open(page, await graphsAddress());
    await page.waitForSelector("article.chart-card canvas");
    check(partsOf(seen).join() === "graphs", `the part of the graphs, got ${partsOf(seen)}`);
    check(hasLibrary(seen), "the chart library on the graphs");
  });
  await withPage({}, async (page, seen) => {
    await open(page, "/");
    check(partsOf(seen).join() === "overview", `the part of the overview, got ${partsOf(seen)}`);
    for (const label of ["Status", "Overview", "Status"]) {
      await page.getByRole("navigation").getByRole("link", { name: label }).click();
      await settled(page);
      check((await page.title()).startsWith(label), `${label}, got ${await page.title()}`);
    }
    check(partsOf(seen).join() === "overview,status", `each part once, got ${partsOf(seen)}`);
    check(!hasLibrary(seen), "no chart library where there is no chart");
    console.log(`${seen.requests.length} requests for two pages`);
  });
}

/** A part that cannot be fetched is told, and the page is there when it can. */
export async function missingPart() {
  await withPage({}, async (page, seen) => {
    await open(page, "/");
    const isPart = /\/split_status-/;
    await page.route(isPart, (route) => route.abort());
    const go = () => page.getByRole("navigation").getByRole("link", { name: "Status" }).click();
    await go();
    await page.getByRole("alert").filter({ hasText: "could not be loaded" }).waitFor();
    await page.unroute(isPart);
    await go();
    await page.getByRole("heading", { level: 1, name: "Status" }).waitFor();
    // The browser and the loader each tell of the request that was refused.
    seen.errors.length = 0;
    console.log("told, and tried again");
  });
}
