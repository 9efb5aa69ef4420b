// Runs one browser test by name, or all: `node run.mjs NAME [ARGUMENT]`. See ../README.md.

import { accessibility, comfort } from "./accessibility.mjs";
import * as acting from "./acting.mjs";
import * as compare from "./compare.mjs";
import * as compareBeside from "./compare_beside.mjs";
import * as everyPage from "./every_page.mjs";
import * as graphs from "./graphs.mjs";
import * as history from "./history.mjs";
import { focus, keys } from "./keys.mjs";
import { load } from "./load.mjs";
import * as testCase from "./test_case.mjs";
import * as overview from "./overview.mjs";
import * as reference from "./reference_pages.mjs";
import { screenshots } from "./pictures.mjs";
import { printedComparison, printedGraphs, printing } from "./printing.mjs";
import { states } from "./states.mjs";
import { status } from "./status.mjs";
import * as rowDetail from "./row_detail.mjs";
import * as triage from "./triage.mjs";
import { visit } from "./visit.mjs";

const TESTS = {
  headlines: compare.headlines,
  filters: compare.filters,
  sort: compare.sort,
  why: compare.why,
  intervals: compare.intervals,
  "long-table": compare.longTable,
  refusal: compare.refusal,
  keyboard: compare.keyboard,
  beside: compareBeside.beside,
  detail: compareBeside.detail,
  export: compareBeside.exports,
  neighbours: compareBeside.neighbours,
  summary: compareBeside.summary,
  sparklines: compareBeside.sparklines,
  "last-choice": compareBeside.lastChoice,
  "graph-requests": graphs.requests,
  "graph-hover": graphs.hoverAndClick,
  "graph-zoom": graphs.zoom,
  "graph-table": graphs.table,
  "graph-changes": graphs.changes,
  "graph-keys": graphs.keysAndStrip,
  "graph-overlay": graphs.overlay,
  "graph-let-go": graphs.letGo,
  "test-case": testCase.configurations,
  ratios: testCase.ratios,
  overview: overview.overview,
  attention: overview.attention,
  polling: overview.polling,
  artifact: reference.artifact,
  artifacts: reference.artifacts,
  help: reference.help,
  palette: reference.palette,
  releases: reference.releases,
  toolchain: reference.toolchain,
  states,
  accessibility,
  comfort,
  printing,
  "printed-comparison": printedComparison,
  "printed-graphs": printedGraphs,
  narrow: everyPage.narrow,
  themes: everyPage.themes,
  navigation: everyPage.navigation,
  focus,
  keys,
  parts: everyPage.parts,
  "missing-part": everyPage.missingPart,
};

/** These need a server with more than measurements on it; each says with what. */
const STORIES = {
  "first-use": overview.firstUse,
  collector: overview.collector,
  inbox: triage.inbox,
  finding: triage.finding,
  report: triage.report,
  reader: acting.reader,
  "row-detail": rowDetail.rowDetail,
  "no-self-profile": rowDetail.noSelfProfile,
  attempts: rowDetail.attempts,
  "keep-token": acting.keeping,
  "act-on-request": acting.requests,
  "act-on-fleet": acting.fleet,
  decide: acting.decide,
  status,
  warnings: history.warnings,
  retracted: history.retracted,
  "pull-request": history.pullRequest,
  "graph-lists": history.lists,
};

/** These show rather than check. */
const TOOLS = { text: everyPage.text, screenshots, visit, load };

const [name, argument] = process.argv.slice(2);
const chosen = name === "all" ? Object.entries(TESTS) : [[name, { ...TESTS, ...STORIES, ...TOOLS }[name]]];
if (!chosen[0][1]) {
  console.error(`usage: node run.mjs NAME [ARGUMENT], NAME one of: all ${Object.keys({ ...TESTS, ...STORIES, ...TOOLS }).join(" ")}`);
  process.exit(2);
}
let failed = 0;
for (const [name, test] of chosen) {
  try {
    await test(argument);
    if (name in TESTS || name in STORIES) console.log(`ok: ${name}`);
  } catch (error) {
    failed += 1;
    console.error(`FAILED: ${name}: ${error.message}`);
  }
}
process.exit(failed === 0 ? 0 : 1);
