import { groupBy } from './group-by.ts';
import type { ImageFrame, ImageTraits } from './image-frame.ts';
import { byPosition, inSeriesOrder, stackUp } from './stack.ts';
import type { PlacedFrame } from './stack.ts';
import { splitAtSpacingChange } from './split-at-spacing-change.ts';
import { dot } from './vector.ts';

/** Images of one series that belong to one volume, and what sets them apart from the others, for people. */
export interface SeriesPart<Frame extends ImageFrame = ImageFrame> {
  readonly label: string;
  readonly images: readonly Frame[];
}

type Placed = SeriesPart<PlacedFrame>;

/**
 * Splits the images of one series into volumes. What makes a rectangular volume of one meaning impossible splits always
 * (matrix, pixel spacing, orientation, image type, echo, b-value, …). Acquisition, time and the like split only where
 * several images lie at one position, because many scanners number or time each slice of one volume differently.
 */
export function splitSeries(images: readonly ImageFrame[]): SeriesPart[] {
  const { originals, copies } = setCopiesAside(images);
  const unplaced = originals.filter((image) => image.plane === null);
  const placed = originals.filter((image): image is PlacedFrame => image.plane !== null);
  let parts: Placed[] = placed.length > 0 ? [{ label: '', images: placed }] : [];
  for (const criterion of always) parts = parts.flatMap((part) => splitBy(part, criterion));
  parts = parts.flatMap((part) => splitRepeats(part, whereRepeated)).flatMap(splitAtSpacingChange);
  const all: SeriesPart[] = unplaced.length === 0 ? parts : [...parts, { label: '', images: unplaced }];
  return all.map((part) => ({
    ...part,
    images: part.images.flatMap((image) => [image, ...(copies.get(image) ?? [])]),
  }));
}

/** A file stored twice in a folder tells volumes apart no more than it did once. */
function setCopiesAside(images: readonly ImageFrame[]) {
  const originals = new Map<string, ImageFrame>();
  const copies = new Map<ImageFrame, ImageFrame[]>();
  for (const image of [...images].sort(inSeriesOrder)) {
    const { sopInstanceUid, file } = image.instance;
    const key = `${sopInstanceUid || file} ${image.frame}`;
    const original = originals.get(key);
    if (original) copies.set(original, [...(copies.get(original) ?? []), image]);
    else originals.set(key, image);
  }
  return { originals: [...originals.values()], copies };
}

interface Criterion {
  /** Images with equal keys belong together. */
  readonly key?: (image: PlacedFrame) => string;
  /** Used in place of a key where equality has a tolerance. */
  readonly same?: (a: PlacedFrame, b: PlacedFrame) => boolean;
  readonly label: (image: PlacedFrame) => string;
}

// cos 0.1°: direction cosines written with three decimals turn by up to 0.06°, and at 0.1° the edge of a 500 mm field
// of view is off by half a pixel.
const parallel = Math.cos((0.1 * Math.PI) / 180);

// Over 512 pixels this adds up to half a pixel.
const spacingTolerance = 1e-3;

const always: readonly Criterion[] = [
  { key: ({ instance }) => instance.series.frameOfReferenceUid, label: () => 'frame of reference' },
  { key: ({ instance }) => instance.sopClassUid, label: () => 'kind of image' },
  { key: describeMatrix, label: describeMatrix },
  {
    same: (a, b) =>
      dot(a.plane.xDirection, b.plane.xDirection) >= parallel &&
      dot(a.plane.yDirection, b.plane.yDirection) >= parallel,
    label: ({ plane }) => describeOrientation(plane),
  },
  {
    same: ({ plane: { spacingYxMm: a } }, { plane: { spacingYxMm: b } }) =>
      Math.abs(a[0] - b[0]) <= spacingTolerance * a[0] && Math.abs(a[1] - b[1]) <= spacingTolerance * a[1],
    label: ({ plane }) => `${round(plane.spacingYxMm[0])} mm pixels`,
  },
  byTrait('imageType', (value) => value.split('\\').slice(2).join(' ').toLowerCase()),
  byTrait('echo', (value) => `echo ${value}`),
  byTrait('bValue', (value) => (value === '' ? 'no b-value' : `b=${value}`)),
  byTrait('stack', (value) => `stack ${value}`),
];

const whereRepeated: readonly Criterion[] = [
  byTrait('acquisition', (value) => `acquisition ${value}`),
  byTrait('temporalPosition', (value) => `time ${value}`),
  byTrait('cardiacPhase', (value) => `phase ${value}`),
  byTrait('gradient', (value) => `gradient ${value}`),
  byTrait('dimensions', (value) => `dimension ${value}`),
  byTrait('technique', () => 'technique'),
  // Several fields of view in one plane, as of a spine taken in stations.
  { same: sameColumnOfSlices, label: () => 'station' },
  byTrait('acquisitionTime', (value) => `acquired ${value}`),
];

