// Fetches the parts of the page. Chunks of WebAssembly lie in containers, as custom sections: the number
// of the chunk, and the chunk. One that came with another container before is passed over.
import { initSync } from "./BINDINGS.js";

TABLE_OF_CONTAINERS
let imports;
const sharedImports = () => {
  if (imports) return imports;
  const { SHARED_IMPORTS } = initSync(undefined, undefined);
  imports = { __wasm_split: { SHARED_IMPORTS } };
  return imports;
};

/** What is loaded by a name. What failed once is tried again by whoever asks next. */
const once = (load) => {
  const loads = new Map();
  return (name, argument) => {
    if (!loads.has(name)) {
      const loaded = load(name, argument);
      loads.set(name, loaded);
      loaded.catch(() => loads.delete(name));
    }
    return loads.get(name);
  };
};
const chunk = once((_number, bytes) => WebAssembly.instantiate(bytes, sharedImports()));
const container = once(async (stem) => {
  const address = new URL(`./${stem}-HASH.wasm`, import.meta.url);
  const module = await WebAssembly.compileStreaming(fetch(address));
  const sections = WebAssembly.Module.customSections(module, "SECTION");
  await Promise.all(sections.map((section) =>
    chunk(new DataView(section).getUint16(0, true), new Uint8Array(section, 2))));
});

/** What the page calls to have a part: it is told by a callback in the table of functions. */
const loading = (page) => async (callback, data) => {
  let isLoaded = true;
  try {
    await Promise.all(containersOf[page].map((stem) => container(stem)));
  } catch (error) {
    console.error(error);
    isLoaded = false;
  }
  sharedImports().__wasm_split.__indirect_function_table.get(callback)(data, isLoaded);
};
