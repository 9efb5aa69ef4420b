// Fetches the parts of the page: modules of WebAssembly that share the memory and the table of functions of
// the first one.
import { initSync } from "./BINDINGS.js";

TABLE_OF_CONTAINERS
let imports;
const sharedImports = () => {
  if (imports) return imports;
  const { SHARED_IMPORTS } = initSync(undefined, undefined);
  imports = { page: { SHARED_IMPORTS } };
  return imports;
};

/** What is loaded by a name. What failed once is tried again by whoever asks next. */
const loads = new Map();
const container = (stem) => {
  if (!loads.has(stem)) {
    const address = new URL(`./${stem}-HASH.wasm`, import.meta.url);
    const loaded = WebAssembly.instantiateStreaming(fetch(address), sharedImports());
    loads.set(stem, loaded);
    loaded.catch(() => loads.delete(stem));
  }
  return loads.get(stem);
};

/** What the page calls to have a part: it is told by a callback in the table of functions. */
const loading = (page) => async (callback, data) => {
  let isLoaded = true;
  try {
    await Promise.all(containersOf[page].map((stem) => container(stem)));
  } catch (error) {
    console.error(error);
    isLoaded = false;
  }
  sharedImports().page.__indirect_function_table.get(callback)(data, isLoaded);
};
