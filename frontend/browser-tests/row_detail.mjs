// The detail of a row that was measured with self-profiles, and the attempts at a job.

import { api, check, eventually, open, server, withPage } from "./browser.mjs";

const panelOf = (page) => page.getByTestId("case-detail");

/** The detail of the row that the open page names, from the API. */
function told(page) {
  const query = new URL(page.url()).searchParams;
  const sides = ["base", "head"].map((side) => encodeURIComponent(query.get(side))).join("..");
  const rest = new URLSearchParams({ configuration: query.get("configuration"), test_case: query.get("case") });
  return api(`comparisons/${sides}/test-case?${rest}`);
}

const names = (table) => table.locator("tbody th code").allInnerTexts();

/** Queries by their difference, to sort and to filter, the raw profiles, and the command, as the API has them. */
export async function rowDetail(address) {
  await withPage({}, async (page) => {
    await open(page, address);
    const panel = panelOf(page);
    const table = panel.getByTestId("queries");
    await table.waitFor();
    const detail = await told(page);
    const byDifference = detail.queries.map((it) => it.query);
    const shown = await names(table);
    check(JSON.stringify(shown) === JSON.stringify(byDifference.slice(0, shown.length)),
      `the largest difference first, got ${shown}`);
    const foot = await table.locator("tfoot th").innerText();
    check(foot === `all ${byDifference.length}`, `a total of all ${byDifference.length}, got ${foot}`);
    await panel.getByTestId("all-queries").click();
    check((await names(table)).length === byDifference.length, "every query");

    await table.getByRole("button", { name: "Query" }).click();
    const sorted = await names(table);
    check(JSON.stringify(sorted) === JSON.stringify(sorted.toSorted()), "the names in order");
    check(await table.locator("th[aria-sort=ascending]").count() === 1, "screen readers are told the order");
    await panel.getByTestId("query-filter").fill("TYPECK");
    await eventually("only what has that in its name", async () => {
      const found = await names(table);
      return found.length > 0 && found.every((name) => name.includes("typeck"));
    });
    // How they are listed is in the address.
    await page.reload();
    await table.waitFor();
    check(await panel.getByTestId("query-filter").inputValue() === "TYPECK", "what is looked for, after a reload");
    const again = await names(table);
    check(again.length > 0 && again.every((name) => name.includes("typeck")), `what was listed, got ${again}`);
    check(await table.locator("th[aria-sort=ascending]").count() === 1, "the order, after a reload");

    const counted = detail.queries.some((it) => it.query.includes("typeck") && it.base_calls > 0);
    check(counted, "invocations are counted");

    const command = await panel.getByTestId("reproduce").innerText();
    check(command === detail.reproduce, `the command of the API, got ${command}`);
    console.log(`reproduce: ${command}`);
    await rawProfiles(page, panel, detail);
    await rawNumbers(page, panel, detail);
  });
}

async function rawProfiles(page, panel, detail) {
  await panel.getByTestId("raw-profiles").locator("summary").click();
  const links = panel.getByTestId("raw-profile");
  const kept = detail.replicates.filter((it) => it.raw_profile);
  check(await links.count() === kept.length && kept.length > 0, `${kept.length} raw profiles`);
  for (const link of await links.all()) {
    const path = await link.getAttribute("href");
    const answer = await fetch(server + path);
    check(answer.ok, `${path} to be there, got ${answer.status}`);
    check(answer.headers.get("cache-control").includes("immutable"), "what may be kept for ever");
    const magic = new DataView(await answer.arrayBuffer()).getUint32(0, true);
    check(magic === 0xfd2fb528, "a file that zstd unpacks");
  }
  const commands = await panel.getByTestId("open-profiles").innerText();
  for (const { raw_profile: key } of kept) check(commands.includes(`${server}/${key}`), `${key} in the commands`);
  check(/summarize diff base-\d+\.mm_profdata head-\d+\.mm_profdata/.test(commands), "the commands compare both");
  console.log(`${kept.length} raw profiles`);
}

async function rawNumbers(page, panel, detail) {
  const raw = panel.getByTestId("raw-numbers");
  check(await raw.getAttribute("open") === null, "raw numbers are folded");
  await page.getByTestId("raw").check();
  await eventually("raw numbers unfold with the switch", async () => await raw.getAttribute("open") !== null);
  check(page.url().includes("raw=1"), "the switch in the address");
  const rows = await raw.locator("tbody tr").allInnerTexts();
  check(rows.length === detail.replicates.length, `${detail.replicates.length} measurings, got ${rows.length}`);
  for (const [place, it] of detail.replicates.entries()) {
    const run = `${it.artifact}@${detail.configuration}#${it.replicate}`;
    check(rows[place].includes(run) && rows[place].includes(it.host), `${run} on ${it.host}, got ${rows[place]}`);
  }
  await raw.getByTestId("raw-metric").selectOption("max-rss");
  for (const [place, it] of detail.replicates.entries()) {
    const values = it.values.find((values) => values.metric === "max-rss");
    const told = (await raw.locator("tbody tr").nth(place).locator("td").last().innerText()).split(",");
    check(told.length === values.iterations.length, `${values.iterations.length} iterations, got ${told}`);
  }
  console.log(`${rows.length} measurings`);
}

/** What a side does not have is said, with the request that measures it. */
export async function noSelfProfile(address) {
  await withPage({}, async (page) => {
    await open(page, address);
    const absent = panelOf(page).getByTestId("no-queries");
    await absent.waitFor();
    const words = await absent.innerText();
    check(/self-profile/.test(words) && /perfleet request .*--self-profile/.test(words), `what to do, got ${words}`);
  });
}

/** Every attempt at a job, as the API has them, and the log of each that left one. */
export async function attempts(address) {
  await withPage({}, async (page) => {
    await open(page, address);
    const job = new URL(page.url()).pathname.split("/").at(-1);
    const { attempts } = await api(`jobs/${job}`);
    const rows = page.getByTestId("attempts").locator("tbody tr");
    await rows.first().waitFor();
    const newestFirst = attempts.toReversed();
    check(await rows.count() === attempts.length, `${attempts.length} attempts`);
    for (const [place, it] of newestFirst.entries()) {
      const row = await rows.nth(place).innerText();
      check(row.includes(it.collector) && row.startsWith(`${it.attempt}`), `${it.collector} in ${row}`);
    }
    for (const { attempt } of newestFirst.filter((it) => it.has_log)) {
      await page.getByTestId(`log-${attempt}`).click();
      await eventually(`attempt ${attempt} in the address`, () => page.url().endsWith(`attempt=${attempt}`));
      const log = page.getByTestId("log");
      await eventually(`the log of attempt ${attempt}`, async () =>
        (await log.innerText()).includes(`Log of attempt ${attempt}`) && await log.locator("pre").count() === 1);
      const text = await (await fetch(`${server}/api/v1/jobs/${job}/log?attempt=${attempt}`)).text();
      check((await log.locator("pre").innerText()).includes(text.trim().split("\n").at(-1)), "its last line");
    }
    console.log(`attempts: ${attempts.map((it) => `${it.attempt} ${it.end}`).join(", ")}`);
  });
}
