// What axe-core finds on every view, in both themes and at two widths, and what a keyboard, large letters,
// little motion and forced colours need.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { check, open, settled, withPage } from "./browser.mjs";
import { everyPage, everyView } from "./views.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What fails. A minor finding does not keep anybody from anything. */
const GRAVE = ["moderate", "serious", "critical"];

/** Wide and narrow, in CSS pixels. */
const SIZES = [[1280, 900], [375, 740]];

/** Opens a view as a reader has it who wants no motion: a colour half way through a transition is not ours. */
async function show(page, { address, open: unfold }) {
  await open(page, address);
  await unfold?.(page);
  await settled(page);
}

/** No view has a finding that is more than minor. */
export async function accessibility() {
  const views = await everyView();
  const graves = new Set();
  await withPage({ reducedMotion: "reduce", allowedStatus: [404] }, async (page) => {
    for (const view of views) {
      await page.setViewportSize({ width: SIZES[0][0], height: SIZES[0][1] });
      await show(page, view);
      // By the debugger's way, which the page's content security policy does not concern.
      await page.evaluate(axe);
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme });
          await settled(page);
          const { violations, passes } = await page.evaluate(() => axe.run(document));
          check(passes.length > 5, `rules that apply to ${view.name}, got ${passes.length}`);
          for (const found of violations.filter((one) => GRAVE.includes(one.impact))) {
            const where = found.nodes.slice(0, 3).map((node) => `${node.target} (${node.failureSummary})`);
            graves.add(`${view.name} ${colorScheme} ${width}: ${found.impact}: ${found.id}: ${where.join("; ")}`);
          }
        }
      }
    }
  });
  check(graves.size === 0, `nothing moderate, serious or critical, got ${graves.size}:\n${[...graves].join("\n")}`);
  console.log(`${views.length} views, two themes, two widths: nothing but what is minor`);
}

/** Whatever can be reached by the keyboard shows that it is. Runs in the page. */
function unseenFocus() {
  const unseen = [];
  const seenBy = (element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
  };
  for (const element of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
    if (!element.checkVisibility() || element.disabled || element.closest("dialog:not([open])")) continue;
    element.focus({ focusVisible: true });
    if (document.activeElement === element && !seenBy(element)) unseen.push(`${element.tagName} ${element.className} ${element.textContent.slice(0, 30)}`);
  }
  return unseen;
}

/** What is focused is seen, nothing moves for whoever wants no motion, and letters of twice the size fit. */
export async function comfort() {
  const pages = await everyPage();
  await withPage({ reducedMotion: "reduce", viewport: { width: 640, height: 450 }, allowedStatus: [404] }, async (page) => {
    for (const { name, address } of pages) {
      await open(page, address);
      const [wide, view] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      check(wide <= view, `${name} no wider than ${view} px when enlarged to 200 %, got ${wide}`);
      const unseen = await page.evaluate(unseenFocus);
      check(unseen.length === 0, `a focus that is seen on ${name}, got none on ${unseen.slice(0, 5).join("; ")}`);
      const moving = await page.evaluate(() => document.getAnimations().length);
      check(moving === 0, `nothing that moves on ${name}, got ${moving}`);
      const noisy = await page.locator("[aria-live=assertive], [role=alert]:visible").count();
      check(noisy === 0, `nothing that interrupts on ${name}, got ${noisy}`);
    }
    await inForcedColors(page);
  });
  console.log(`${pages.length} pages: focus seen, no motion, 200 %, forced colours`);
}

/** Where the system chooses all colours, what was only a colour is still there: a pressed button, a bar. */
async function inForcedColors(page) {
  const { address } = (await everyPage()).find(({ name }) => name === "compare");
  await page.emulateMedia({ forcedColors: "active" });
  await open(page, address);
  const pressed = page.locator(".toggle[aria-pressed=true]").first();
  const other = page.locator(".toggle[aria-pressed=false]").first();
  const ground = (button) => button.evaluate((it) => getComputedStyle(it).backgroundColor);
  check(await ground(pressed) !== await ground(other), "a pressed button that differs from the others in forced colours");
}
