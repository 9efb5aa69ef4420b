// Answers what is asked for below. What is small lies in containers, as custom sections: what every
// page needs in one, and for each page its own part with the small chunks that it needs besides.
//
// The loader of a page asks for its chunks and for its part in one go. So all that is asked for in
// one go is answered together, and the part tells the container.
const inShared = new Set([SHARED_NAMES]);
const alone = new Set([ALONE_NAMES]);
const addressOf = (stem) => new URL(`./${stem}-HASH.wasm`, import.meta.url);
const containers = new Map();
const container = (stem) => {
  if (!containers.has(stem)) {
    const compiled = WebAssembly.compileStreaming(globalThis.fetch(addressOf(stem)));
    containers.set(stem, compiled);
    // What failed once is tried again by whoever asks next.
    compiled.catch(() => containers.delete(stem));
  }
  return containers.get(stem);
};
const takenFrom = async (stems, name) => {
  for (const stem of stems) {
    const [bytes] = WebAssembly.Module.customSections(await container(stem), name);
    if (bytes) return new Response(bytes, { headers: { "content-type": "application/wasm" } });
  }
  throw new Error(`${name} is in none of the parts: ${stems.join(", ")}`);
};
let asked = [];
const answerTogether = () => {
  const together = asked;
  asked = [];
  const parts = together.map(({ stem }) => stem).filter((stem) => stem.startsWith("split_"));
  for (const { stem, name, resolve } of together) {
    if (inShared.has(name)) resolve(takenFrom(["shared"], name));
    else if (alone.has(name)) resolve(globalThis.fetch(addressOf(stem)));
    else resolve(takenFrom(parts, name));
  }
};
const fetch = (url) => new Promise((resolve) => {
  const name = url.pathname.split("/").pop();
  asked.push({ name, stem: name.replace(".wasm", ""), resolve });
  if (asked.length === 1) queueMicrotask(answerTogether);
});
