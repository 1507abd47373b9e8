/** The print as blocks: a line that ends in an opening bracket, up to the closing one under it. Where the tree folds, the print can. */

/** For each line the last one of the block that it opens; the line itself where it opens none. */
export function blocks(lines: string[], lineOf: number[]): number[] {
  const end = lines.map((_, line) => line);
  const open: { line: number; at: number }[] = [];
  lines.forEach((text, line) => {
    const at = text.search(/\S/);
    if (/^\s*\)+$/.test(text)) {
      while (open.length && open[open.length - 1].at > at) open.pop();
      const head = open.at(-1);
      if (head && head.at === at) end[open.pop()!.line] = line;
    } else if (text.endsWith("(") && lineOf[line] >= 0) open.push({ line, at });
  });
  return end;
}

/** The lines that can be seen where some blocks are shut. */
export function visible(end: number[], shut: ReadonlySet<number>): number[] {
  const seen: number[] = [];
  for (let line = 0; line < end.length; line = shut.has(line) ? end[line] + 1 : line + 1) seen.push(line);
  return seen;
}
