// Makes modules of WebAssembly as small as can be, all of them in one process: there are hundreds, and
// starting the optimiser takes longer than most of them.
//
// Arguments: the library, and a file with a list of pairs: from where, to where.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [library, list] = process.argv.slice(1);
const { default: binaryen } = await import(pathToFileURL(library));
const { Features } = binaryen;
binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);
binaryen.setDebugInfo(false);
for (const [from, to] of JSON.parse(readFileSync(list, "utf8"))) {
  const module = binaryen.readBinary(readFileSync(from));
  // What rustc may use. It is named since the module, once stripped, does not tell.
  module.setFeatures(
    Features.BulkMemory | Features.BulkMemoryOpt | Features.NontrappingFPToInt | Features.SignExt
    | Features.MutableGlobals | Features.ReferenceTypes | Features.Multivalue,
  );
  module.optimize();
  module.runPasses(["strip-debug", "strip-producers", "strip-target-features"]);
  writeFileSync(to, module.emitBinary());
  module.dispose();
}
