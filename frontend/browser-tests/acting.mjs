// Writes with a token, in a real browser against a real server. PERFLEET_TOKEN is an administrator's;
// the server has a request that waits, something that got worse, and a collector.

import { api, check, eventually, open, settled, withPage } from "./browser.mjs";

async function enter(page, token, keep = false) {
  await page.getByTestId("access").locator("summary").click();
  await page.locator("#token").fill(token);
  if (keep) await page.getByTestId("keep-token").check();
  await page.getByTestId("enter-token").click();
}

async function token() {
  const token = process.env.PERFLEET_TOKEN;
  check(token, "PERFLEET_TOKEN, a token of the role admin");
  return token;
}

const told = (page, words) => eventually(`to be told "${words}"`, async () =>
  (await page.getByTestId("told").innerText()).includes(words));

/** A reader is offered nothing that needs a token, and a wrong one is refused in words. */
export async function reader() {
  await withPage({ allowedStatus: [401] }, async (page) => {
    await open(page, "/status");
    check(await page.locator("button.act").count() === 0, "no button for a reader");
    await enter(page, "pft_wrong");
    const refused = page.getByTestId("token-refused");
    await refused.waitFor();
    check(/not known|revoked/.test(await refused.innerText()), `why not, got: ${await refused.innerText()}`);
    check(await page.evaluate(() => sessionStorage.length) === 0, "no wrong token kept");
    console.log("a reader is offered nothing, a wrong token is told");
  });
}

/** A token goes with writes alone, is kept as long as was said, and is forgotten when told to. */
export async function keeping() {
  const own = await token();
  await withPage({}, async (page) => {
    const sent = [];
    page.on("request", (request) => {
      if (request.headers()["x-perfleet-token"]) sent.push(new URL(request.url()).pathname);
    });
    await open(page, "/status");
    await enter(page, own, true);
    await page.getByTestId("forget-token").waitFor();
    check(await page.evaluate(() => localStorage.getItem("perfleet-token")) === own, "the token kept in the browser");
    await page.reload();
    await page.getByTestId("forget-token").waitFor();
    await eventually("buttons", async () => (await page.locator("button.act").count()) > 0);
    check(sent.length > 0 && sent.every((path) => path.startsWith("/write/")), `the token with writes alone, got ${sent}`);
    await page.getByTestId("forget-token").click();
    await eventually("no button", async () => (await page.locator("button.act").count()) === 0);
    const kept = await page.evaluate(() => [sessionStorage.length, localStorage.getItem("perfleet-token")]);
    check(kept[0] === 0 && kept[1] === null, `nothing kept, got ${kept}`);
    console.log(`sent with ${[...new Set(sent)].join(" ")}`);
  });
}

/** A request is paused with a reason, resumed, and cancelled after a question. */
export async function requests() {
  const own = await token();
  const { items } = await api("requests?state=waiting,running");
  check(items.length > 0, "a request that waits");
  const [{ id }] = items;
  const state = async () => (await api(`requests/${id}`)).request.state;
  await withPage({}, async (page) => {
    await open(page, `/requests/${id}`);
    await enter(page, own);
    await page.getByTestId("act-pause").click();
    await page.locator("#question-reason").fill("the host is moved");
    await page.getByTestId("question-yes").click();
    await told(page, "The request is paused.");
    check(await state() === "paused", `a paused request, got ${await state()}`);
    await page.getByTestId("act-resume").click();
    await told(page, "The request goes on.");
    check(await state() !== "paused", `no paused request, got ${await state()}`);

    await page.getByTestId("act-cancel").click();
    await page.getByTestId("question-no").click();
    await page.waitForTimeout(300);
    check(await state() !== "cancelled", "nothing done after a no");
    await page.getByTestId("act-cancel").click();
    await page.keyboard.press("Escape");
    check(await state() !== "cancelled", "nothing done after Escape");
    await page.getByTestId("act-cancel").click();
    await page.getByTestId("question-yes").click();
    await told(page, "The request is cancelled.");
    check(await state() === "cancelled", `a cancelled request, got ${await state()}`);
    await page.getByTestId("act-run-again").waitFor();
    console.log(`${id}: paused, resumed, cancelled`);
  });
}

