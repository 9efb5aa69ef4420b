// Answers what is asked for below: from the file that all pages share, or by the name with the hash.
const inShared = [SHARED_NAMES];
let shared;
const fetch = async (url) => {
  const name = url.pathname.split("/").pop();
  if (!inShared.includes(name)) {
    return globalThis.fetch(new URL(name.replace(".wasm", "-HASH.wasm"), import.meta.url));
  }
  shared ??= WebAssembly.compileStreaming(globalThis.fetch(new URL("./shared-HASH.wasm", import.meta.url)));
  // What failed once is tried again by whoever asks next.
  shared.catch(() => { shared = undefined; });
  const [bytes] = WebAssembly.Module.customSections(await shared, name);
  return new Response(bytes, { headers: { "content-type": "application/wasm" } });
};
