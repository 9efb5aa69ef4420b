// What a history of hosts leaves behind: warnings of comparisons, retracted stretches, pull requests, and lists
// that are longer than a page. Needs a server with a recorded history; each says what of it.

import { api, check, eventually, open, server, settled, withPage } from "./browser.mjs";

/** The configuration with series, and the artifacts of its newest block, oldest first. */
async function newestBlock() {
  const { items } = await api("configurations?limit=500");
  for (const { configuration } of items) {
    const { metrics } = await api(`series?configuration=${configuration.id}`);
    if (metrics.length === 0) continue;
    const answer = await fetch(`${server}/series/v1/${configuration.id}/${metrics[0].blocks.at(-1).content_hash}`);
    return { configuration: configuration.id, artifacts: (await answer.json()).artifacts };
  }
  throw new Error("no configuration of the server has series");
}

/** Each kind of warning is told by the API for a pair that provokes it, and shown. */
export async function warnings() {
  const { configuration, artifacts } = await newestBlock();
  const moved = artifacts.findIndex(({ hosts }, at) => at > 0 && hosts.join() !== artifacts[at - 1].hosts.join());
  check(moved > 0, "a change of host");
  const pairs = {
    "not adjacent": [0, 4, /not neighbours in history/],
    "different hosts": [moved - 1, moved, /^Base was measured on .+, head on .+/],
  };
  await withPage({}, async (page) => {
    for (const [kind, [base, head, words]] of Object.entries(pairs)) {
      const sides = [artifacts[base].id, artifacts[head].id];
      const told = (await api(`comparisons/${sides.join("..")}?configuration=${configuration}`)).warnings;
      check(told.some((warning) => words.test(warning)), `a warning of the kind "${kind}", got ${JSON.stringify(told)}`);
      await open(page, `/compare?${new URLSearchParams({ base: sides[0], head: sides[1], configuration })}`);
      const list = page.getByTestId("warnings");
      await list.waitFor();
      const shown = await list.locator("li").allInnerTexts();
      check(JSON.stringify(shown) === JSON.stringify(told), `the warnings of the API, got ${shown}`);
      console.log(`${kind}: ${shown.find((warning) => words.test(warning))}`);
    }
    // Two neighbours on one host at rest.
    const sides = [artifacts[2].id, artifacts[3].id];
    const told = (await api(`comparisons/${sides.join("..")}?configuration=${configuration}`)).warnings;
    const other = told.filter((warning) => Object.values(pairs).some(([, , words]) => words.test(warning)));
    check(other.length === 0, `none of these warnings for neighbours on one host, got ${other}`);
  });
}

/** What columns of a canvas are shaded as retracted, and in how many of their middle ones a line is drawn. */
function shading(canvas) {
  const rgb = (name) => {
    const one = document.createElement("canvas").getContext("2d");
    one.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    one.fillRect(0, 0, 1, 1);
    return one.getImageData(0, 0, 1, 1).data;
  };
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const has = (x, y, color, most) => {
    const at = (y * width + x) * 4;
    const off = [0, 1, 2].reduce((sum, part) => sum + Math.abs(data[at + part] - color[part]), 0);
    return data[at + 3] > 200 && off <= most;
  };
  const count = (x, color, most) => Array.from({ length: height }, (_, y) => y).filter((y) => has(x, y, color, most)).length;
  const [shade, line] = [rgb("--chart-retracted"), rgb("--chart-line")];
  const shaded = Array.from({ length: width }, (_, x) => x).filter((x) => count(x, shade, 6) > height * 0.4);
  const quarter = Math.floor(shaded.length / 4);
  const middle = shaded.slice(quarter, shaded.length - quarter);
  const drawn = Array.from({ length: width }, (_, x) => x).filter((x) => count(x, line, 60) > 0).length;
  return { shaded: shaded.length, crossed: middle.filter((x) => count(x, line, 60) > 0).length, drawn };
}

