// Builds the view into archmagic/static. `--verify` builds into a temporary folder and compares bytes; `--serve` serves the demo page.
import { build, context, transform } from "esbuild";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { minify } from "terser";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "archmagic", "static");
const browsers = ["chrome123", "firefox121", "safari17.5"];

/** Own custom properties by one letter, and no blanks in their values, where esbuild must leave them. */
function shortened(css) {
  const own = ["fg", "bg", "line", "accent", "muted", "warn", "soft", "tint", "lit", "sel", "mono", "bad"];
  const names = own.reduce((text, name, at) => text.replaceAll(new RegExp(`--${name}\\b`, "g"), `--${"abcdefghijlm"[at]}`), css);
  return names.replace(/(--[\w-]+): /g, "$1:").replaceAll(", ", ",");
}

/** Styles travel inside the program, since they must live in the shadow root. */
const styles = {
  name: "styles",
  setup(esbuild) {
    esbuild.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, target: browsers });
      return { contents: shortened(code.trim()), loader: "text" };
    });
  },
};

/**
 * Properties of our own that are shortened, as esbuild leaves properties alone. None may be a name of the DOM, of a class in the styles, of
 * the wire (read in quotes) or of what bundles share (registry.ts).
 */
const OWN =
  "depth parent end segment period turn times heading description arithmetic shapes badges params own counted qualified tensors startsOpen " +
  "lines lineOf sections statements evidence basis label rows active hits query unfold light press step go open scroller rowHeight make " +
  "kept whole draw reset row each page enter leave about letter first last prefix count element hide total chosen choose origin seek flip typed " +
  "lights place listen model kind args docs letter node partial kids position differs breadth settings glossary about told lead shown narrow only level " +
  "rows tools parts program pass exact flops symbols base rowAt nodeAt keep pictures notes call line close pick tell bar hue glance types names roles";
const mangleProps = new RegExp(`^(${OWN.split(" ").join("|")})$`);

const common = { bundle: true, minify: true, target: browsers, charset: "utf8", legalComments: "none", tsconfigRaw: {}, plugins: [styles], mangleProps, absWorkingDir: here };

const outputs = [
  { entryPoints: ["src/document.ts"], format: "iife", name: "view.js" },
  { entryPoints: ["src/boot.ts"], format: "iife", globalName: "archmagicBoot", name: "boot.js" },
  { entryPoints: ["src/widget.ts"], format: "esm", name: "widget.js" },
  { entryPoints: ["src/link.ts"], format: "esm", name: "link.js" },
];

/** esbuild bundles and shortens names; terser then saves another two in a hundred, as the program travels in every output. */
async function buildInto(folder) {
  for (const { name, ...options } of outputs) {
    const { outputFiles } = await build({ ...common, ...options, write: false });
    const { code } = await minify(outputFiles[0].text, { ecma: 2022, module: options.format === "esm", compress: { passes: 4, unsafe: true, unsafe_arrows: true, unsafe_methods: true, pure_getters: true }, format: { ecma: 2022 } });
    await writeFile(join(folder, name), `${code}\n`);
  }
}

async function verify() {
  const folder = await mkdtemp(join(tmpdir(), "archmagic-view-"));
  try {
    await buildInto(folder);
    for (const { name } of outputs) {
      const [fresh, committed] = await Promise.all([readFile(join(folder, name)), readFile(join(target, name))]);
      if (!fresh.equals(committed)) throw new Error(`archmagic/static/${name} is not what the source builds: run "npm run build"`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (process.argv.includes("--verify")) {
  await verify();
} else if (process.argv.includes("--serve")) {
  const demo = await context({ ...common, minify: false, sourcemap: "inline", entryPoints: ["demo/demo.ts"], outdir: join(here, "demo"), write: false });
  const { port } = await demo.serve({ servedir: join(here, "demo") });
  console.log(`http://localhost:${port}/`);
} else {
  await buildInto(target);
  for (const { name } of outputs) console.log(name, (await readFile(join(target, name))).length);
}
