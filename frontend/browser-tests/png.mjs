// Reads as much of a PNG as tells whether there is something in the picture.

import { inflateSync } from "node:zlib";

/** How often a pixel is looked at: every one would take longer than taking the picture. */
const EVERY = 3;

/** The number of different colours, counted up to 64, and the mean lightness from 0 to 1. */
export function look(png) {
  const { width, height, channels, lines } = pixels(png);
  const colors = new Set();
  let light = 0;
  let seen = 0;
  for (let y = 0; y < height; y += EVERY) {
    for (let x = 0; x < width; x += EVERY) {
      const at = (y * width + x) * channels;
      const [red, green, blue] = [lines[at], lines[at + 1], lines[at + 2]];
      if (colors.size < 64) colors.add((red << 16) | (green << 8) | blue);
      light += 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      seen += 1;
    }
  }
  return { colors: colors.size, lightness: light / seen / 255 };
}

/** The bytes of all pixels, of a picture of eight bits for each of three or four channels. */
function pixels(png) {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const channels = { 2: 3, 6: 4 }[png[25]];
  if (png[24] !== 8 || !channels) throw new Error(`a picture of type ${png[25]} with ${png[24]} bits`);
  const packed = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") packed.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(packed));
  const stride = width * channels;
  const lines = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)];
    const from = y * (stride + 1) + 1;
    const to = y * stride;
    for (let x = 0; x < stride; x += 1) {
      const left = x < channels ? 0 : lines[to + x - channels];
      const up = y === 0 ? 0 : lines[to + x - stride];
      const corner = x < channels || y === 0 ? 0 : lines[to + x - stride - channels];
      lines[to + x] = raw[from + x] + guess(filter, left, up, corner);
    }
  }
  return { width, height, channels, lines };
}

/** What a filter of PNG says a byte would be: https://www.w3.org/TR/png-3/#9Filter-types. */
function guess(filter, left, up, corner) {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((byte) => Math.abs(estimate - byte));
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
