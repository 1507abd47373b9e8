/**
 * Text that was gzipped and written in base64 (RFC 1951 and 1952), read at once: the browser's own DecompressionStream answers some tasks
 * later, and until then a page would show a gap. After Mark Adler's puff: codes are read bit by bit, which for some 10 kB takes a millisecond.
 */

/** How many codes there are of each length, and their symbols in order. */
type Codes = [counts: number[], symbols: number[]];

/** In what order the lengths of the codes of lengths are told. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/** Of a gzip member as Python writes it: no name, no comment. */
const HEADER = 10;

function codes(lengths: number[]): Codes {
  const counts = Array<number>(16).fill(0);
  for (const length of lengths) if (length) counts[length]++;
  const symbols = lengths.map((_, symbol) => symbol).filter((symbol) => lengths[symbol]);
  return [counts, symbols.sort((a, b) => lengths[a] - lengths[b] || a - b)];
}

/** Symbol 0 stands for `least`; so many of them (`group`) share a number of extra bits, which then grows. Gives value and bits. */
function scale(symbol: number, least: number, group: number): [number, number] {
  const bits = Math.max(0, Math.floor(symbol / group) - 1);
  return [least + (bits ? ((symbol % group) + group) << bits : symbol), bits];
}

export function inflate(data: string): string {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const out: number[] = [];
  let at = HEADER * 8;
  const read = (count: number): number => {
    let value = 0;
    for (let n = 0; n < count; n++, at++) value |= ((bytes[at >> 3] >> (at & 7)) & 1) << n;
    return value;
  };
  const symbol = ([counts, symbols]: Codes): number => {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length < 16; length++) {
      code |= (bytes[at >> 3] >> (at++ & 7)) & 1;
      const count = counts[length];
      if (code < first + count) return symbols[index + code - first];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new Error("archmagic: not gzip");
  };
  const tables = (): Codes[] => {
    const [literals, distances, told] = [read(5) + 257, read(5) + 1, read(4) + 4];
    const lengths = Array<number>(19).fill(0);
    for (let n = 0; n < told; n++) lengths[ORDER[n]] = read(3);
    const table = codes(lengths);
    const all: number[] = [];
    while (all.length < literals + distances) {
      const next = symbol(table);
      if (next < 16) all.push(next);
      else {
        const [value, count] = next === 16 ? [all.at(-1)!, 3 + read(2)] : [0, next === 17 ? 3 + read(3) : 11 + read(7)];
        for (let n = 0; n < count; n++) all.push(value);
      }
    }
    return [codes(all.slice(0, literals)), codes(all.slice(literals))];
  };
  const fixed = (): Codes[] => [codes(Array.from({ length: 288 }, (_, n) => (n < 144 ? 8 : n < 256 ? 9 : n < 280 ? 7 : 8))), codes(Array<number>(30).fill(5))];
  const block = ([literals, distances]: Codes[]): void => {
    for (let next; (next = symbol(literals)) !== 256; ) {
      if (next < 256) {
        out.push(next);
        continue;
      }
      const [least, bits] = next === 285 ? [258, 0] : scale(next - 257, 3, 4);
      const length = least + read(bits);
      const [near, more] = scale(symbol(distances), 1, 2);
      const from = out.length - near - read(more);
      for (let n = 0; n < length; n++) out.push(out[from + n]);
    }
  };
  for (let last = 0; !last; ) {
    last = read(1);
    const type = read(2);
    if (type) block(type === 1 ? fixed() : tables());
    else {
      at = (at + 7) & ~7;
      const length = read(16);
      at += 16;
      for (let n = 0; n < length; n++) out.push(read(8));
    }
  }
  return new TextDecoder().decode(Uint8Array.from(out));
}
