// The keyboard on every page: what its help lists is what works there.

import { check, eventually, open, withPage } from "./browser.mjs";
import { everyAddress } from "./views.mjs";

/** Pages that have a field to search in, whatever is on the server. */
const SEARCHED = ["status", "triage", "artifacts", "compare", "graphs", "test-case"];

/** `?` lists the keys of the page; `/` leads to its search or to the palette; `j`, `k` and Enter go through its rows. */
export async function keys() {
  await withPage({}, async (page) => {
    for (const [name, address] of await everyAddress()) {
      await open(page, address);
      await page.locator("[data-row-link], [data-own-rows] a").first().waitFor({ timeout: 2000 }).catch(() => {});
      const listed = await help(page);
      const hasSearch = await search(page, name);
      check(listed.includes("Esc") === hasSearch, `${name}: leaving the search listed where there is one, got ${listed}`);
      if (SEARCHED.includes(name)) check(hasSearch, `${name}: a field to search in`);
      if (name === "compare") check(listed.includes("["), `${name}: its neighbours, got ${listed}`);
      if (name === "graphs") check(listed.includes("+"), `${name}: zooming, got ${listed}`);
      const followed = await rows(page, name, listed);
      console.log(`${name}: ${listed.join(" ")}${followed ? ` \u2192 ${followed}` : ""}`);
    }
  });
}

/** News of the server puts another row in the place of the one that has the focus, and that keeps it. */
export async function focus() {
  await withPage({}, async (page) => {
    let told = 0;
    await page.route("**/api/v1/configurations*", async (route) => {
      const answer = await route.fetch({ headers: { ...route.request().headers(), "if-none-match": "" } });
      const all = await answer.json();
      told += 1;
      for (const one of all.items) one.runs += told;
      await route.fulfill({ status: 200, json: all, headers: { etag: `"${told}"` } });
    });
    await open(page, "/");
    await page.locator("[data-row-link]").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const row = await page.evaluateHandle(() => document.activeElement);
    const address = await row.getAttribute("href");
    check(address !== null, "a row focused");
    await eventually("another row in its place", () => row.evaluate((element) => !element.isConnected));
    await eventually("the focus on it", () =>
      page.evaluate((address) => document.activeElement.getAttribute("href") === address, address));
    // What a reader leaves stays left.
    await page.evaluate(() => document.activeElement.blur());
    const before = told;
    await eventually("more news", () => told > before);
    await page.waitForTimeout(200);
    check(await page.evaluate(() => document.activeElement === document.body), "no focus where a reader left it");
    console.log(`${address} kept the focus over ${told} answers`);
  });
}

async function help(page) {
  await page.keyboard.press("?");
  const dialog = page.locator("dialog.help[open]");
  await dialog.locator("kbd").first().waitFor();
  const listed = await dialog.locator("kbd").allInnerTexts();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  return listed;
}

/** Whether `/` leads to a field of the page; else it opens the palette. */
async function search(page, name) {
  const hasSearch = await page.locator("[data-filter]").count() > 0;
  await page.keyboard.press("/");
  if (!hasSearch) {
    await page.locator("dialog.palette[open]").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog.palette[open]").waitFor({ state: "detached" });
    return false;
  }
  await eventually(`${name}: the search focused`, () => page.evaluate(() => document.activeElement.matches("[data-filter]")));
  await page.keyboard.press("Escape");
  await eventually(`${name}: the search left`, () => page.evaluate(() => !document.activeElement.matches("[data-filter]")));
  return true;
}

/** Goes down and up through the rows and follows one. Returns where that led. */
async function rows(page, name, listed) {
  const count = await page.locator("[data-row-link]:visible, [data-own-rows] [data-row] a:visible").count();
  check(listed.includes("j") === count > 0, `${name}: keys for ${count} rows listed where there are some, got ${listed}`);
  if (count === 0) return undefined;
  const focused = () => page.evaluate(() =>
    document.activeElement.matches("a[data-row-link], [data-row] a") && document.activeElement.getAttribute("href"));
  await page.keyboard.press("j");
  await eventually(`${name}: the first row focused`, focused);
  const first = await focused();
  await page.keyboard.press("j");
  if (count > 1) await page.waitForTimeout(100);
  await page.keyboard.press("k");
  await eventually(`${name}: back at the first row`, async () => await focused() === first);
  await page.keyboard.press("Enter");
  const path = decodeURIComponent(new URL(first, page.url()).pathname);
  await eventually(`${name}: the row followed to ${first}`, () => decodeURIComponent(new URL(page.url()).pathname) === path);
  return first;
}
