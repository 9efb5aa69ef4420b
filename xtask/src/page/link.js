// Links the chunks of each container into one module of WebAssembly, and makes all modules as small as
// can be once they are compressed. All in one process, since starting the optimiser takes long.
//
// Arguments: binaryen's folder, and a file with what to do: `main` and `bindings`, each a pair, from where
// and to where; `containers`, each with the `files` of its chunks and where `to`; `sharedImports`, what all
// chunks import from the first module; `scripts` of the page that are only to be shortened, where they are;
// and `scratch`, a folder.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

const [library, task] = process.argv.slice(1);
const { default: binaryen } = await import(pathToFileURL(join(library, "index.js")));
const { Features } = binaryen;
// Made smaller still (level 2), modules are a few percent smaller before they are compressed, and larger then.
binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(1);

// What rustc may use. It is named since the module, once stripped, does not tell.
const features = Features.BulkMemory | Features.BulkMemoryOpt | Features.NontrappingFPToInt
  | Features.SignExt | Features.MutableGlobals | Features.ReferenceTypes | Features.Multivalue;
const featureOptions = ["--enable-bulk-memory", "--enable-bulk-memory-opt", "--enable-mutable-globals",
  "--enable-nontrapping-float-to-int", "--enable-sign-ext", "--enable-reference-types", "--enable-multivalue"];

/** A name in the text of a module. */
const NAME = String.raw`\$(?:"(?:[^"\\]|\\.)*"|[^\s()"]+)`;
/** A function that calls the one at a place in the table: so chunks call each other. */
const STUB = new RegExp(
  String.raw`^ \(func (${NAME})(?: \((?:param|result)[^)]*\))*\n  \(call_indirect(?: ${NAME})? \(type ${NAME}\)\n` +
  String.raw`(?:   \(local\.get \S+\)\n)*   \(i32\.const (\d+)\)\n  \)\n \)\n`, "gm");
