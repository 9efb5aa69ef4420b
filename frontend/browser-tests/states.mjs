// Every page while its data is on the way, and when the server fails.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { check, eventually, server, withPage } from "./browser.mjs";
import { everyAddress } from "./every_page.mjs";

const STATES = {
  loading: {
    // Never answered, until the page is left.
    answer: () => new Promise(() => {}),
    holds: (text) => /Loading|Searching/.test(text),
    sentence: "words for what is loading",
  },
  error: {
    answer: (route) => route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      body: JSON.stringify({
        type: "about:blank", title: "The store does not answer", status: 503,
        detail: "the index could not be read: try again in a moment",
      }),
    }),
    holds: (text) => /The store does not answer/.test(text) && /try again/.test(text),
    sentence: "what is wrong and what to do, in the server's words",
  },
};

/** Opens every page in each state and hands it to `use(page, name, state)`. */
async function inEveryState(options, use) {
  // The addresses are found first, while the server still answers.
  const addresses = await everyAddress();
  for (const [state, { answer, holds, sentence }] of Object.entries(STATES)) {
    await withPage({ ...options, allowedStatus: [503] }, async (page) => {
      await page.route((url) => /^\/(api|series)\//.test(url.pathname), answer);
      for (const [name, address] of addresses) {
        await page.goto(server + address);
        await page.waitForSelector("main .page", { state: "attached" });
        await eventually(`${sentence} on ${name}`, async () => holds(await page.locator("main").innerText()));
        await use(page, name, state);
      }
      await page.unrouteAll({ behavior: "ignoreErrors" });
    });
  }
}

/** No page is blank while it waits or when the server fails. */
export async function states() {
  let seen = 0;
  await inEveryState({}, async () => { seen += 1; });
  check(seen > 6, `pages in both states, got ${seen}`);
  console.log(`${seen} pages say that they load, or why they cannot`);
}

/** Pictures of every page while it loads and when the server fails. */
export async function stateScreenshots(folder) {
  check(folder, "a folder as argument");
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, width, height] of [["wide", 1280, 900], ["narrow", 375, 740]]) {
      await inEveryState({ colorScheme, viewport: { width, height } }, async (page, name, state) => {
        await page.screenshot({ path: join(folder, `${name}-${state}-${colorScheme}-${size}.png`) });
      });
    }
  }
}
