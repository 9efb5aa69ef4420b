// One visit with an empty cache, for the benchmark: what was transferred, and how soon a chart stood.

import { graphsAddress } from "./addresses.mjs";
import { open, withPage } from "./browser.mjs";

export async function visit(address) {
  const path = address ?? await graphsAddress();
  await withPage({}, async (page) => {
    await open(page, path);
    await page.waitForSelector("article.chart-card canvas");
    const measured = await page.evaluate(() => {
      const document_ = performance.getEntriesByType("navigation")[0];
      const all = [document_, ...performance.getEntriesByType("resource")];
      const sum = (entries, field) => entries.reduce((total, entry) => total + entry[field], 0);
      return {
        first_chart_ms: performance.getEntriesByName("first-chart")[0].duration,
        document_ms: document_.responseEnd,
        transferred_bytes: sum(all, "transferSize"),
        decoded_bytes: sum(all, "decodedBodySize"),
        wasm_transferred_bytes: sum(all.filter((entry) => entry.name.endsWith(".wasm")), "transferSize"),
      };
    });
    console.log(JSON.stringify(measured));
  });
}
