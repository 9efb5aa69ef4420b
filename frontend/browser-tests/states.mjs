// Every page while its data is on the way, and when the server fails.

import { check, eventually, server, withPage } from "./browser.mjs";
import { everyPage } from "./views.mjs";

export const STATES = {
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

/** Opens a page in a state. */
export async function inState(page, state, { name, address }) {
  const { answer, holds, sentence } = STATES[state];
  await page.route((url) => /^\/(api|series)\//.test(url.pathname), answer);
  await page.goto(server + address);
  await page.waitForSelector("main .page", { state: "attached" });
  await eventually(`${sentence} on ${name}`, async () => holds(await page.locator("main").innerText()));
}

/** No page is blank while it waits or when the server fails. */
export async function states() {
  // The addresses are found first, while the server still answers.
  const pages = await everyPage();
  for (const state of Object.keys(STATES)) {
    await withPage({ allowedStatus: [503] }, async (page) => {
      for (const view of pages) {
        await inState(page, state, view);
        await page.unrouteAll({ behavior: "ignoreErrors" });
      }
    });
  }
  check(pages.length > 6, `pages in both states, got ${pages.length}`);
  console.log(`${pages.length} pages say that they load, or why they cannot`);
}
