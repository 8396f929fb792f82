import { frameEncodingOf } from '../pixels/transfer-syntax.ts';
import type { Finding } from '../study.ts';
import type { ImageFrame } from './image-frame.ts';

// Stored as images and yet no picture of tissue: segmentations, surfaces of dose, parametric maps of other units.
const derivedObjects = new Set([
  '1.2.840.10008.5.1.4.1.1.66.4', // Segmentation
  '1.2.840.10008.5.1.4.1.1.66.7', // Label Map Segmentation
  '1.2.840.10008.5.1.4.1.1.30', // Parametric Map
  '1.2.840.10008.5.1.4.1.1.481.2', // RT Dose
  '1.2.840.10008.5.1.4.1.1.66.1', // Spatial Registration
]);

// CT Image Type values whose pixels are a projection or another quantity than attenuation, though stored as CT: PS3.3
// C.8.2.1.1.1 and C.8.15.3.1.1 (multi-energy), C.8.16.1.4 (derived pixel contrast), C.8.16.1.3 (flavours).
const notAttenuation = new Set([
  ...['MAT_SPECIFIC', 'MAT_FRACTIONAL', 'MAT_VALUE_BASED', 'EFF_ATOMIC_NUM', 'ELECTRON_DENSITY'],
  ...['STD_DEVIATION', 'SUBTRACTION', 'DIVISION', 'MULTIPLICATION', 'QUANTITY', 'VOLUME_RENDER'],
  ...['PERFUSION', 'RCBF', 'RCBV', 'CBF', 'CBV', 'MTT', 'TTP', 'TMAX', 'CSA MPR THICK SSD', 'SSD', 'VRT'],
  ...['MIP', 'MAXIMUM', 'MAX_IP', 'MINIP', 'MINIMUM', 'MIN_IP'],
]);

/** What is wrong with images apart from where they lie: their kind, their pixels, their values. */
export function judgeContent(images: readonly ImageFrame[], modality: string): Finding[] {
  const notImages = count(images, (image) => !isImage(image));
  if (notImages > 0) return [{ code: 'not-an-image', numbers: { objects: notImages } }];
  const findings: Finding[] = [];
  const find = (code: Finding['code'], wrong: number, more: Finding['numbers'] = {}) => {
    if (wrong > 0) findings.push({ code, numbers: { images: wrong, ...more } });
  };
  const types = (image: ImageFrame) => image.traits.imageType.split('\\');
  find('truncated', count(images, isTruncated), { missingBytes: missingBytes(images) });
  find(
    'unsupported-pixels',
    count(images, (image) => !hasSupportedPixels(image)),
  );
  find(
    'localizer',
    count(images, (image) => types(image).includes('LOCALIZER') || types(image).includes('SCOUT')),
  );
  if (modality === 'CT') {
    find(
      'missing-rescale',
      count(images, ({ rescale }) => !isLine(rescale.slope, rescale.intercept)),
    );
    find(
      'not-hu',
      count(images, (image) => !isHounsfield(image, types(image))),
    );
  } else {
    // Without a rescale stored values are the values; with a broken one nobody knows.
    find(
      'missing-rescale',
      count(images, ({ rescale }) => !isLine(rescale.slope ?? 1, rescale.intercept ?? 0)),
    );
  }
  return findings;
}

/** A header that ends before the pixel data may well be that of an image: it counts as truncated, not as no image. */
function isImage({ instance }: ImageFrame): boolean {
  return (
    !derivedObjects.has(instance.sopClassUid) && (instance.pixels !== null || instance.cutShort !== null)
  );
}

function isTruncated({ instance }: ImageFrame): boolean {
  return instance.cutShort !== null || (instance.pixels?.bytesMissing ?? 0) > 0;
}

function missingBytes(images: readonly ImageFrame[]): number {
  const instances = new Set(images.map((image) => image.instance));
  return [...instances].reduce((sum, { pixels }) => sum + (pixels?.bytesMissing ?? 0), 0);
}

function hasSupportedPixels({ instance: { pixels, transferSyntaxUid } }: ImageFrame): boolean {
  // Unknown while truncated: that is its own finding.
  if (!pixels) return true;
  return (
    pixels.samplesPerPixel === 1 &&
    pixels.photometric.startsWith('MONOCHROME') &&
    [8, 16, 32].includes(pixels.bitsAllocated) &&
    !pixels.isFloat &&
    pixels.rows > 0 &&
    pixels.columns > 0 &&
    isDecodable(transferSyntaxUid)
  );
}

function isDecodable(transferSyntaxUid: string): boolean {
  // A bare data set names none; its pixels are native.
  if (transferSyntaxUid === '') return true;
  try {
    frameEncodingOf(transferSyntaxUid);
    return true;
  } catch {
    return false;
  }
}

function isLine(slope: number | null, intercept: number | null): boolean {
  return (
    slope !== null &&
    slope !== 0 &&
    Number.isFinite(slope) &&
    intercept !== null &&
    Number.isFinite(intercept)
  );
}

/** Rescale Type is optional for CT, and then means HU (PS3.3 C.8.2.1.1.2); localizers are judged on their own. */
function isHounsfield({ rescale }: ImageFrame, types: readonly string[]): boolean {
  return (
    (rescale.type === '' || rescale.type === 'HU') && !types.slice(2).some((type) => notAttenuation.has(type))
  );
}

function count(images: readonly ImageFrame[], matches: (image: ImageFrame) => boolean): number {
  return images.filter(matches).length;
}
