// Triage by readers: the inbox, a finding, the weekly report. Needs something that got worse.

import { api, check, eventually, open, settled, withPage } from "./browser.mjs";

const FINDING = "li.finding";

async function waiting() {
  const { items } = await api("triage?limit=500");
  check(items.length > 0, "something on the server that got worse");
  return items;
}

/** The inbox lists what the API does, conflicts apart; its filters are in the address. */
export async function inbox() {
  const all = await waiting();
  const isOpen = ({ state }) => state === "untriaged" || state === "overdue";
  await withPage({}, async (page) => {
    const count = (wanted) => eventually(`${wanted} findings`, async () => (await page.locator(FINDING).count()) === wanted);
    await open(page, "/triage?show=all");
    await count(all.length);
    const conflicts = all.filter((entry) => entry.conflict);
    const apart = await page.getByTestId("conflicts").locator(FINDING).count().catch(() => 0);
    check(apart === conflicts.length, `${conflicts.length} conflicts apart, got ${apart}`);

    await page.getByTestId("show").selectOption("open");
    await eventually("the choice in the address", () => page.url().includes("show=open"));
    await count(all.filter(isOpen).length);
    const { configuration } = all[0].configurations.find((one) => one.standing);
    await page.getByTestId("triage-configuration").selectOption(configuration);
    await eventually("the configuration in the address", () => page.url().includes(`configuration=${configuration}`));
    const { items: under } = await api(`triage?limit=500&state=untriaged,overdue&configuration=${configuration}`);
    await count(under.length);
    await page.getByTestId("triage-text").fill("no such thing anywhere");
    await eventually("the search in the address", () => page.url().includes("text="));
    await count(0);
    check(/filter/.test(await page.getByTestId("finding-count").innerText()), "words for an empty list");

    const filtered = page.url();
    await page.reload();
    await settled(page);
    check(page.url() === filtered, "the same address after a reload");
    check((await page.getByTestId("triage-text").inputValue()) === "no such thing anywhere", "the search in its field");
    await page.getByTestId("triage-text").fill("");
    await count(under.length);
    await page.goBack();
    await eventually("fewer filters after going back", () => !page.url().includes("configuration="));
    await count(all.filter(isOpen).length);

    await page.getByTestId("show").selectOption("all");
    await eventually("another choice", () => page.url().includes("show=all"));
    await open(page, "/triage");
    await count(all.length);
    check((await page.getByTestId("show").inputValue()) === "all", "the last choice where the address says nothing");
    console.log(`${all.length} findings, ${conflicts.length} conflicts, ${under.length} open under ${configuration}`);
  });
}

/** A finding says what changed, where, and who is to look; the keyboard leads there. */
export async function finding() {
  const [entry] = await waiting();
  const sides = `${entry.base}..${entry.head}`;
  const detail = await api(`triage/${encodeURIComponent(sides)}`);
  await withPage({}, async (page) => {
    await open(page, "/triage?show=all");
    await page.locator(FINDING).first().waitFor();
    await page.keyboard.press("/");
    await eventually("the search to be focused", () => page.evaluate(() => document.activeElement.id === "triage-text"));
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await eventually("the first finding to be focused", () =>
      page.evaluate(() => document.activeElement.closest("li.finding") === document.querySelector("li.finding")));
    await page.keyboard.press("Enter");
    await eventually("the finding", () => page.url().includes("/triage/finding?base="));
    const decision = page.getByTestId("decision");
    await decision.waitFor();

    await open(page, `/triage/finding?${new URLSearchParams({ base: entry.base, head: entry.head })}`);
    await decision.waitFor();
    const text = await decision.innerText();
    check(text.includes(detail.decision.sentence), `the decision, got: ${text}`);
    for (const one of detail.entry.configurations) {
      const part = page.getByTestId(`finding-under-${one.configuration}`);
      const said = await part.innerText();
      if (one.standing) check(said.includes(one.standing.owner) && said.includes(one.standing.state), `who is to look, got: ${said}`);
      const links = await part.locator("a[href^='/compare?']").count();
      check(links === one.comparisons.length, `${one.comparisons.length} comparisons, got ${links}`);
      check(await part.locator("a[href^='/graphs?']").count() === 1, "a way to the graphs");
    }
    check(await page.getByTestId("acknowledge").count() === 0, "no form without a token");
    check(/token/.test(await page.getByTestId("why-not").innerText()), "how to act");
    await open(page, "/triage/finding?base=x&head=y");
    check(/no such finding/i.test(await page.locator("main").innerText()), "words for a wrong address");
    console.log(`${sides}: ${detail.decision.sentence}`);
  });
}

/** The report of a week is read as text, and its Markdown is the API's. */
export async function report() {
  const { week, markdown } = await api("reports/triage");
  await withPage({}, async (page) => {
    await open(page, `/triage/report?week=${week}`);
    await page.locator(".report h2").first().waitFor();
    const headings = markdown.split("\n").filter((line) => /^#+ /.test(line)).length;
    const shown = await page.locator(".report :is(h2, h3, h4)").count();
    check(shown === headings, `${headings} headings, got ${shown}`);
    const text = await page.locator(".report").innerText();
    check(!/\*\*|\|---|^#/m.test(text), `no marks left in the text, got: ${text}`);
    const raw = await page.getByTestId("report-markdown").textContent();
    check(raw === markdown, "the Markdown as the API has it");
    await page.getByTestId("previous-week").click();
    await eventually("the week before", () => !page.url().includes(week));
    await page.getByTestId("next-week").click();
    await eventually("the week again", () => page.url().includes(`week=${week}`));
    console.log(`${week}: ${headings} sections`);
  });
}
