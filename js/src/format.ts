/** Numbers as they are shown. */

const format = (value: number, options: Intl.NumberFormatOptions = {}): string => value.toLocaleString("en", options);

export const exact = (value: number): string => format(value);

/** 124M, 7.09M, 768: for a row. */
export const short = (value: number): string => format(value, { notation: "compact", maximumSignificantDigits: 3 });

/** "17.1%"; a share that is little more than nothing keeps its digits. */
export const percent = (share: number): string => format(share, { style: "percent", maximumSignificantDigits: 3 });
