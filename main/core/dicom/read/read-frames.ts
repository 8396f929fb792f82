import type { Vec3 } from '../../volume/volume.ts';
import type { ElementSet } from './element-set.ts';
import { items, number, numbers, string, strings, valueBytes } from './element-set.ts';
import type { ImageFrame, ImagePlane, ImageTraits, Instance, Rescale } from './image-frame.ts';
import { readBValue, readGradient } from './read-b-value.ts';
import { readPlane } from './read-plane.ts';
import { tag } from './tags.ts';
import { cross, scaledSum } from './vector.ts';

const nuclearMedicineImage = '1.2.840.10008.5.1.4.1.1.20';

/** A functional group's item that holds for one frame (PS3.3 C.7.6.16); the data set itself where there are none. */
type MacroOf = (sequenceTag: string) => ElementSet;

/**
 * The frames of an image: one of a classic file, each of an enhanced one with what its functional groups say of it, each
 * of an older multi-frame file. `maxFrames` bounds what a hostile Number of Frames can make us allocate.
 */
export function readFrames(
  instance: Omit<Instance, 'frames'>,
  dataSet: ElementSet,
  maxFrames: number,
): ImageFrame[] {
  const claimed = number(dataSet, tag.numberOfFrames, 'IS') ?? 1;
  const count = Math.max(1, Math.min(Math.trunc(claimed), maxFrames));
  const perFrame = items(dataSet, tag.perFrameFunctionalGroups);
  const shared = items(dataSet, tag.sharedFunctionalGroups)[0];
  const frames: ImageFrame[] = [];
  // Filled below: a frame refers to its instance, which lists its frames.
  const owner: Instance = { ...instance, frames };

  if (perFrame.length === 0 && !shared) {
    const plane = readPlane(dataSet, dataSet, dataSet) ?? readDetectorPlane(dataSet);
    const step = count > 1 ? frameStep(instance.sopClassUid, dataSet, plane) : null;
    const common = {
      instance: owner,
      rescale: readRescale(dataSet),
      traits: readTraits(dataSet, () => dataSet, []),
    };
    for (let frame = 0; frame < count; frame++) {
      frames.push({ ...common, frame, plane: count === 1 ? plane : step && stepped(plane, frame, step) });
    }
    return frames;
  }

  const sharedMacros = new Map<string, ElementSet | undefined>();
  const sharedMacro = (sequence: string): ElementSet | undefined => {
    if (!sharedMacros.has(sequence)) sharedMacros.set(sequence, shared && items(shared, sequence)[0]);
    return sharedMacros.get(sequence);
  };
  const placeless = placelessDimensions(dataSet);
  // Frames that the functional groups do not describe cannot be placed: none is, rather than some.
  const described = perFrame.length === count;
  for (let frame = 0; frame < count; frame++) {
    const own = perFrame[frame];
    const macroOf: MacroOf = (sequence) =>
      (own && items(own, sequence)[0]) ?? sharedMacro(sequence) ?? dataSet;
    frames.push({
      instance: owner,
      frame,
      plane: described
        ? readPlane(
            macroOf(tag.planePositionSequence),
            macroOf(tag.planeOrientationSequence),
            macroOf(tag.pixelMeasuresSequence),
          )
        : null,
      rescale: readRescale(macroOf(tag.pixelValueSequence)),
      traits: readTraits(dataSet, macroOf, placeless),
    });
  }
  return frames;
}

/** Nuclear medicine keeps the plane of its first slice with the detector (PS3.3 C.8.4.11). */
function readDetectorPlane(dataSet: ElementSet): ImagePlane | null {
  const detector = items(dataSet, tag.detectorInformationSequence)[0];
  return detector ? readPlane(detector, detector, dataSet) : null;
}

/**
 * From one frame to the next of a multi-frame file without functional groups. Only nuclear medicine defines it: Spacing
 * Between Slices, its sign telling on which side the next slice lies (PS3.3 C.8.4.15.1.1).
 */
function frameStep(sopClassUid: string, dataSet: ElementSet, plane: ImagePlane | null): Vec3 | null {
  const spacingMm = number(dataSet, tag.spacingBetweenSlices, 'DS');
  if (sopClassUid !== nuclearMedicineImage || !plane || !spacingMm) return null;
  return scaledSum([0, 0, 0], spacingMm, cross(plane.xDirection, plane.yDirection));
}

