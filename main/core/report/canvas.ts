export type Rgb = readonly [red: number, green: number, blue: number];

/** A picture in memory: RGBA bytes, rows from the top, opaque. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;

  constructor(width: number, height: number, background: Rgb) {
    this.width = width;
    this.height = height;
    this.rgba = new Uint8Array(width * height * 4).fill(255);
    this.fillRect(0, 0, width, height, background);
  }

  /** Mixes `color` into one pixel, `alpha` 0…1; outside the picture nothing happens. */
  blend(x: number, y: number, color: Rgb, alpha: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = (y * this.width + x) * 4;
    for (let channel = 0; channel < 3; channel++) {
      const under = this.rgba[at + channel]!;
      this.rgba[at + channel] = Math.round(under + (color[channel]! - under) * alpha);
    }
  }

  fillRect(left: number, top: number, width: number, height: number, color: Rgb): void {
    for (let y = top; y < top + height; y++) {
      for (let x = left; x < left + width; x++) this.blend(x, y, color, 1);
    }
  }
}
