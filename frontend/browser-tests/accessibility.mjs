// What axe-core finds on every page, in both themes and at two widths.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { check, open, withPage } from "./browser.mjs";
import { everyAddress } from "./every_page.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What is worse than a recommendation. */
const GRAVE = ["serious", "critical"];

/** No page has a serious or critical finding. */
export async function accessibility() {
  const addresses = await everyAddress();
  const graves = [];
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of [{ width: 1280, height: 900 }, { width: 375, height: 740 }]) {
      // As a reduced-motion reader sees it: a colour half way through a transition is not one of ours.
      await withPage({ colorScheme, viewport, reducedMotion: "reduce" }, async (page) => {
        for (const [name, address] of addresses) {
          await open(page, address);
          // By the debugger's way, which the page's content security policy does not concern.
          await page.evaluate(axe);
          const { violations, passes } = await page.evaluate(() => axe.run(document));
          check(passes.length > 5, `rules that apply to ${name}, got ${passes.length}`);
          for (const found of violations.filter((one) => GRAVE.includes(one.impact))) {
            const where = found.nodes.slice(0, 3).map((node) => `${node.target} (${node.failureSummary})`);
            graves.push(`${name} ${colorScheme} ${viewport.width}: ${found.id}: ${where.join("; ")}`);
          }
        }
      });
    }
  }
  check(graves.length === 0, `nothing serious, got ${graves.length}:\n${graves.join("\n")}`);
  console.log(`${addresses.length} pages, two themes, two widths: nothing serious`);
}
