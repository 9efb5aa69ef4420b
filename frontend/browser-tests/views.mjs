// Every view of the page: each page by its address, and what a reader opens on it.

import { comparisonAddress, graphsAddress } from "./addresses.mjs";
import { api, eventually, server, settled } from "./browser.mjs";

const query = (address, more) => `${address}&${new URLSearchParams(more)}`;

/** What was typed wrong, or is gone: no server has these. */
const NOWHERE = {
  "artifact-unknown": "/artifacts/no-such-artifact",
  "collector-unknown": "/collectors/no-such-collector",
  "compare-unknown": "/compare?base=no-such-base&head=no-such-head",
  "finding-unknown": "/triage/finding?base=no-such-base&head=no-such-head",
  "job-unknown": "/jobs/01900000-0000-7000-8000-000000000000",
  "request-unknown": "/requests/01900000-0000-7000-8000-000000000000",
  "address-unknown": "/no/such/page",
};

/** The pages that need nothing on the server. */
const ALWAYS = {
  overview: "/", status: "/status", "compare-empty": "/compare", releases: "/releases",
  toolchain: "/toolchain", artifacts: "/artifacts", help: "/help", triage: "/triage?show=all",
  report: "/triage/report",
};

/** Views on a server without measurements: every page, and what is said of what is not there. */
export function emptyViews() {
  return list({ ...ALWAYS, graphs: "/graphs", "test-case": "/test-case", ...NOWHERE });
}

/** The name and the address of every page that this server has something to show on. */
export async function everyAddress() {
  return (await everyPage()).map(({ name, address }) => [name, address]);
}

/** Every page that this server has something to show on. */
export async function everyPage() {
  const [compare, graphs] = await Promise.all([comparisonAddress(), graphsAddress()].map(orNothing));
  const first = (page, address) => page.items[0] && address(page.items[0]);
  const [artifacts, findings, collectors, requests] = await Promise.all(
    ["artifacts", "triage", "collectors", "requests"].map((list) => api(`${list}?limit=100`)));
  return list({
    ...ALWAYS,
    compare,
    "compare-values": compare && query(compare, { raw: 1 }),
    graphs,
    "test-case": graphs && "/test-case",
    artifact: first(artifacts, ({ id }) => `/artifacts/${encodeURIComponent(id)}`),
    finding: first(findings, ({ base, head }) => `/triage/finding?${new URLSearchParams({ base, head })}`),
    collector: first(collectors, ({ collector }) => `/collectors/${encodeURIComponent(collector.report.collector)}`),
    request: first(requests, ({ id }) => `/requests/${id}`),
    "request-done": requests.items.some(({ state }) => state === "done")
      && `/requests/${requests.items.find(({ state }) => state === "done").id}`,
    ...await measuredElsewhere(),
    job: await orNothing(jobAddress(requests.items)),
  });
}

/** Every page, and what can be opened on each. */
export async function everyView() {
  return [...await everyPage(), ...await comparisonViews(), ...await chartViews(), ...dialogs(), ...await actingViews()];
}

const list = (addresses) => Object.entries(addresses)
  .filter(([, address]) => address).map(([name, address]) => ({ name, address }));

const orNothing = (promise) => promise.catch(() => undefined);

/** Releases and toolchains are measured under few configurations. */
async function measuredElsewhere() {
  const { items } = await api("configurations?limit=500");
  const addresses = {};
  for (const { configuration: { id } } of items) {
    const { metrics } = await api(`series?configuration=${id}`).catch(() => ({ metrics: [] }));
    if (metrics.some(({ line }) => line === "releases")) addresses["releases-measured"] ??= `/releases?configuration=${id}`;
    if (metrics.some(({ metric }) => metric.name === "size:component")) addresses["toolchain-measured"] ??= `/toolchain?configuration=${id}`;
  }
  return addresses;
}

async function jobAddress(requests) {
  for (const { id } of requests) {
    const { jobs } = await api(`requests/${id}`);
    if (jobs.length > 0) return `/jobs/${jobs[0].id}`;
  }
  return undefined;
}

