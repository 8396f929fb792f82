import type { Vec3 } from '../../volume/volume.ts';

/** Linear sRGB to XYZ relative to D50, Bradford-adapted (ICC profile of sRGB, IEC 61966-2-1). */
const toXyzD50 = [
  [0.4360747, 0.3850649, 0.1430804],
  [0.2225045, 0.7168786, 0.0606169],
  [0.0139322, 0.0971045, 0.7141733],
] as const;
const whiteD50 = [0.96422, 1, 0.82521] as const;

/**
 * sRGB 0…255 as a Recommended Display CIELab Value: L* 0…100 over 0…65535, a* and b* −128…127 over 0…65535
 * (PS3.3 section C.10.7.1.1, D50 as in an ICC profile connection space).
 */
export function cielabOf(srgb: Vec3): [number, number, number] {
  const linear = srgb.map((value) => {
    const v = value / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  const [fx, fy, fz] = toXyzD50.map((row, index) => {
    const xyz = row[0] * linear[0]! + row[1] * linear[1]! + row[2] * linear[2]!;
    const t = xyz / whiteD50[index]!;
    return t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29;
  }) as [number, number, number];
  const lab = [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)] as const;
  const scaled = (value: number) => Math.max(0, Math.min(65535, Math.round(value)));
  return [
    scaled((lab[0] * 65535) / 100),
    scaled(((lab[1] + 128) * 65535) / 255),
    scaled(((lab[2] + 128) * 65535) / 255),
  ];
}