const CALL = new RegExp(String.raw`\((call|return_call) (${NAME})`, "g");
const ELEMENTS = /^ \(elem .*\)\n/gm;
const ELEMENT = new RegExp(String.raw`\(ref\.null \w+\)|(${NAME})`, "g");
const DATA = /^ \(data \$"?\.([a-z]+)\S* \(i32\.const (\d+)\) "((?:[^"\\]|\\.)*)"\)\n/gm;

const textOf = (bytes) => {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(features);
  const text = module.emitText();
  module.dispose();
  return text;
};

const moduleOf = (text) => {
  const module = binaryen.parseText(text);
  module.setFeatures(features);
  return module;
};

/** Which function is at which place of the table, in the order of places. */
const tableOf = (text) => {
  const table = new Map();
  for (const [elements] of text.matchAll(ELEMENTS)) {
    const start = /\(i32\.const (\d+)\)/.exec(elements);
    if (!start) continue; // It declares what code refers to, and is written anew.
    let place = Number(start[1]);
    for (const [, name] of elements.slice(start.index + start[0].length).matchAll(ELEMENT)) {
      if (name) table.set(place, name);
      place += 1;
    }
  }
  return new Map([...table].sort(([a], [b]) => a - b));
};

/** The same table, written as few stretches without the places that are empty. */
const withShortTable = (text) => {
  const stretches = [];
  let next;
  for (const [place, name] of tableOf(text)) {
    if (place !== next) stretches.push(` (elem (i32.const ${place}) func`);
    stretches[stretches.length - 1] += ` ${name}`;
    next = place + 1;
  }
  return withMore(text.replace(ELEMENTS, ""), stretches.map((stretch) => `${stretch})\n`).join(""));
};

/** A module's text with more in it, at its end. */
const withMore = (text, more) => `${text.slice(0, text.lastIndexOf(")"))}${more})\n`;

let stubsFound = 0;
/** Calls functions of the same module by their names in the place of their places in the table. */
const withDirectCalls = (text) => {
  const table = tableOf(text);
  const targets = new Map();
  for (const [, stub, place] of text.matchAll(STUB)) {
    stubsFound += 1;
    if (table.has(Number(place))) targets.set(stub, table.get(Number(place)));
  }
  return text.replace(CALL, (call, how, name) => (targets.has(name) ? `(${how} ${targets.get(name)}` : call));
};

/**
 * Leaves what is never written in a module and gives back what may be: it is written once, by the first
 * module, since a chunk that comes again with another container must not undo what happened since.
 */
const withoutVariables = (text) => {
  const variables = [];
  const rest = text.replace(DATA, (segment, section, place, bytes) => {
    if (bytes === "" || (section === "bss" && /^(?:\\00)*$/.test(bytes))) return "";
    if (section === "rodata") return segment;
    variables.push(` (data (i32.const ${place}) "${bytes}")\n`);
    return "";
  });
  return [rest, variables];
};

/**
 * The text of the functions, those beside each other that consist of the same instructions: so a
 * compressor finds more of what it saw before.
 */
const withFunctionsSorted = (text) => {
  const [head, ...functions] = text.split(/^(?= \(func )/m);
  const end = functions[functions.length - 1].lastIndexOf("\n)") + 1;
  const tail = functions[functions.length - 1].slice(end);
  functions[functions.length - 1] = functions[functions.length - 1].slice(0, end);
  const keyed = functions.map((body) => [(body.match(/\([a-z_.0-9]+/g) ?? []).join(""), body]);
  keyed.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return [head, ...keyed.map(([, body]) => body), tail].join("");
};

const optimised = (text) => {
  // With names the text of a function says what it calls, whatever its place in the module.
  binaryen.setDebugInfo(true);
  const module = moduleOf(text);
  module.optimize();
  const sorted = moduleOf(withFunctionsSorted(module.emitText()));
  module.dispose();
  binaryen.setDebugInfo(false);
  sorted.runPasses(["strip-debug", "strip-producers", "strip-target-features"]);
  const bytes = sorted.emitBinary();
  sorted.dispose();
  return bytes;
};

/** A module that hands on what chunks import from the first one, so that merged they import it once. */
const handingOn = (main, names) => {
  const [imports, exports] = [[], []];
  for (const name of names) {
    const [, kind, inner] = new RegExp(String.raw`^ \(export "${name}" \((\w+) (${NAME})\)\)$`, "m").exec(main);
    const [, definition] = new RegExp(`^ \\(${kind} ${inner.replace(/[$.]/g, "\\$&")} (.*)\\)$`, "m").exec(main);
    const type = kind === "global" ? /^\(mut \w+\)|^\w+/.exec(definition)[0] : definition;
    imports.push(` (import "page" "${name}" (${kind} $${name} ${type}))`);
    exports.push(` (export "${name}" (${kind} $${name}))`);
  }
  return `(module\n${[...imports, ...exports].join("\n")}\n)\n`;
};

/**
 * A module and its bindings call each other by names with sixteen digits each, which hardly compress.
 * Returns both under names that are as short as can be.
 */
const withShortNames = (text, bindings) => {
  const names = new Map();
  const renamed = text.replace(
    /^( \((?:import "[^"]*"|export) ")(__(?:wbg|wbindgen)_\w+)"/gm,
    (_, before, name) => {
      if (!names.has(name)) names.set(name, `_${names.size.toString(36)}`);
      return `${before}${names.get(name)}"`;
    },
  );
  return [renamed, bindings.replace(/\b__(?:wbg|wbindgen)_\w+/g, (name) => names.get(name) ?? name)];
};

/** A script without what only readers of its source need. */
const withoutComments = (script) =>
  script.replace(/^\s*\/\*\*[\s\S]*?\*\//gm, "").replace(/^\s*\/\/.*$/gm, "").replace(/^\s+/gm, "");

const { main, bindings, containers, scripts, sharedImports, scratch } = JSON.parse(readFileSync(task, "utf8"));
binaryen.setDebugInfo(true);
const mainText = textOf(readFileSync(main[0]));
const hub = moduleOf(handingOn(mainText, sharedImports));
const hubFile = join(scratch, "hub.wasm");
writeFileSync(hubFile, hub.emitBinary());
hub.dispose();

const run = (program, options) => {
  const { status, stderr } = spawnSync(process.execPath, [program, ...options], { encoding: "utf8", maxBuffer: 2 ** 28 });
  const problems = (stderr ?? "").split("\n").filter((line) => !line.startsWith("warning: "));
  if (status !== 0) throw new Error(`${basename(program)} failed: ${problems.slice(0, 20).join("\n")}`);
};

const variables = new Set();
for (const { files, to } of containers) {
  const merged = join(scratch, "merged.wasm");
  const inputs = files.flatMap((file) => [file, basename(file, ".wasm")]);
  run(join(library, "bin/wasm-merge"), [
    ...inputs, hubFile, "__wasm_split", "--debuginfo", "--output", merged, ...featureOptions,
  ]);
  binaryen.setDebugInfo(true);
  const [text, written] = withoutVariables(withDirectCalls(textOf(readFileSync(merged))));
  written.forEach((variable) => variables.add(variable));
  writeFileSync(to, optimised(withShortTable(text)));
}
if (stubsFound === 0) throw new Error("no chunk calls another: does the splitter write its calls differently now?");

const complete = withMore(mainText, [...variables].join(""));
const [shortText, shortBindings] = withShortNames(complete, readFileSync(bindings[0], "utf8"));
writeFileSync(main[1], optimised(withShortTable(shortText)));
writeFileSync(bindings[1], withoutComments(shortBindings));
for (const script of scripts) writeFileSync(script, withoutComments(readFileSync(script, "utf8")));