function stepped(plane: ImagePlane | null, frame: number, step: Vec3): ImagePlane | null {
  return plane && { ...plane, positionLps: scaledSum(plane.positionLps, frame, step) };
}

function readRescale(set: ElementSet): Rescale {
  const first = (name: string): number | null =>
    valueBytes(set, name) === null ? null : (numbers(set, name, 'DS')[0] ?? NaN);
  return {
    slope: first(tag.rescaleSlope),
    intercept: first(tag.rescaleIntercept),
    type: string(set, tag.rescaleType).toUpperCase(),
  };
}

function readTraits(dataSet: ElementSet, macroOf: MacroOf, placeless: readonly number[]): ImageTraits {
  const content = macroOf(tag.frameContentSequence);
  const diffusion = macroOf(tag.mrDiffusionSequence);
  const cardiac = macroOf(tag.cardiacSequence);
  const gradient = items(diffusion, tag.diffusionGradientSequence)[0] ?? diffusion;
  const indices = numbers(content, tag.dimensionIndexValues, 'UL');
  const bValue = readBValue(dataSet, diffusion);
  return {
    imageType: readImageType(dataSet, macroOf),
    echo: readEcho(dataSet, macroOf(tag.mrEchoSequence)),
    bValue: bValue === null ? '' : String(Math.round(bValue)),
    gradient: readGradient(dataSet, gradient),
    stack: string(content, tag.stackId),
    acquisition:
      string(dataSet, tag.acquisitionNumber) + spell(numbers(content, tag.frameAcquisitionNumber, 'US')[0]),
    temporalPosition:
      string(dataSet, tag.temporalPosition) + spell(numbers(content, tag.temporalPositionIndex, 'UL')[0]),
    cardiacPhase: [
      spell(number(dataSet, tag.triggerTime, 'DS')),
      spell(number(cardiac, tag.cardiacTriggerDelay, 'FD')),
      spell(number(cardiac, tag.cardiacPhasePercent, 'FL')),
    ]
      .filter(Boolean)
      .join(' '),
    dimensions: placeless.map((index) => spell(indices[index])).join(' '),
    technique: [
      ...strings(dataSet, tag.convolutionKernel),
      ...[tag.kvp, tag.sliceThickness, tag.inversionTime, tag.flipAngle].map((each) => string(dataSet, each)),
    ].join(' '),
    acquisitionTime: string(dataSet, tag.acquisitionDateTime) || string(dataSet, tag.acquisitionTime),
  };
}

function readImageType(dataSet: ElementSet, macroOf: MacroOf): string {
  for (const sequence of [tag.mrFrameTypeSequence, tag.ctFrameTypeSequence, tag.petFrameTypeSequence]) {
    const frameType = strings(macroOf(sequence), tag.frameType);
    if (frameType.length > 0) return frameType.join('\\').toUpperCase();
  }
  return strings(dataSet, tag.imageType).join('\\').toUpperCase();
}

/** Echo number and time; a time to 0.1 ms, because scanners round it differently from slice to slice. */
function readEcho(dataSet: ElementSet, echo: ElementSet): string {
  const timeMs = number(echo, tag.effectiveEchoTime, 'FD') ?? number(dataSet, tag.echoTime, 'DS');
  return [string(dataSet, tag.echoNumbers), timeMs === null ? '' : `TE ${Number(timeMs.toFixed(1))} ms`]
    .filter(Boolean)
    .join(', ');
}

/** Which dimension indices do not tell the place of a frame: those can tell volumes apart. */
function placelessDimensions(dataSet: ElementSet): number[] {
  const places: readonly string[] = [tag.inStackPosition, tag.imagePosition, tag.stackId];
  return items(dataSet, tag.dimensionIndexSequence).flatMap((dimension, index) => {
    const bytes = valueBytes(dimension, tag.dimensionIndexPointer);
    if (!bytes || bytes.length < 4) return [];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const word = (at: number) => view.getUint16(at, dimension.littleEndian).toString(16).padStart(4, '0');
    return places.includes(`x${word(0)}${word(2)}`) ? [] : [index];
  });
}

function spell(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}
