import type { Vec3 } from '../../../../main/core/volume/volume.ts';

export const voxelTypes = {
  2: 1,
  4: 2,
  8: 4,
  16: 4,
  64: 8,
  256: 1,
  512: 2,
  768: 4,
  1024: 8,
  1280: 8,
} as const;
type Code = keyof typeof voxelTypes;

export interface NiftiFixture {
  readonly version?: 1 | 2;
  readonly little?: boolean;
  readonly code?: number;
  readonly dims?: readonly number[];
  readonly pixdim?: readonly number[];
  readonly slope?: number;
  readonly intercept?: number;
  readonly qform?: { readonly bcd: Vec3; readonly offset: Vec3 };
  readonly srow?: readonly number[];
  readonly units?: number;
  readonly voxOffset?: number;
  readonly values?: readonly number[];
}

/** A NIfTI file written field by field from the standard, independently of the product's own writer. */
export function makeNifti(fixture: NiftiFixture): Uint8Array {
  const { version = 1, little = true, code = 4, dims = [3, 2, 2, 2, 1, 1, 1, 1], values = [] } = fixture;
  const width = voxelTypes[code as Code] ?? 8;
  const wide = version === 2;
  const size = wide ? 540 : 348;
  const { voxOffset = size + 4 } = fixture;
  const at = wide
    ? {
        dim: 16,
        type: 12,
        pixdim: 104,
        slope: 176,
        units: 500,
        q: 344,
        s: 348,
        quat: 352,
        off: 376,
        row: 400,
      }
    : {
        dim: 40,
        type: 70,
        pixdim: 76,
        slope: 112,
        units: 123,
        q: 252,
        s: 254,
        quat: 256,
        off: 268,
        row: 280,
      };
  const bytes = new Uint8Array(size + 4 + Math.max(1, values.length) * width);
  const view = new DataView(bytes.buffer);
  const real = (offset: number, list: readonly number[]) =>
    list.forEach((value, n) =>
      wide ? view.setFloat64(offset + n * 8, value, little) : view.setFloat32(offset + n * 4, value, little),
    );
  view.setInt32(0, size, little);
  bytes.set(new TextEncoder().encode(wide ? 'n+2\0\r\n\x1a\n' : 'n+1\0'), wide ? 4 : 344);
  dims.forEach((n, index) =>
    wide
      ? view.setBigInt64(at.dim + index * 8, BigInt(n), little)
      : view.setInt16(at.dim + index * 2, n, little),
  );
  view.setInt16(at.type, code, little);
  real(at.pixdim, fixture.pixdim ?? [1, 1, 1, 1]);
  if (wide) view.setBigInt64(168, BigInt(voxOffset), little);
  else view.setFloat32(108, voxOffset, little);
  real(at.slope, [fixture.slope ?? 0, fixture.intercept ?? 0]);
  if (wide) view.setInt32(at.units, fixture.units ?? 2, little);
  else bytes[at.units] = fixture.units ?? 2;
  const formCode = (offset: number, value: number) =>
    wide ? view.setInt32(offset, value, little) : view.setInt16(offset, value, little);
  if (fixture.qform) {
    formCode(at.q, 1);
    real(at.quat, fixture.qform.bcd);
    real(at.off, fixture.qform.offset);
  }
  if (fixture.srow) {
    formCode(at.s, 1);
    real(at.row, fixture.srow);
  }
  values.forEach((value, index) => put(view, size + 4 + index * width, code, value, little));
  return bytes;
}

function put(view: DataView, at: number, code: number, value: number, little: boolean): void {
  if (code === 2) view.setUint8(at, value);
  else if (code === 256) view.setInt8(at, value);
  else if (code === 4) view.setInt16(at, value, little);
  else if (code === 512) view.setUint16(at, value, little);
  else if (code === 8) view.setInt32(at, value, little);
  else if (code === 768) view.setUint32(at, value, little);
  else if (code === 16) view.setFloat32(at, value, little);
  else if (code === 64) view.setFloat64(at, value, little);
  else if (code === 1024) view.setBigInt64(at, BigInt(value), little);
  else view.setBigUint64(at, BigInt(value), little);
}
