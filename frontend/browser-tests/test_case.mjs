// The page of one test case.

import { api, check, eventually, open, server, withPage } from "./browser.mjs";
import { graphsAddress } from "./addresses.mjs";

/** A configuration with series, and its newest block. */
async function series() {
  const configuration = new URL(server + await graphsAddress()).searchParams.get("configuration");
  const manifest = await api(`series?configuration=${configuration}`);
  const { metric, blocks } = manifest.metrics[0];
  const answer = await fetch(`${server}/series/v1/${configuration}/${blocks.at(-1).content_hash}`);
  return { configuration, metric: metric.name, block: await answer.json() };
}

const nameOf = ({ name, benchmark, profile, scenario }) => name ?? `${benchmark}/${profile}/${scenario}`;

/** The test case under each configuration, each chart with an axis of its own. */
export async function configurations() {
  const { metric, block } = await series();
  const test = nameOf(block.series[0].test_case);
  await withPage({}, async (page) => {
    await open(page, `/test-case?${new URLSearchParams({ test, metric })}`);
    await page.waitForSelector("[data-testid^=configuration-] canvas");
    const { items } = await api("configurations?limit=500");
    const measured = items.filter((item) => item.runs > 0).length;
    const cards = await page.locator("[data-testid^=configuration-]").count();
    check(cards === measured, `a chart for each of ${measured} configurations, got ${cards}`);
    const lines = await page.locator("[data-testid^=configuration-] canvas").count();
    check(lines <= cards, `one canvas and so one axis for a configuration, got ${lines} for ${cards}`);
    check((await page.title()).startsWith(test), `${test} in the title`);
    await page.goto(`${server}/test-case`);
    await eventually("the last choice", () => new URL(page.url()).searchParams.get("test") === test);
    console.log(`${test} under ${cards} configurations`);
  });
}

/** Two configurations are ratios of one artifact, labelled so, and nothing of them is judged. */
export async function ratios() {
  const { configuration, metric, block } = await series();
  const test = nameOf(block.series[0].test_case);
  await withPage({}, async (page) => {
    await open(page, `/test-case?${new URLSearchParams({ test, metric })}`);
    const others = await page.getByTestId("beside").locator("option").allInnerTexts();
    const other = others.find((name) => name !== "choose" && name !== configuration);
    check(other, "a second configuration");
    await page.getByTestId("shown").selectOption(configuration);
    await page.getByTestId("beside").selectOption(other);
    const table = page.getByTestId("ratio-table");
    await table.locator("tbody tr").first().waitFor();
    const text = await page.getByTestId("ratios").innerText();
    check(/no significance/i.test(text) && /no verdict/i.test(text), `the label in words, got: ${text.slice(0, 200)}`);
    check(await table.locator(".better, .worse, .verdict").count() === 0, "no colour of a verdict");
    for (const cells of await table.locator("tbody tr").evaluateAll((rows) =>
      rows.map((row) => [...row.children].map((cell) => cell.innerText)))) {
      check(/^\d+(\.\d+)?\u00d7$/.test(cells[3].trim()), `a ratio, got ${cells}`);
    }
    const shown = page.url();
    await page.reload();
    await table.locator("tbody tr").first().waitFor();
    check(page.url() === shown, "the two configurations in the address");
    console.log(`${await table.locator("tbody tr").count()} ratios of ${configuration} and ${other}`);
  });
}
