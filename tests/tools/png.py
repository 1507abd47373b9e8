"""PNGs of few colours: screenshots a quarter as large, which the eye cannot tell from the full ones. The browser reads the pixels."""

from __future__ import annotations

import base64
import struct
import zlib

from playwright.sync_api import Browser

COLOURS = """async (png) => {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const { width, height } = bitmap;
  const brush = new OffscreenCanvas(width, height).getContext("2d");
  brush.drawImage(bitmap, 0, 0);
  const pixels = new Uint32Array(brush.getImageData(0, 0, width, height).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const channels = (pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
  // The most frequent, none of them close to one that is there already.
  const palette = [];
  const nearest = (colour) => {
    let best = -1, least = Infinity;
    palette.forEach((other, at) => {
      const distance = other.reduce((sum, value, n) => sum + (value - colour[n]) ** 2, 0);
      if (distance < least) [best, least] = [at, distance];
    });
    return [best, least];
  };
  const ordered = [...counts].sort((a, b) => b[1] - a[1]);
  for (const apart of [400, 100, 30, 0])
    for (const [pixel] of ordered.slice(0, 6000))
      if (palette.length < 256 && nearest(channels(pixel))[1] > apart) palette.push(channels(pixel));
  const index = new Map();
  const indices = new Uint8Array(pixels.length);
  pixels.forEach((pixel, at) => {
    if (!index.has(pixel)) index.set(pixel, nearest(channels(pixel))[0]);
    indices[at] = index.get(pixel);
  });
  let text = "";
  for (let at = 0; at < indices.length; at += 30000) text += String.fromCharCode(...indices.subarray(at, at + 30000));
  return { width, height, palette: palette.flat(), pixels: btoa(text) };
}"""


def few_colours(browser: Browser, png: bytes) -> bytes:
    """The same picture with at most 256 colours."""
    page = browser.new_page()
    picture = page.evaluate(COLOURS, base64.b64encode(png).decode())
    page.close()
    width, height = picture["width"], picture["height"]
    pixels = base64.b64decode(picture["pixels"])
    rows = b"".join(b"\0" + pixels[at * width : (at + 1) * width] for at in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", bytes(picture["palette"])), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks))


def _chunk(chunk: tuple[bytes, bytes]) -> bytes:
    name, data = chunk
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
