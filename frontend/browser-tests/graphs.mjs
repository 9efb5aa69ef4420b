// The graphs page.

import { graphsAddress } from "./addresses.mjs";
import { check, eventually, open, settled, withPage } from "./browser.mjs";

const CARD = "article.chart-card";

async function openGraphs(page, address) {
  await open(page, address ?? await graphsAddress());
  await page.waitForSelector(`${CARD} canvas`);
  await settled(page);
}

/** The first page of charts takes a manifest and one block, and charts out of view are not drawn. */
export async function requests(address) {
  await withPage({}, async (page, seen) => {
    await openGraphs(page, address);
    const paths = seen.requests.map((url) => new URL(url).pathname);
    const blocks = paths.filter((path) => path.startsWith("/series/v1/"));
    const manifests = paths.filter((path) => path === "/api/v1/series");
    check(blocks.length === 1, `one block, got ${blocks.join(" ")}`);
    check(manifests.length === 1, `one manifest, got ${manifests.length}`);
    const cards = await page.locator(CARD).count();
    const drawn = await page.locator(`${CARD} canvas`).count();
    const firstChart = await page.evaluate(() => performance.getEntriesByName("first-chart")[0]?.duration);
    check(firstChart > 0, "the time to the first chart");
    console.log(JSON.stringify({ cards, drawn, blocks: blocks.length, first_chart_ms: Math.round(firstChart) }));
    return firstChart;
  });
}

/** Pointing at a chart shows value and artifact; a click pins it in every chart, with the comparison. */
export async function hoverAndClick(address) {
  await withPage({}, async (page) => {
    await openGraphs(page, address);
    const card = page.locator(CARD).first();
    const over = card.locator(".u-over");
    const box = await over.boundingBox();
    const resting = await card.getByTestId("readout").innerText();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await eventually("another readout when pointing", async () =>
      (await card.getByTestId("readout").innerText()) !== resting);
    const pointed = await card.getByTestId("readout").innerText();
    check(/\d/.test(pointed), `a value and an artifact, got: ${pointed}`);
    const second = page.locator(CARD).nth(1).getByTestId("readout");
    await eventually("the cross-hair in the next chart", async () => !/newest/.test(await second.innerText()));
    console.log(pointed);
    await page.mouse.down();
    await page.mouse.up();
    await eventually("the pin in the address", () => /pin=-?\d+/.test(page.url()));
    await page.mouse.move(2, 2);
    await eventually("the pinned value in the next chart", async () => /pinned/.test(await second.innerText()));
    await page.reload();
    await page.getByTestId("pinned-comparison").click();
    await eventually("the comparison", () => /\/compare\?base=.+&head=.+/.test(page.url()));
    await page.waitForSelector("[data-testid^=headline-]");
    console.log(page.url().slice(page.url().indexOf("/compare")));
    await page.goBack();
    await page.getByTestId("unpin").click();
    await eventually("no pin", () => !page.url().includes("pin="));
  });
}

/** Keys zoom in and out, and a brush over the strip of the whole time zooms as well. */
export async function keysAndStrip(address) {
  await withPage({}, async (page) => {
    await openGraphs(page, address);
    const stretch = () => ["from", "to"].map((name) => Number(new URL(page.url()).searchParams.get(name)));
    await page.keyboard.press("+");
    await eventually("a stretch in the address", () => page.url().includes("from="));
    const [from, to] = stretch();
    await page.keyboard.press("h");
    await eventually("an older stretch", () => stretch()[0] < from && stretch()[1] < to);
    await page.keyboard.press("0");
    await eventually("everything", () => !page.url().includes("from="));
    const box = await page.getByTestId("strip").boundingBox();
    await page.mouse.move(box.x + box.width * 0.2, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 5 });
    await page.mouse.up();
    await eventually("the brushed stretch in the address", () => page.url().includes("from="));
    check(stretch()[0] < stretch()[1], `a stretch, got ${stretch()}`);
    console.log(`keys: ${from} to ${to}; brush: ${stretch().join(" to ")}`);
  });
}

