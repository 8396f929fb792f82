import type {
  ImageFrame,
  ImagePlane,
  ImageTraits,
  Instance,
  PixelDescription,
  Rescale,
} from '../../../../../main/core/dicom/read/image-frame.ts';
import type { Vec3 } from '../../../../../main/core/volume/volume.ts';

export interface ImageChoices {
  readonly positionLps?: Vec3;
  readonly plane?: Partial<ImagePlane> | null;
  readonly pixels?: Partial<PixelDescription> | null;
  readonly rescale?: Partial<Rescale>;
  readonly traits?: Partial<ImageTraits>;
  readonly instance?: Partial<Instance>;
  readonly frame?: number;
}

let made = 0;

/** An axial CT slice of 512 × 512 pixels of 0.5 mm at the origin, or what is chosen instead. */
export function makeImage(choices: ImageChoices = {}): ImageFrame {
  const n = ++made;
  const plane: ImagePlane | null =
    choices.plane === null
      ? null
      : {
          positionLps: choices.positionLps ?? [0, 0, 0],
          xDirection: [1, 0, 0],
          yDirection: [0, 1, 0],
          spacingYxMm: [0.5, 0.5],
          ...choices.plane,
        };
  const pixels: PixelDescription | null =
    choices.pixels === null
      ? null
      : {
          rows: 512,
          columns: 512,
          samplesPerPixel: 1,
          photometric: 'MONOCHROME2',
          bitsAllocated: 16,
          isFloat: false,
          bytesMissing: 0,
          ...choices.pixels,
        };
  const frames: ImageFrame[] = [];
  const instance: Instance = {
    file: `/study/${String(n).padStart(6, '0')}`,
    study: {
      studyInstanceUid: '1.1',
      patientId: '',
      patientName: '',
      patientBirthDate: '',
      patientSex: '',
      studyDate: '',
      studyTime: '',
      studyId: '',
      accessionNumber: '',
      description: '',
    },
    series: {
      seriesInstanceUid: '1.2',
      frameOfReferenceUid: '1.3',
      modality: 'CT',
      description: '',
      seriesNumber: 1,
      bodyPart: '',
    },
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    sopInstanceUid: `1.4.${n}`,
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    lossy: false,
    instanceNumber: n,
    pixels,
    cutShort: null,
    frames,
    ...choices.instance,
  };
  const image: ImageFrame = {
    instance,
    frame: choices.frame ?? 0,
    plane,
    rescale: { slope: 1, intercept: -1024, type: '', ...choices.rescale },
    traits: {
      imageType: 'ORIGINAL\\PRIMARY\\AXIAL',
      echo: '',
      bValue: '',
      gradient: '',
      stack: '',
      acquisition: '1',
      temporalPosition: '',
      cardiacPhase: '',
      dimensions: '',
      technique: '',
      acquisitionTime: '',
      ...choices.traits,
    },
  };
  frames.push(image);
  return image;
}

/** Axial slices at heights `z`; `choices` may depend on the index. */
export function makeStack(
  heights: readonly number[],
  choices: (index: number) => ImageChoices = () => ({}),
): ImageFrame[] {
  return heights.map((z, index) => makeImage({ positionLps: [0, 0, z], ...choices(index) }));
}

/** `count` heights, `spacing` apart, from `start`. */
export function evenly(count: number, spacing = 1, start = 0): number[] {
  return Array.from({ length: count }, (_, index) => start + index * spacing);
}
