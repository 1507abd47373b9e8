// Puts 100,000 rows into a view, opens all and scrolls through them. Gives how many rows were ever in the document, and the slowest steps.
async () => {
  const registry = globalThis[Symbol.for("archmagic")];
  const [mount] = Object.values(registry.programs);
  const size = 100_000;
  const zeros = new Array(size).fill(0);
  const ones = new Array(size).fill(1);
  const nodes = Object.fromEntries(
    ["args", "title", "kind", "description", "differs", "glance", "role", "arithmetic", "shapes", "docs", "qualified", "file", "badges", "basis", "tensors", "own"]
      .concat(["counted", "partial", "turn", "settings", "about"])
      .map((name) => [name, zeros]),
  );
  const wire = {
    v: 2, title: "Many", source: "print", notes: [], strings: ["", "layer", "Linear"], tensors: [], owned: [[]], settings: [], set: [[]],
    abouts: [["", "", [], "", "", ""]], statements: [], level: "expert", levels: { expert: ["", []] }, glossary: [], forward: null, pictures: [],
    print: { text: "Many()", lines: [0] },
    nodes: {
      ...nodes, segment: ones, name: ones, type: zeros.map(() => 2), count: ones, period: ones, width: ones, params: ones,
      open: zeros.map((_, n) => +(n === 0)), depth: zeros.map((_, n) => (n === 0 ? 0 : 1 + (n % 4 > 0) + (n % 4 > 1))),
    },
  };
  const host = document.createElement("div");
  document.body.replaceChildren(host);
  const root = host.attachShadow({ mode: "open" });
  mount(root, JSON.stringify(wire), { id: "", compact: false, height: 480 });

  const started = performance.now();
  root.querySelector("[title='Expand all']").click();
  const expand = performance.now() - started;
  const scroller = root.querySelector(".tree");
  const rows = Math.round(root.querySelector(".tree .rows").offsetHeight / 22);
  let most = 0;
  let slowest = 0;
  for (let step = 0; step < 200; step++) {
    const before = performance.now();
    scroller.scrollTop += step % 20 === 19 ? 100_000 : 400;
    scroller.dispatchEvent(new Event("scroll"));
    slowest = Math.max(slowest, performance.now() - before);
    most = Math.max(most, root.querySelectorAll(".row").length);
    await new Promise(requestAnimationFrame);
  }
  return { rows, most, expand, slowest };
};
