// The overview and the status page: what they show is what the API says.

import { api, check, eventually, open, settled, withPage } from "./browser.mjs";

/** A text with plain spaces: numbers and their nouns are kept on one line by others. */
const plain = (text) => text.replace(/\s+/g, " ");

/** Each configuration is there with its last runs, regressions, queue and collectors. */
export async function overview() {
  const [{ items }, glances] = await Promise.all([api("configurations?limit=500"), api("overview")]);
  await withPage({}, async (page) => {
    await open(page, "/");
    for (const { configuration, queue, collectors_alive: alive } of items) {
      const row = page.getByTestId(`configuration-${configuration.id}`);
      await row.waitFor();
      const glance = glances.configurations.find((one) => one.configuration === configuration.id);
      if (glance.trend) {
        const spark = row.getByTestId("spark");
        await spark.waitFor();
        const drawn = Number(await spark.getAttribute("data-points"));
        check(drawn === glance.trend.points.length, `${glance.trend.points.length} points of ${configuration.id}, got ${drawn}`);
        const label = plain(await spark.getAttribute("aria-label"));
        check(label.startsWith(`${drawn} run`) && /from their median$/.test(label), `the line in words, got: ${label}`);
      }
      const text = plain(await row.innerText());
      const { untriaged, overdue } = glance.regressions;
      const said = untriaged + overdue > 0 ? `${untriaged + overdue} open regression` : /regression/;
      check(text.match(said), `the regressions of ${configuration.id}, got: ${text}`);
      const collectors = alive === 0 ? "no collector" : `${alive} collector`;
      check(text.includes(collectors), `"${collectors}" of ${configuration.id}, got: ${text}`);
      if (queue.pending + queue.queued + queue.running === 0) check(text.includes("Queue empty"), `an empty queue, got: ${text}`);
    }
    console.log(`${items.length} configurations as the API tells them`);
  });
}

/** What needs a person is what the API counts, and each line leads to where it is. */
export async function attention() {
  const { attention } = await api("overview");
  const { problems } = await api("status");
  await withPage({}, async (page) => {
    await open(page, "/");
    const panel = page.getByTestId("needs-a-person");
    const lines = [
      [attention.untriaged, "untriaged regression"],
      [attention.overdue, "overdue acknowledgement"],
      [attention.conflicts, "conflict"],
      [problems.length, "problem"],
    ];
    await eventually("what needs a person", async () => !/Loading/.test(await panel.innerText()));
    for (const [count, words] of lines) {
      const text = plain(await panel.innerText());
      check(count > 0 ? text.includes(`${count} ${words}`) : !text.includes(words), `${count} of "${words}", got: ${text}`);
    }
    if (attention.untriaged > 0) {
      await panel.getByRole("link", { name: /untriaged/ }).click();
      await eventually("the inbox", () => page.url().includes("/triage?show=untriaged"));
      await page.locator("[data-testid^=finding-]").first().waitFor();
    }
    console.log(`${lines.map(([count, words]) => `${count} ${words}`).join(", ")}`);
  });
}

/** Where nothing was ever measured, the overview says what to do. Needs an empty server. */
export async function firstUse() {
  const { items } = await api("configurations");
  check(items.length === 0, "a server without configurations");
  await withPage({}, async (page) => {
    await open(page, "/");
    const text = await page.getByTestId("first-use").innerText();
    check(/cargo xtask demo/.test(text) && /perfleet import csv/.test(text), `what to do, got: ${text}`);
    await open(page, "/triage?show=open");
    check(/Nothing waits/.test(await page.getByTestId("finding-count").innerText()), "words for an empty inbox");
    console.log("an empty server says how to begin");
  });
}

/** Nothing is asked for while the page is hidden, and what did not change costs an empty answer. */
export async function polling() {
  await withPage({}, async (page, seen) => {
    const statuses = [];
    page.on("response", (response) => { if (response.url().endsWith("/api/v1/overview")) statuses.push(response.status()); });
    await open(page, "/");
    await eventually("a second question", () => statuses.length >= 2);
    check(statuses.every((status) => status === 200 || status === 304), `answers, got ${statuses}`);
    await page.evaluate(() => {
      Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
    });
    await page.waitForTimeout(300);
    const asked = seen.requests.length;
    await page.waitForTimeout(6500);
    check(seen.requests.length === asked, `nothing asked while hidden, got ${seen.requests.slice(asked)}`);
    console.log(`${statuses.length} answers while seen, none while hidden`);
  });
}

/** A collector's page has what the API says of it. Needs a collector that was heard of. */
export async function collector() {
  const { items } = await api("collectors");
  check(items.length > 0, "a collector that was heard of");
  const name = items[0].collector.report.collector;
  const detail = await api(`collectors/${encodeURIComponent(name)}`);
  await withPage({}, async (page) => {
    await open(page, "/status");
    await page.getByTestId(`collector-${name}`).getByRole("link", { name, exact: true }).click();
    await eventually("its page", () => page.url().includes("/collectors/"));
    await page.getByTestId("health").waitFor();
    const health = await page.getByTestId("health").innerText();
    for (const { sentence } of detail.health) check(health.includes(sentence), `"${sentence}", got: ${health}`);
    const runs = await page.locator("[data-testid=measured] tbody tr").count();
    check(runs === detail.runs.length, `${detail.runs.length} runs, got ${runs}`);
    await page.reload();
    await settled(page);
    await page.getByTestId("collector-facts").waitFor();
    console.log(`${name}: ${detail.health.length} findings, ${runs} runs`);
  });
}
