/** Numbers as they are shown. */

export const exact = (value: number): string => value.toLocaleString("en");

/** 124M, 7.09M, 768: for a row. Not by Intl, which would take a third of the time that the rows do. */
export function short(value: number): string {
  const thousands = Math.max(0, Math.floor(Math.log10(+value.toPrecision(3)) / 3));
  return +(value / 1000 ** thousands).toPrecision(3) + (["", "K", "M", "B", "T", "Q"][thousands] ?? "");
}

/** "17.1%", "0.00123%". */
export const percent = (share: number): string => (share < 1e-5 ? "under 0.001%" : `${+(share * 100).toPrecision(3)}%`);