async function comparisonViews() {
  const compare = await orNothing(comparisonAddress());
  if (!compare) return [];
  const asked = new URLSearchParams(compare.slice(compare.indexOf("?")));
  const sides = ["base", "head"].map((side) => encodeURIComponent(asked.get(side))).join("..");
  const { test_cases } = await api(`comparisons/${sides}?configuration=${asked.get("configuration")}`);
  return [
    ...list({ "compare-nothing-listed": query(compare, { test: "no such test case" }) }),
    {
      name: "compare-detail", address: query(compare, { case: test_cases[0].name }),
      open: (page) => page.getByTestId("case-detail").locator("canvas").waitFor(),
    },
    {
      name: "compare-why", address: query(compare, { why: "verdict" }),
      open: (page) => page.locator("#why-answer *").first().waitFor(),
    },
    {
      name: "compare-beside", address: compare,
      open: async (page) => {
        const chip = page.locator("[data-testid^=beside-]").first();
        if (await chip.count()) {
          await chip.click();
          await page.locator("td.beside").first().waitFor();
        }
      },
    },
  ];
}

/** The first configuration with series, its metric, and names of its test cases. */
async function seriesOf(graphs) {
  const configuration = new URL(server + graphs).searchParams.get("configuration");
  const { metrics: [{ metric, blocks }] } = await api(`series?configuration=${configuration}`);
  const block = await (await fetch(`${server}/series/v1/${configuration}/${blocks.at(-1).content_hash}`)).json();
  const nameOf = ({ name, benchmark, profile, scenario }) => name ?? `${benchmark}/${profile}/${scenario}`;
  return { configuration, metric: metric.name, names: block.series.map(({ test_case }) => nameOf(test_case)), last: blocks.at(-1).last_ordinal };
}

async function chartViews() {
  const graphs = await orNothing(graphsAddress());
  if (!graphs) return [];
  const { configuration, metric, names, last } = await seriesOf(graphs);
  const overlay = new URLSearchParams(names.slice(0, 3).map((name) => ["overlay", name]));
  const { items } = await api("configurations?limit=500");
  const other = items.find((one) => one.runs > 0 && one.configuration.id !== configuration)?.configuration.id;
  const testCase = `/test-case?${new URLSearchParams({ test: names[0], metric })}`;
  const chartIn = (place) => (page) => page.locator(`${place} canvas`).first().waitFor();
  return [
    { name: "graphs-pinned", address: query(graphs, { pin: last }), open: (page) => page.getByTestId("pinned").waitFor() },
    { name: "graphs-overlay", address: `${graphs}&values=from-first&${overlay}`, open: chartIn("[data-testid=overlay]") },
    {
      name: "graphs-table", address: graphs,
      open: async (page) => {
        await page.locator("article.chart-card summary").first().click();
        await page.locator("table.points tbody tr").first().waitFor();
      },
    },
    ...list({ "graphs-nothing-listed": query(graphs, { test: "no such test case" }) }),
    { name: "test-case-chosen", address: testCase, open: chartIn("[data-testid^=configuration-]") },
    ...(other ? [{
      name: "ratios", address: query(testCase, { shown: configuration, beside: other }),
      open: (page) => page.getByTestId("ratios").waitFor(),
    }] : []),
  ];
}

function dialogs() {
  const palette = async (page) => {
    await page.keyboard.press("Control+k");
    await page.getByTestId("palette-input").waitFor();
  };
  return [
    { name: "palette", address: "/help", onPaper: false, open: palette },
    {
      name: "palette-found", address: "/help", onPaper: false,
      open: async (page) => {
        await palette(page);
        await page.getByTestId("palette-input").fill("s");
        await page.getByRole("option").first().waitFor();
      },
    },
    {
      name: "keyboard-help", address: "/help", onPaper: false,
      open: async (page) => {
        await page.keyboard.press("?");
        await page.locator("dialog.help[open]").waitFor();
      },
    },
  ];
}

/** What whoever has a token sees. None without `PERFLEET_TOKEN`. */
async function actingViews() {
  const token = process.env.PERFLEET_TOKEN;
  if (!token) return [];
  const pages = (await everyPage()).filter(({ name }) => ["status", "finding", "request", "collector"].includes(name));
  const acting = async (page) => {
    await page.evaluate((token) => sessionStorage.setItem("perfleet-token", token), token);
    await page.reload();
    await settled(page);
    await page.getByTestId("forget-token").waitFor();
  };
  const withButtons = pages.map(({ name, address }) => ({ name: `${name}-acting`, address, onPaper: false, open: acting }));
  return [
    ...withButtons,
    {
      name: "question", address: "/status", onPaper: false,
      open: async (page) => {
        await acting(page);
        await page.getByTestId("act-pause").first().click();
        await eventually("the question", () => page.getByTestId("question-yes").isVisible());
      },
    },
  ];
}
