import type { Vec3 } from '../../main/core/volume/volume.ts';
import { negate } from './vectors.ts';

export interface EdgeLetters {
  readonly top: string;
  readonly bottom: string;
  readonly left: string;
  readonly right: string;
}

/** A letter for the positive and the negative direction of each LPS axis (DICOM PS3.3, C.7.6.1.1.1). */
const letters = ['LR', 'PA', 'HF'] as const;

/** sin 10°: below it a component is not worth a letter. */
const smallestPart = Math.sin((10 * Math.PI) / 180);

/**
 * The patient direction that a unit LPS vector points to: `A`, or for an oblique one `AL`, the largest component first
 * (as DICOM's Patient Orientation, 0020,0020). Head and foot are H and F.
 */
export function directionLetters(direction: Vec3): string {
  return [0, 1, 2]
    .map((axis) => ({
      size: Math.abs(direction[axis]!),
      letter: letters[axis]![direction[axis]! < 0 ? 1 : 0]!,
    }))
    .filter(({ size }) => size >= smallestPart)
    .sort((a, b) => b.size - a.size)
    .map(({ letter }) => letter)
    .join('');
}

/** The letters on the edges of an image whose `up` and `right` on the screen are these unit LPS vectors. */
export function edgeLetters(up: Vec3, right: Vec3): EdgeLetters {
  return {
    top: directionLetters(up),
    bottom: directionLetters(negate(up)),
    left: directionLetters(negate(right)),
    right: directionLetters(right),
  };
}
