// Builds the view into archmagic/static. `--verify` builds into a temporary folder and compares bytes; `--serve` serves the demo page.
import { build, context, transform } from "esbuild";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "archmagic", "static");
const browsers = ["chrome123", "firefox121", "safari17.5"];

/** Styles travel inside the program, since they must live in the shadow root. */
const styles = {
  name: "styles",
  setup(esbuild) {
    esbuild.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, target: browsers });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

const common = { bundle: true, minify: true, target: browsers, charset: "utf8", legalComments: "none", plugins: [styles], absWorkingDir: here };

const outputs = [
  { entryPoints: ["src/document.ts"], format: "iife", name: "view.js" },
  { entryPoints: ["src/boot.ts"], format: "iife", globalName: "archmagicBoot", name: "boot.js" },
  { entryPoints: ["src/widget.ts"], format: "esm", name: "widget.js" },
  { entryPoints: ["src/link.ts"], format: "esm", name: "link.js" },
];

async function buildInto(folder) {
  for (const { name, ...options } of outputs) await build({ ...common, ...options, outfile: join(folder, name) });
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
