/** Numbers as they are shown. */

export const exact = (value: number): string => value.toLocaleString("en-US");

/** 124.4M, 7.09M, 768: three or four digits, for a row. */
export function short(value: number): string {
  for (const [unit, size] of [["T", 1e12], ["B", 1e9], ["M", 1e6], ["K", 1e3]] as const) {
    const scaled = value / size;
    if (scaled >= 0.9995) return (scaled < 99.95 ? scaled.toPrecision(3) : scaled.toFixed(scaled < 999.95 ? 1 : 0)) + unit;
  }
  return String(value);
}

export function percent(share: number): string {
  const p = share * 100;
  return p >= 99.95 && p < 100 ? "99.9 %" : p >= 10 || p === 0 ? `${Math.round(p * 10) / 10} %` : p < 0.01 ? "< 0.01 %" : `${+p.toPrecision(2)} %`;
}
