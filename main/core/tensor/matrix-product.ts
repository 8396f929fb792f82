/** A dense matrix, C order: element (i, j) is `data[i * columns + j]`. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** Which operands of a product are taken transposed. */
export type Transposed = 'none' | 'left' | 'right';

/**
 * A matrix product as an effect: `multiplyMatrices` here, or the same product on onnxruntime (GEMM in double
 * precision), which is several times faster where it is at hand.
 */
export type Multiply = (left: Matrix, right: Matrix, transposed?: Transposed) => Matrix | Promise<Matrix>;

/** Side of the square of C that one pass of the innermost loop keeps in registers. */
const tile = 4;
/** Rows and inner elements of a block, so that its packed copy stays in the cache (1 MB). */
const blockRows = 256;
const blockInner = 512;

/**
 * left · right, leftᵀ · right or left · rightᵀ in double precision. Both operands are packed in blocks of `tile` rows
 * and columns, which makes the innermost loop read memory in order (Goto and van de Geijn, TOMS 2008).
 */
export function multiplyMatrices(left: Matrix, right: Matrix, transposed: Transposed = 'none'): Matrix {
  const [rows, inner] = transposed === 'left' ? [left.columns, left.rows] : [left.rows, left.columns];
  const [rightInner, columns] =
    transposed === 'right' ? [right.columns, right.rows] : [right.rows, right.columns];
  if (inner !== rightInner) throw new RangeError(`${rows} × ${inner} times ${rightInner} × ${columns}`);
  const data = new Float64Array(rows * columns);
  const leftStrides: Strides = transposed === 'left' ? [1, left.columns] : [left.columns, 1];
  const rightStrides: Strides = transposed === 'right' ? [1, right.columns] : [right.columns, 1];
  const packedRows = new Float64Array(Math.min(blockRows, rows + tile - 1) * Math.min(blockInner, inner));
  const packedColumns = new Float64Array(tile * Math.min(blockInner, inner));
  for (let p = 0; p < inner; p += blockInner) {
    const depth = Math.min(blockInner, inner - p);
    for (let i = 0; i < rows; i += blockRows) {
      const height = Math.min(blockRows, rows - i);
      pack(left.data, leftStrides, i, height, p, depth, packedRows);
      for (let j = 0; j < columns; j += tile) {
        const width = Math.min(tile, columns - j);
        pack(right.data, [rightStrides[1], rightStrides[0]], j, width, p, depth, packedColumns);
        for (let k = 0; k < height; k += tile)
          addTile(packedRows, k * depth, packedColumns, depth, data, (i + k) * columns + j, columns, {
            height: Math.min(tile, height - k),
            width,
          });
      }
    }
  }
  return { rows, columns, data };
}

type Strides = readonly [major: number, inner: number];

/** Copies `count` lines of `depth` elements, `tile` lines interleaved; lines that the last tile lacks are zero. */
function pack(
  source: Float64Array,
  [lineStride, innerStride]: Strides,
  line: number,
  count: number,
  inner: number,
  depth: number,
  target: Float64Array,
): void {
  for (let first = 0; first < count; first += tile) {
    const base = first * depth;
    for (let t = 0; t < tile; t++) {
      const present = first + t < count;
      let from = (line + first + t) * lineStride + inner * innerStride;
      for (let p = 0, to = base + t; p < depth; p++, to += tile, from += innerStride)
        target[to] = present ? source[from] : 0;
    }
  }
}

/** Adds the product of four packed rows and four packed columns to a tile of `c`. */
function addTile(
  a: Float64Array,
  aFrom: number,
  b: Float64Array,
  depth: number,
  c: Float64Array,
  cFrom: number,
  cStride: number,
  { height, width }: { readonly height: number; readonly width: number },
): void {
  // prettier-ignore
  let c00 = 0, c01 = 0, c02 = 0, c03 = 0, c10 = 0, c11 = 0, c12 = 0, c13 = 0,
    c20 = 0, c21 = 0, c22 = 0, c23 = 0, c30 = 0, c31 = 0, c32 = 0, c33 = 0;
  for (let p = aFrom, q = 0, end = depth * tile; q < end; p += tile, q += tile) {
    const a0 = a[p];
    const a1 = a[p + 1];
    const a2 = a[p + 2];
    const a3 = a[p + 3];
    const b0 = b[q];
    const b1 = b[q + 1];
    const b2 = b[q + 2];
    const b3 = b[q + 3];
    c00 += a0 * b0;
    c01 += a0 * b1;
    c02 += a0 * b2;
    c03 += a0 * b3;
    c10 += a1 * b0;
    c11 += a1 * b1;
    c12 += a1 * b2;
    c13 += a1 * b3;
    c20 += a2 * b0;
    c21 += a2 * b1;
    c22 += a2 * b2;
    c23 += a2 * b3;
    c30 += a3 * b0;
    c31 += a3 * b1;
    c32 += a3 * b2;
    c33 += a3 * b3;
  }
  const sums = [c00, c01, c02, c03, c10, c11, c12, c13, c20, c21, c22, c23, c30, c31, c32, c33];
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) c[cFrom + i * cStride + j] += sums[i * tile + j];
}
