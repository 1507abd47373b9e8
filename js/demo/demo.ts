/** The view without Jupyter: GPT-2 as it is in gpt2.txt, a payload as a document carries it, or one from a file. */

import { inflate } from "../src/inflate";
import { decode } from "../src/payload";
import type { Link } from "../src/types";
import { view } from "../src/view";
import gpt2 from "./gpt2.txt";

const at = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
let data = gpt2.trim();

function draw(): void {
  const host = document.createElement("div");
  at("view").replaceChildren(host);
  const link: Link = { selected: null, select: (path) => void (at("selected").textContent = path || "(the model)"), subscribe: () => undefined };
  view(host.attachShadow({ mode: "open" }), decode(inflate(data)), link, { compact: at<HTMLInputElement>("compact").checked, height: 560 });
}

at("dark").onchange = () => document.documentElement.classList.toggle("dark");
at("compact").onchange = draw;
at<HTMLInputElement>("file").onchange = async () => {
  data = (await at<HTMLInputElement>("file").files![0].text()).trim();
  draw();
};
draw();
