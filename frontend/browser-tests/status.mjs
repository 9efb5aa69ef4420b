// The status page: filters, order, and that it shows what the API tells.

import { api, check, eventually, open, settled, withPage } from "./browser.mjs";

const plain = (text) => text.replace(/\s+/g, " ");
const grouped = (number) => number.toLocaleString("en").replaceAll(",", "\u202f");

/** Filters hide rows and say how many, by the address; progress is the API's. Needs a collector, two requests
 *  under different configurations, and a queue that has something to do. */
export async function status() {
  const told = await api("status");
  check(told.requests.length >= 2 && told.collectors.length >= 1, "two requests and a collector");
  const busy = told.configurations.find(({ queue }) => queue.compilations_total > 0);
  check(busy, "a queue with something to do");
  await withPage({}, async (page) => {
    await open(page, "/status");
    const requests = page.getByTestId("requests").locator("tbody tr");
    const rows = (wanted) => eventually(`${wanted} requests`, async () => await requests.count() === wanted);
    await rows(told.requests.length);
    const panel = plain(await page.getByTestId(`queue-${busy.configuration}`).innerText());
    const { queue } = busy;
    for (const words of [
      `${queue.running} running \u00b7 ${queue.queued} queued \u00b7 ${queue.pending} pending`,
      `${grouped(queue.compilations_done)} of ${grouped(queue.compilations_total)} compilations`,
    ]) {
      check(panel.includes(plain(words)), `"${words}", got: ${panel}`);
    }
    check(/left/.test(panel) === (queue.seconds_left !== undefined), `time left where the API knows it, got: ${panel}`);
    check(!(await page.getByTestId("hidden-rows").innerText()).trim(), "nothing said of hidden rows without a filter");

    const { configuration } = busy;
    await page.getByTestId("status-configuration").selectOption(configuration);
    await eventually("the configuration in the address", () => page.url().includes(`configuration=${configuration}`));
    const under = told.requests.filter(({ configurations }) => configurations.includes(configuration)).length;
    check(under < told.requests.length, "a request under another configuration");
    await rows(under);
    const hidden = page.getByTestId("hidden-rows");
    const others = told.requests.length - under;
    await eventually("how many requests are hidden", async () =>
      plain(await hidden.innerText()).includes(`${others} request`));

    const collector = told.collectors[0].collector.report.collector;
    await page.getByTestId("status-host").selectOption(collector);
    await page.getByTestId("status-show").selectOption("running");
    await page.getByTestId("status-order").selectOption("newest");
    await eventually("all of it in the address", () =>
      ["host=", "show=running", "order=newest"].every((part) => page.url().includes(part)));
    await page.keyboard.press("/");
    await page.keyboard.type("no such thing");
    await eventually("the text in the address", () => page.url().includes("text=no+such+thing"));
    await rows(0);
    check(/No request fits/.test(await page.getByTestId("requests").innerText()), "words for a list that is filtered away");
    const filtered = page.url();
    await page.reload();
    await settled(page);
    check(page.url() === filtered, "the same address after a reload");
    check(await page.getByTestId("status-text").inputValue() === "no such thing", "the text in its field after a reload");
    check(await page.getByTestId("status-show").inputValue() === "running", "the state in its field after a reload");
    await page.goBack();
    await eventually("the order undone by going back", () => !page.url().includes("order="));
    await page.getByTestId("show-all-rows").click();
    await rows(told.requests.length);
    console.log(`${told.requests.length} requests, ${under} under ${configuration}`);
  });
}
