/** Glossary terms in a text. */

/** The text in pieces, in turn plain and a term (in whatever number and case it has there): plain, term, plain, term, plain. */
export type Pieces = string[];

export type Terms = (text: string, seen: Set<string>) => Pieces;

/** What finds terms; each is found once for one `seen`, and longer ones first. */
export function terms(glossary: ReadonlyMap<string, string>): Terms {
  const names = [...glossary.keys()].sort((a, b) => b.length - a.length).map((name) => name.replace(/[^\w\s]/g, "\\$&"));
  if (!names.length) return (text) => [text];
  const pattern = new RegExp(`(?<![\\w-])(?:${names.join("|")})s?(?![\\w-])`, "gi");
  return (text, seen) => {
    const pieces: Pieces = [];
    let from = 0;
    for (const { 0: term, index } of text.matchAll(pattern)) {
      const known = entryOf(glossary, term);
      if (seen.has(known)) continue;
      seen.add(known);
      pieces.push(text.slice(from, index), term);
      from = index + term.length;
    }
    return [...pieces, text.slice(from)];
  };
}

/** The glossary's own form of a term as it stands in a text. */
export function entryOf(glossary: ReadonlyMap<string, string>, term: string): string {
  const text = term.toLowerCase();
  return [...glossary.keys()].find((name) => [name, `${name}s`].some((form) => form.toLowerCase() === text)) ?? "";
}