/** A retracted stretch is shaded, explained and told in words, and no line leads through it. */
export async function retracted() {
  const { configuration, artifacts } = await newestBlock();
  let event;
  await eventually("a retracted stretch among the events", async () => {
    const { items } = await api(`events?configuration=${configuration}&limit=500`);
    event = items.find(({ kind }) => kind === "retracted");
    return event;
  });
  const within = ({ ordinal }) => ordinal >= event.first_ordinal && ordinal <= event.last_ordinal;
  await eventually("series without what was retracted", async () =>
    !(await newestBlock()).artifacts.some(within));
  for (const scheme of ["light", "dark"]) {
    await withPage({ colorScheme: scheme }, async (page) => {
      await open(page, `/graphs?configuration=${configuration}`);
      const canvas = page.locator("article.chart-card canvas").first();
      await canvas.waitFor();
      await page.getByTestId("mark-legend").getByText("retracted").waitFor();
      let seen;
      await eventually("a shaded stretch", async () => (seen = await canvas.evaluate(shading)).shaded > 3);
      check(seen.drawn > 100, `a line elsewhere, got ${JSON.stringify(seen)}`);
      check(seen.crossed === 0, `no line through what was retracted, got ${JSON.stringify(seen)}`);
      await page.getByTestId("host-changes").locator("summary").click();
      const told = await page.getByTestId("host-changes").innerText();
      check(told.includes(event.sentence), `"${event.sentence}", got: ${told}`);

      const test = await page.locator("article.chart-card h2").first().innerText();
      await open(page, `/test-case?${new URLSearchParams({ test })}`);
      const card = page.getByTestId(`configuration-${configuration}`);
      await card.getByTestId("mark-legend").getByText("retracted").waitFor();
      await eventually("a shaded stretch of the test case", async () =>
        (await card.locator("canvas").evaluate(shading)).shaded > 3);
      console.log(`${scheme}: ${JSON.stringify(seen)} of ${artifacts.length} artifacts`);
    });
  }
}

/** The pull request of a finding is told in the inbox, the finding, the comparison and on the artifact's page. */
export async function pullRequest() {
  const { items } = await api("triage?limit=500");
  const entry = items.find((one) => one.pull_request?.url);
  check(entry, "a finding whose pull request is known");
  const { name, url } = entry.pull_request;
  const sides = new URLSearchParams({ base: entry.base, head: entry.head });
  await withPage({}, async (page) => {
    const isLinked = async (where) => {
      const link = page.getByRole("link", { name, exact: true }).first();
      await link.waitFor();
      check(await link.getAttribute("href") === url, `${url} ${where}, got ${await link.getAttribute("href")}`);
    };
    await open(page, `/triage?show=all&text=${encodeURIComponent(name)}`);
    check(await page.locator("li.finding").count() === 1, "the finding found by its pull request");
    await isLinked("in the inbox");
    await open(page, `/triage/finding?${sides}`);
    await isLinked("in the finding");
    await open(page, `/compare?${sides}`);
    await isLinked("in the comparison");
    await open(page, `/artifacts/${encodeURIComponent(entry.head)}`);
    await isLinked("on the page of the artifact");
    console.log(`${entry.head.slice(0, 9)}: ${name}`);
  });
}

/** A list that is longer than a page is followed to its end. Needs more than 500 releases. */
export async function lists() {
  const { configuration } = await newestBlock();
  const first = await api("artifacts?prefix=release-&limit=500");
  check(first.next_cursor, "more releases than one page holds");
  await withPage({}, async (page, seen) => {
    await open(page, `/graphs?configuration=${configuration}`);
    await page.getByTestId("mark-legend").getByText("release", { exact: true }).waitFor();
    const asked = seen.requests.filter((url) => url.includes("prefix=release-"));
    check(asked.length === 2, `both pages of releases, got ${asked}`);
    check(new URL(asked[1]).searchParams.get("cursor") === first.next_cursor, `the second page, got ${asked[1]}`);
    await settled(page);
    console.log(`${asked.length} pages of releases`);
  });
}