function byTrait(trait: keyof ImageTraits, label: (value: string) => string): Criterion {
  return { key: ({ traits }) => traits[trait], label: ({ traits }) => label(traits[trait]) };
}

/** Splits unless that would leave most images alone: then what the criterion tells apart is slices, not volumes. */
function splitBy(part: Placed, criterion: Criterion): Placed[] {
  const clusters = cluster(part.images, criterion);
  if (clusters.length === 1) return [part];
  const alone = clusters.filter((each) => each.length === 1).length;
  return alone * 2 > part.images.length ? [part] : labelled(part, clusters, criterion.label);
}

/** Splits by the first criteria that lessen how many images lie at one position, until none does. */
function splitRepeats(part: Placed, criteria: readonly Criterion[]): Placed[] {
  const repeats = mostAtOnePosition(part.images);
  const [criterion, ...others] = criteria;
  if (repeats === 1) return [part];
  if (!criterion) return splitByInstanceNumber(part);
  const clusters = cluster(part.images, criterion);
  const atOnePlace = clusters
    .filter((each) => positions(each) === 1)
    .reduce((sum, each) => sum + each.length, 0);
  const lessens = clusters.length > 1 && clusters.every((each) => mostAtOnePosition(each) < repeats);
  if (!lessens || atOnePlace * 2 > part.images.length) return splitRepeats(part, others);
  return labelled(part, clusters, criterion.label).flatMap((each) => splitRepeats(each, others));
}

/**
 * The same number of images at every position, and only instance numbers to tell them apart: the k-th of each position
 * is one volume. Copies with one instance number stay together; the geometry gate drops them as duplicates.
 */
function splitByInstanceNumber(part: Placed): Placed[] {
  const runs = byPosition(stackUp(part.images).slices);
  const repeats = runs[0]?.length ?? 0;
  const even = runs.length > 1 && runs.every((run) => run.length === repeats);
  const told = runs.every(
    (run) => new Set(run.map(({ image }) => image.instance.instanceNumber ?? NaN)).size === run.length,
  );
  if (!even || !told || repeats === 1) return [part];
  const ordered = runs.map((run) => run.map(({ image }) => image).sort(inSeriesOrder));
  return Array.from({ length: repeats }, (_, k) => ({
    label: join(part.label, `repeat ${k + 1}`),
    images: ordered.flatMap((run) => run[k] ?? []),
  }));
}

// A tolerance that tells more groups apart than this tells slices apart; and each image is compared with every group.
const maxClusters = 64;

function cluster(images: readonly PlacedFrame[], { key, same }: Criterion): PlacedFrame[][] {
  if (key) return [...groupBy(images, key).values()];
  const clusters: PlacedFrame[][] = [];
  for (const image of images) {
    const home = clusters.find(([first]) => first && same?.(first, image));
    if (home) home.push(image);
    else if (clusters.length === maxClusters) return [[...images]];
    else clusters.push([image]);
  }
  return clusters;
}

function labelled(part: Placed, clusters: readonly PlacedFrame[][], label: Criterion['label']): Placed[] {
  return clusters.map((images) => ({
    label: join(part.label, images[0] ? label(images[0]) : ''),
    images,
  }));
}

function join(...labels: string[]): string {
  return labels.filter(Boolean).join(', ');
}

function mostAtOnePosition(images: readonly PlacedFrame[]): number {
  return byPosition(stackUp(images).slices).reduce((most, run) => Math.max(most, run.length), 0);
}

function positions(images: readonly PlacedFrame[]): number {
  return byPosition(stackUp(images).slices).length;
}

/** One slice exactly over the other: their offset is along the normal, within a millimetre. */
function sameColumnOfSlices(a: PlacedFrame, b: PlacedFrame): boolean {
  const { shiftXMm = 0, shiftYMm = 0 } = stackUp([a, b]).slices[1] ?? {};
  return Math.hypot(shiftXMm, shiftYMm) < 1;
}

function describeMatrix({ instance: { pixels } }: PlacedFrame): string {
  return pixels ? `${pixels.columns} × ${pixels.rows}` : 'no pixels';
}

function describeOrientation({ xDirection, yDirection }: PlacedFrame['plane']): string {
  const normal = [0, 1, 2].map((axis) => {
    const next = (axis + 1) % 3;
    const last = (axis + 2) % 3;
    return Math.abs(
      (xDirection[next] ?? 0) * (yDirection[last] ?? 0) - (xDirection[last] ?? 0) * (yDirection[next] ?? 0),
    );
  });
  return ['sagittal', 'coronal', 'axial'][normal.indexOf(Math.max(...normal))] ?? '';
}

function round(value: number): number {
  return Number(value.toFixed(3));
}