/** Test cases of one configuration lie over each other, in the address, each with its own line. */
export async function overlay(address) {
  await withPage({}, async (page) => {
    await openGraphs(page, address);
    const buttons = page.locator(`${CARD} .chart-head button`);
    await buttons.nth(0).click();
    await buttons.nth(1).click();
    const laid = page.getByTestId("overlay");
    await eventually("two lines", async () => await laid.locator(".legend li").count() === 2);
    await laid.locator("canvas").waitFor();
    check(new URL(page.url()).searchParams.getAll("overlay").length === 2, "both in the address");
    await page.reload();
    await laid.locator("canvas").waitFor();
    console.log((await laid.locator(".legend").innerText()).replaceAll("\n", " "));
  });
}

/** A chart that is far out of view is let go: few canvases, however many charts. */
export async function letGo(address) {
  await withPage({ viewport: { width: 500, height: 600 } }, async (page) => {
    await openGraphs(page, address);
    const first = page.locator(CARD).first();
    check(await first.locator("canvas").count() === 1, "the first chart drawn");
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await eventually("the first chart let go", async () => await first.locator("canvas").count() === 0);
    const drawn = await page.locator(`${CARD} canvas`).count();
    await page.evaluate(() => scrollTo(0, 0));
    await eventually("the first chart drawn again", async () => await first.locator("canvas").count() === 1);
    console.log(`${drawn} charts drawn at the end of ${await page.locator(CARD).count()}`);
  });
}

/** Dragging zooms every chart and is in the address; zooming out takes it away. */
export async function zoom(address) {
  await withPage({}, async (page) => {
    await openGraphs(page, address);
    const box = await page.locator(`${CARD} .u-over`).first().boundingBox();
    await page.mouse.move(box.x + box.width * 0.25, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 40, { steps: 8 });
    await page.mouse.up();
    await eventually("the stretch in the address", () => /from=-?\d+&to=-?\d+/.test(page.url()));
    const zoomed = page.url();
    await page.reload();
    await page.waitForSelector(`${CARD} canvas`);
    check(page.url() === zoomed, "the stretch after a reload");
    await page.getByTestId("zoom-out").click();
    await eventually("the whole range", () => !page.url().includes("from="));
    console.log(`zoomed to ${new URL(zoomed).search}`);
  });
}

/** A chart's values are also a table, with the same links. */
export async function table(address) {
  await withPage({}, async (page) => {
    await openGraphs(page, address);
    const card = page.locator(CARD).first();
    await card.locator("summary").click();
    await card.locator("table.points tbody tr").first().waitFor();
    const rows = await card.locator("table.points tbody tr").count();
    const links = await card.locator("table.points a[href^='/compare?']").count();
    check(rows > 1 && links > 0, `rows and links, got ${rows} and ${links}`);
    console.log(`${rows} points as a table, ${links} comparisons to go to`);
  });
}

/** What changed is listed as the API tells it, and said under the chart that it is of. */
export async function changes(address) {
  await withPage({}, async (page) => {
    await openGraphs(page, address);
    const list = page.getByTestId("changes");
    await list.locator("summary").click();
    await list.locator("tbody tr").first().waitFor();
    const configuration = new URL(page.url()).searchParams.get("configuration");
    const told = await page.evaluate(async (configuration) => {
      const answer = await fetch(`/api/v1/events?configuration=${configuration}&limit=500`);
      return (await answer.json()).items.filter((event) => event.kind === "change-point");
    }, configuration);
    const levels = told.filter((change) => change.nature !== "bad-run");
    const standing = levels.filter((change) => change.stands);
    check(standing.length > 0, "a change that stands in the made-up series");
    const rows = () => list.locator("tbody tr").count();
    check(await rows() === levels.length, `${levels.length} changes, got ${await rows()}`);
    await list.locator("input").check();
    await eventually("the standing ones alone", async () => await rows() === standing.length);
    const { test_case } = standing[0];
    const since = page.getByTestId(`chart-${test_case}`).getByTestId("since");
    await since.scrollIntoViewIfNeeded();
    check(/ since /.test(await since.innerText()), `since when, got: ${await since.innerText()}`);
    const link = await list.locator("tbody a[href^='/compare?']").first().getAttribute("href");
    check(link.includes(standing[0].artifact), `a comparison of the artifact, got: ${link}`);
    console.log(`${levels.length} changes, ${standing.length} stand; ${test_case}: ${await since.innerText()}`);
  });
}