/** A collector is drained and takes jobs again; a configuration is paused and resumed. */
export async function fleet() {
  const own = await token();
  const { items } = await api("collectors");
  check(items.length > 0, "a collector that was heard of");
  const name = items[0].collector.report.collector;
  const path = `collectors/${encodeURIComponent(name)}`;
  const draining = async () => (await api(path)).status.collector.draining;
  await withPage({}, async (page) => {
    await open(page, `/collectors/${encodeURIComponent(name)}`);
    await enter(page, own);
    await page.getByTestId("act-drain").click();
    await page.getByTestId("question-yes").click();
    await told(page, `${name} drains.`);
    check(await draining() === true, "a draining collector");
    await page.getByTestId("act-take-jobs-again").click();
    await told(page, "takes jobs again");
    check(await draining() === false, "a collector that takes jobs");

    await open(page, "/status");
    const { configurations } = await api("status");
    const id = configurations[0].configuration;
    const paused = async () => (await api("status")).configurations.find((one) => one.configuration === id).paused;
    const queue = page.getByTestId(`queue-${id}`);
    await queue.getByTestId("act-pause").click();
    await page.locator("#question-reason").fill("new kernel");
    await page.getByTestId("question-yes").click();
    await told(page, `${id} is paused.`);
    check((await paused())?.reason === "new kernel", "a paused configuration with its reason");
    await eventually("the reason on the page", async () => /new kernel/.test(await queue.innerText()));
    await queue.getByTestId("act-resume").click();
    await told(page, `${id} goes on.`);
    check(!(await paused()), "a configuration that goes on");
    console.log(`${name} drained, ${id} paused, and both let go`);
  });
}

/** A finding is acknowledged by a form that tells mistakes first, then a culprit and a fix are named. */
export async function decide() {
  const own = await token();
  const { items } = await api("triage?state=untriaged");
  check(items.length > 0, "something untriaged");
  const [{ base, head }] = items;
  const detail = () => api(`triage/${encodeURIComponent(`${base}..${head}`)}`);
  await withPage({}, async (page) => {
    await open(page, `/triage/finding?${new URLSearchParams({ base, head })}`);
    await enter(page, own);
    const form = page.getByTestId("acknowledge");
    await form.locator("summary").click();
    await page.getByTestId("acknowledge-send").click();
    await form.getByRole("alert").waitFor();
    check(!(await detail()).record, "nothing sent with a mistake");
    await page.locator("#ack-reason").selectOption("fix-planned");
    await page.locator("#ack-words").fill("the cache is to be split; costs 2 % until then");
    await page.locator("#ack-owner").fill("grace");
    await page.getByTestId("acknowledge-send").click();
    await told(page, "It is acknowledged.");
    const { entry, record } = await detail();
    check(entry.state === "acknowledged" && record.acts[0].what.reason === "fix-planned", `an acknowledged finding, got ${entry.state}`);
    await eventually("the act on the page", async () => /grace sees to it/.test(await page.getByTestId("acts").innerText()));

    await page.getByTestId("culprit").locator("summary").click();
    await page.getByTestId("culprit-send").click();
    await told(page, "The culprit is noted.");
    await page.getByTestId("fix").locator("summary").click();
    await page.locator("#fix-by").fill("https://example.org/pull/7");
    await page.getByTestId("fix-send").click();
    await told(page, "The fix is linked.");
    check((await detail()).entry.state === "fixed", "a fixed finding");
    await settled(page);
    const acts = await page.getByTestId("acts").locator("li").count();
    check(acts === 3, `three acts, got ${acts}`);
    console.log(`${base}..${head}: acknowledged, its culprit and fix named`);
  });
}
