import type { ElementSet, NumberVr } from './element-set.ts';
import { number, numbers, string } from './element-set.ts';
import { tag } from './tags.ts';

interface PrivateAttribute {
  readonly group: string;
  readonly creator: string;
  /** Last two hexadecimal digits of the element. */
  readonly offset: string;
  readonly vr: NumberVr;
}

// Where vendors put the b-value before, or instead of, the standard attribute (their DICOM conformance statements).
const privateBValues: readonly PrivateAttribute[] = [
  { group: '0019', creator: 'SIEMENS MR HEADER', offset: '0c', vr: 'IS' },
  { group: '0043', creator: 'GEMS_PARM_01', offset: '39', vr: 'IS' },
  { group: '2001', creator: 'Philips Imaging DD 001', offset: '03', vr: 'FL' },
  { group: '0065', creator: 'Image Private Header', offset: '09', vr: 'FD' },
];

const privateGradients: readonly PrivateAttribute[] = [
  { group: '0019', creator: 'SIEMENS MR HEADER', offset: '0e', vr: 'FD' },
  { group: '0065', creator: 'Image Private Header', offset: '37', vr: 'FD' },
];

/** Diffusion b-value in s/mm², standard or private; null if the image has none. */
export function readBValue(image: ElementSet, diffusion: ElementSet): number | null {
  const standard = number(diffusion, tag.diffusionBValue, 'FD');
  if (standard !== null || string(image, tag.modality) !== 'MR') return standard;
  for (const attribute of privateBValues) {
    const value = privateNumbers(image, attribute)[0];
    if (value === undefined || !Number.isFinite(value)) continue;
    // GE adds 10⁹ to mark how the value came about.
    return attribute.creator === 'GEMS_PARM_01' ? value % 1e9 : value;
  }
  return null;
}

/** Diffusion gradient direction as a text to compare; empty if the image has none. */
export function readGradient(image: ElementSet, gradient: ElementSet): string {
  const standard = numbers(gradient, tag.diffusionGradientOrientation, 'FD');
  const isBare = standard.length === 0 && string(image, tag.modality) === 'MR';
  const values = isBare ? privateGradients.flatMap((each) => privateNumbers(image, each)) : standard;
  return values.map((value) => value.toFixed(4)).join(' ');
}

/** A private attribute lies in the block its creator reserved, which another file may number otherwise (PS3.5 7.8.1). */
function privateNumbers(set: ElementSet, { group, creator, offset, vr }: PrivateAttribute): number[] {
  for (let block = 0x10; block <= 0xff; block++) {
    const hex = block.toString(16);
    if (string(set, `x${group}00${hex}`) === creator) return numbers(set, `x${group}${hex}${offset}`, vr);
  }
  return [];
}
