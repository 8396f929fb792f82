import { text } from './decode-text.ts';
import { DicomFormatError } from './dicom-format-error.ts';
import type { ElementSet } from './element-set.ts';
import { number, string } from './element-set.ts';
import type { Instance, PixelDescription } from './image-frame.ts';
import type { DicomHeader, PixelDataPlace } from './parse-header.ts';
import { readFrames } from './read-frames.ts';
import { standInUid } from './stand-in-uid.ts';
import { tag } from './tags.ts';

// CT, MR, PET and nuclear medicine, classic and enhanced: objects that always have pixels (PS3.4 B.5).
const imageClasses = new Set(
  ['2', '2.1', '2.2', '4', '4.1', '4.4', '20', '128', '128.1', '130'].map(
    (end) => `1.2.840.10008.5.1.4.1.1.${end}`,
  ),
);

// A multi-frame object of more frames than this is not an image of a person.
const maxFrames = 1 << 16;

/** JPEG (lossy processes), JPEG-LS near-lossless, lossy JPEG 2000 and HTJ2K (PS3.6 annex A). */
const lossySyntaxes = new Set([50, 51, 53, 55, 81, 91, 203].map((last) => `1.2.840.10008.1.2.4.${last}`));

/** A DICOMDIR (PS3.3 Annex F) names files that a scan finds by itself; only its meta information says what it is. */
export function isMediaDirectory({ dataSet }: DicomHeader): boolean {
  return string(dataSet, tag.mediaStorageSopClassUid) === '1.2.840.10008.1.3.10';
}

/**
 * What a header says of its image, study and series. `fileBytes` bounds what the header can claim. An image without UIDs,
 * as some anonymisers leave it, gets stand-ins: then images of one folder with the same patient, study and series
 * attributes make a series. Throws DicomFormatError where there is neither an image nor a series to belong to.
 */
export function readInstance(file: string, header: DicomHeader, fileBytes: number): Instance {
  const { dataSet } = header;
  const sopClassUid = [tag.sopClassUid, tag.mediaStorageSopClassUid]
    .map((each) => string(dataSet, each))
    .find(isUid);
  // A cut between two elements leaves a shorter header that looks whole, but an image has pixels.
  const isImage = imageClasses.has(sopClassUid ?? '') || number(dataSet, tag.rows, 'US') !== null;
  const lacksPixels = isImage && header.pixelData === null;
  const cutShort = header.cutShort ?? (lacksPixels ? ({ code: 'pixels-missing' } as const) : null);
  const seriesInstanceUid = uid(dataSet, tag.seriesInstanceUid);
  if (seriesInstanceUid === '' && (cutShort !== null || !header.pixelData)) {
    throw new DicomFormatError(cutShort ?? { code: 'no-image' });
  }
  const study = readStudy(file, dataSet);
  const series = {
    frameOfReferenceUid: uid(dataSet, tag.frameOfReferenceUid),
    modality: string(dataSet, tag.modality),
    description: text(dataSet, tag.seriesDescription, 'LO'),
    seriesNumber: number(dataSet, tag.seriesNumber, 'IS'),
    bodyPart: string(dataSet, tag.bodyPart),
  };
  const instance: Omit<Instance, 'frames'> = {
    file,
    study,
    series: {
      ...series,
      seriesInstanceUid:
        seriesInstanceUid ||
        standInUid('series', study.studyInstanceUid, ...Object.values(series).map(String), folderOf(file)),
    },
    sopClassUid: sopClassUid ?? '',
    sopInstanceUid:
      uid(dataSet, tag.sopInstanceUid) ||
      uid(dataSet, tag.mediaStorageSopInstanceUid) ||
      standInUid('instance', file),
    transferSyntaxUid: header.transferSyntaxUid,
    lossy: string(dataSet, tag.lossyImageCompression) === '01' || lossySyntaxes.has(header.transferSyntaxUid),
    instanceNumber: number(dataSet, tag.instanceNumber, 'IS'),
    pixels: header.pixelData && describePixels(dataSet, header.pixelData),
    cutShort,
  };
  const frames = readFrames(instance, dataSet, Math.min(maxFrames, fileBytes));
  return frames[0]?.instance ?? { ...instance, frames };
}

function readStudy(file: string, dataSet: ElementSet): Instance['study'] {
  const study = {
    patientId: text(dataSet, tag.patientId, 'LO'),
    patientName: text(dataSet, tag.patientName, 'PN'),
    patientBirthDate: string(dataSet, tag.patientBirthDate),
    patientSex: string(dataSet, tag.patientSex),
    studyDate: string(dataSet, tag.studyDate),
    studyTime: string(dataSet, tag.studyTime),
    studyId: text(dataSet, tag.studyId, 'SH'),
    accessionNumber: text(dataSet, tag.accessionNumber, 'SH'),
    description: text(dataSet, tag.studyDescription, 'LO'),
  };
  const studyInstanceUid =
    uid(dataSet, tag.studyInstanceUid) || standInUid('study', ...Object.values(study), folderOf(file));
  return { studyInstanceUid, ...study };
}

/**
 * A UID as written, empty if there is none. What is written there and can be no UID would make every reference to it
 * invalid: it gets a stand-in of its own, so that different ones stay apart. Leading zeros (against PS3.5 9.1) are
 * common and stay, since archives know the object by them.
 */
function uid(dataSet: ElementSet, tagOfUid: string): string {
  const written = string(dataSet, tagOfUid);
  return written === '' || isUid(written) ? written : standInUid('uid', written);
}

function isUid(text: string): boolean {
  return text.length <= 64 && /^\d+(\.\d+)*$/.test(text);
}

function folderOf(file: string): string {
  return file.slice(0, Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')));
}

function describePixels(dataSet: ElementSet, place: PixelDataPlace): PixelDescription {
  const description = {
    rows: number(dataSet, tag.rows, 'US') ?? 0,
    columns: number(dataSet, tag.columns, 'US') ?? 0,
    samplesPerPixel: number(dataSet, tag.samplesPerPixel, 'US') ?? 1,
    photometric: string(dataSet, tag.photometric).toUpperCase() || 'MONOCHROME2',
    bitsAllocated: number(dataSet, tag.bitsAllocated, 'US') ?? 0,
    isFloat: place.tag !== tag.pixelData,
  };
  const { rows, columns, samplesPerPixel, bitsAllocated } = description;
  const frames = Math.max(1, number(dataSet, tag.numberOfFrames, 'IS') ?? 1);
  // Colour is refused anyway, and may be subsampled.
  const promised = samplesPerPixel === 1 ? Math.ceil((rows * columns * bitsAllocated * frames) / 8) : 0;
  return { ...description, bytesMissing: missingBytes(place, promised) };
}

function missingBytes({ lengthBytes, availableBytes }: PixelDataPlace, promised: number): number {
  // Encapsulated frames do not say how long they are before they are decoded.
  if (lengthBytes === null) return availableBytes === 0 ? promised : 0;
  return Math.max(0, promised - Math.min(lengthBytes, availableBytes ?? Infinity));
}
