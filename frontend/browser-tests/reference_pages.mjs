// Releases, toolchain, artifacts, help, and the palette that leads to all of them.

import { api, check, eventually, open, settled, withPage } from "./browser.mjs";

/** Each artifact's page says what the API says, and leads to what was before and after it. */
export async function artifact() {
  const { items } = await api("configurations?limit=500");
  const run = items.map((one) => one.last_run).find(Boolean);
  check(run, "a run of some configuration");
  const detail = await api(`artifacts/${encodeURIComponent(run.artifact)}`);
  await withPage({}, async (page) => {
    await open(page, `/artifacts/${encodeURIComponent(run.artifact)}`);
    const facts = await page.getByTestId("artifact-facts").innerText();
    check(facts.includes(run.artifact), `its whole name among its facts, got ${facts}`);
    const rows = page.getByTestId("artifact-runs").locator("tbody tr");
    check(await rows.count() === detail.runs.length, `${detail.runs.length} runs, got ${await rows.count()}`);
    const parent = detail.artifact.history?.parent;
    if (parent) {
      await page.getByTestId("artifact-facts").getByTitle(parent, { exact: true }).click();
      await settled(page);
      await eventually("the page of what was before it", async () =>
        page.url().endsWith(`/artifacts/${encodeURIComponent(parent)}`)
        && (await page.getByTestId("artifact-facts").innerText()).includes(parent));
      await page.getByTestId("artifact-facts").getByTitle(run.artifact, { exact: true }).click();
      await settled(page);
    }
    console.log(`${run.artifact}: ${detail.runs.length} runs`);
  });
}

/** What is typed is in the address, survives a reload, and finds what the API finds. */
export async function artifacts() {
  const all = await api("artifacts?limit=50");
  const prefix = all.items[0].id.slice(0, 6);
  const found = await api(`artifacts?prefix=${encodeURIComponent(prefix)}&limit=50`);
  await withPage({}, async (page) => {
    await open(page, "/artifacts");
    await page.keyboard.press("/");
    await page.keyboard.type(prefix);
    await page.waitForURL(`**/artifacts?prefix=${prefix}`);
    await page.reload();
    await settled(page);
    check(await page.getByTestId("prefix").inputValue() === prefix, "the typed text after a reload");
    const rows = page.getByTestId("artifacts").locator("tbody tr");
    check(await rows.count() === found.items.length, `${found.items.length} artifacts, got ${await rows.count()}`);
    await page.getByTestId("prefix").fill("no-such-artifact");
    await page.getByTestId("no-artifacts").waitFor();
    console.log(`${found.items.length} begin with ${prefix}`);
  });
}

/** Help shows the rules of this server and every word of the glossary. */
export async function help() {
  const told = await api("help");
  const glossary = await (await fetch(`${process.env.PERFLEET_URL.replace(/\/$/, "")}/glossary.md`)).text();
  const words = glossary.split("\n").filter((line) => line.startsWith("| **")).length;
  check(words > 10, `a glossary, got ${words} words`);
  await withPage({}, async (page) => {
    await open(page, "/help");
    const policy = await page.getByTestId("policy").innerText();
    check(policy.includes(told.policy.decides), `who decides, got ${policy}`);
    for (const { configuration } of told.policy.tiers) {
      check(policy.includes(configuration), `the tier of ${configuration}`);
    }
    const shown = await page.getByTestId("glossary").locator("dt").count();
    check(shown === words, `${words} words, got ${shown}`);
    console.log(`${shown} words, ${told.commands.length} commands`);
  });
}

/** The palette opens by the keyboard, finds pages, configurations and artifacts, and goes there. */
export async function palette() {
  const { items } = await api("configurations?limit=500");
  const configuration = items[0].configuration.id;
  const { items: known } = await api("artifacts?limit=2");
  await withPage({}, async (page) => {
    await open(page, "/");
    await page.keyboard.press("Control+k");
    const field = page.getByTestId("palette-input");
    await eventually("the cursor in the palette's field", () => field.evaluate((it) => it === document.activeElement));
    await field.fill("help");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/help");
    await settled(page);

    for (const [words, path] of [["test case", "/test-case"], ["triage", "/triage"], ["weekly", "/triage/report"]]) {
      await page.keyboard.press("Control+k");
      await field.fill(words);
      await page.keyboard.press("Enter");
      await page.waitForURL(`**${path}*`);
      await settled(page);
    }

    await page.getByTestId("open-palette").click();
    await field.fill(configuration);
    await page.getByRole("option", { name: `${configuration} graphs` }).waitFor();
    await page.keyboard.press("ArrowDown");
    check(await page.getByRole("option").nth(1).getAttribute("aria-selected") === "true", "the second entry chosen");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/graphs?configuration=${configuration}`);
    await settled(page);

    await page.keyboard.press("Control+k");
    await field.fill(known[0].id);
    await page.locator("[role=option]", { hasText: "artifact" }).first().click();
    await page.waitForURL(`**/artifacts/${encodeURIComponent(known[0].id)}`);
    await settled(page);

    await page.keyboard.press("Control+k");
    await page.keyboard.press("Escape");
    await eventually("a closed palette", async () => !(await field.isVisible()));
    if (known.length === 2) {
      await page.keyboard.press("Control+k");
      await field.fill(`${known[0].id}..${known[1].id}`);
      await page.keyboard.press("Enter");
      await page.waitForURL("**/compare?base=*&head=*");
      await settled(page);
    }
    console.log("page, configuration, artifact and comparison by the palette");
  });
}

/** The dashboard has a group for each kind of test case, and its table the values of its charts. */
export async function releases(address) {
  await withPage({}, async (page) => {
    await open(page, address ?? "/releases");
    const table = page.getByTestId("release-table");
    if (!(await table.count())) {
      check(await page.getByTestId("no-releases").count() === 1, "words where no release was measured");
      console.log("no releases under the first configuration");
      return;
    }
    const groups = await page.locator("[data-testid^=group-]").count();
    const heads = await table.locator("thead th").count();
    check(heads === groups + 1, `a column for each of ${groups} groups, got ${heads}`);
    const rows = await table.locator("tbody tr").count();
    check(rows >= 2, `two releases at least, got ${rows}`);
    await table.locator("tbody a").first().click();
    await page.waitForURL("**/compare?base=release-*");
    await settled(page);
    console.log(`${groups} groups over ${rows} releases`);
  });
}

/** Components are listed with the values that the newest block has. */
export async function toolchain(address) {
  await withPage({}, async (page) => {
    await open(page, address ?? "/toolchain");
    const tables = page.locator("[data-testid^=toolchain-]");
    if (!(await tables.count())) {
      check(await page.getByTestId("no-toolchain").count() === 1, "words where nothing of a toolchain was measured");
      console.log("no toolchain under the first configuration");
      return;
    }
    const count = await tables.count();
    const link = tables.first().locator("tbody a").first();
    const name = await link.innerText();
    await link.click();
    await page.waitForURL(`**/graphs?*test=${encodeURIComponent(name)}*`);
    await settled(page);
    console.log(`${count} tables, ${name} on its chart`);
  });
}
