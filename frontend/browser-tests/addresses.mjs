// Addresses of pages that have something to show, found by asking the API.

import { api } from "./browser.mjs";

/** A comparison that the server can make: the last that it made, or of two measured artifacts. */
export async function comparisonAddress() {
  const { items } = await api("configurations?limit=500");
  for (const { last_comparison: made } of items) {
    if (made) return compare(made.base, made.head, made.configuration);
  }
  for (const { configuration, runs } of items) {
    if (runs < 2) continue;
    const page = await api(`runs?configuration=${configuration.id}&limit=500`);
    const artifacts = [...new Set(page.items.map((run) => run.artifact))];
    if (artifacts.length >= 2) return compare(artifacts[1], artifacts[0], configuration.id);
  }
  throw new Error("the server has no two runs of one configuration: import or measure some first");
}

function compare(base, head, configuration) {
  return `/compare?${new URLSearchParams({ base, head, configuration })}`;
}

/** The graphs of the first configuration that has series. */
export async function graphsAddress() {
  const { items } = await api("configurations?limit=500");
  for (const { configuration } of items) {
    const manifest = await api(`series?configuration=${configuration.id}`).catch(() => null);
    if (manifest?.metrics.length) return `/graphs?configuration=${configuration.id}`;
  }
  throw new Error("no configuration of the server has series: import some first");
}
