// A headless Chromium that notices what a reader would not forgive: errors in the console, failed
// scripts, and requests to anybody else.

import { createRequire } from "node:module";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// By `require`, since that also looks where NODE_PATH says.
const { chromium } = createRequire(import.meta.url)("playwright-core");

const SWITCHES = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** How long a page may take on a busy machine, in milliseconds. */
const PATIENCE_MS = 60_000;

/** The server under test, without a slash at its end. */
export const server = (process.env.PERFLEET_URL ?? "").replace(/\/$/, "");

/** Runs `use(page, seen)` with a fresh browser; `seen.requests` lists what was asked for. */
export async function withPage(options, use) {
  return withContext(options, async (newPage, context, seen) => use(await newPage(), seen, context));
}

/** Runs `use(newPage, context, seen)` with a fresh browser, in which every page is watched. */
export async function withContext(options, use) {
  if (!server) throw new Error("set PERFLEET_URL to the address that `perfleet serve` printed");
  const profile = mkdtempSync(join(tmpdir(), "perfleet-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: SWITCHES,
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  try {
    context.setDefaultTimeout(PATIENCE_MS);
    const seen = { errors: [], requests: [] };
    const first = context.pages();
    const newPage = async () => {
      const page = first.pop() ?? await context.newPage();
      watch(page, seen, options?.allowedStatus ?? []);
      return page;
    };
    const outcome = await use(newPage, context, seen);
    check(seen.errors.length === 0, `no error in the console, got: ${seen.errors.join(" | ")}`);
    const foreign = seen.requests.filter((url) => !url.startsWith(`${server}/`) && !url.startsWith("data:"));
    check(foreign.length === 0, `no request to another origin, got: ${foreign.join(" ")}`);
    return outcome;
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

function watch(page, seen, allowedStatus) {
  // A refused question is an answer that the page shows, and the browser's own line about it no error.
  const isAllowed = (text) => allowedStatus.some((status) => text.includes(`status of ${status}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !isAllowed(message.text())) seen.errors.push(message.text());
  });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => seen.requests.push(request.url()));
}

/** Opens a path of the server and waits until nothing is loading any more. */
export async function open(page, path) {
  await page.goto(server + path);
  await settled(page);
}

/** Waits until the page shows something and waits for nothing. */
export async function settled(page) {
  await page.waitForSelector("main .page", { state: "attached" });
  await page.waitForFunction(() => !document.querySelector(".loading, .awaited, main[aria-busy]"));
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** Fails with the sentence that does not hold. */
export function check(holds, sentence) {
  if (!holds) throw new Error(`expected ${sentence}`);
}

/** Waits until `holds()` does, and fails with the sentence if it never does. */
export async function eventually(sentence, holds) {
  const end = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`expected ${sentence}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Asks the API. */
export async function api(path) {
  const response = await fetch(`${server}/api/v1/${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
