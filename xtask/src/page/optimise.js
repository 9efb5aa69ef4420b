// Makes modules of WebAssembly as small as can be, all of them in one process: there are hundreds, and
// starting the optimiser takes longer than most of them.
//
// Arguments: the library, and a file with what to do: `modules`, a list of pairs, from where and to where;
// and `bindings`, such a pair for the script that belongs to the first module.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [library, task] = process.argv.slice(1);
const { default: binaryen } = await import(pathToFileURL(library));
const { Features } = binaryen;
binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);
binaryen.setDebugInfo(false);

// What rustc may use. It is named since the module, once stripped, does not tell.
const features = Features.BulkMemory | Features.BulkMemoryOpt | Features.NontrappingFPToInt
  | Features.SignExt | Features.MutableGlobals | Features.ReferenceTypes | Features.Multivalue;

/**
 * A module and its bindings call each other by names with sixteen digits each, which hardly compress.
 * Returns both under names that are as short as can be.
 */
const withShortNames = (module, bindings) => {
  const names = new Map();
  const text = module.emitText().replace(
    /^( \((?:import "[^"]*"|export) ")(__(?:wbg|wbindgen)_\w+)"/gm,
    (_, before, name) => {
      if (!names.has(name)) names.set(name, `_${names.size.toString(36)}`);
      return `${before}${names.get(name)}"`;
    },
  );
  module.dispose();
  const renamed = binaryen.parseText(text);
  renamed.setFeatures(features);
  return [renamed, bindings.replace(/\b__(?:wbg|wbindgen)_\w+/g, (name) => names.get(name) ?? name)];
};

/** The bindings without what only readers of their source need. */
const withoutComments = (script) =>
  script.replace(/^\s*\/\*\*[\s\S]*?\*\//gm, "").replace(/^\s*\/\/.*$/gm, "").replace(/^\s+/gm, "");

const { modules, bindings } = JSON.parse(readFileSync(task, "utf8"));
for (const [place, [from, to]] of modules.entries()) {
  let module = binaryen.readBinary(readFileSync(from));
  module.setFeatures(features);
  if (place === 0) {
    const [scriptFrom, scriptTo] = bindings;
    let script;
    [module, script] = withShortNames(module, readFileSync(scriptFrom, "utf8"));
    writeFileSync(scriptTo, withoutComments(script));
  }
  module.optimize();
  module.runPasses(["strip-debug", "strip-producers", "strip-target-features"]);
  writeFileSync(to, module.emitBinary());
  module.dispose();
}
