import { encodeDataSet } from '../../main/core/dicom/write/encode-data-set.ts';
import { encodeFileMeta, explicitLittleEndian } from '../../main/core/dicom/write/encode-file.ts';
import type { DataSet } from '../../main/core/dicom/write/data-set.ts';
import { uidFromUuid } from '../../main/core/dicom/write/uid-from-uuid.ts';
import type { Volume } from '../../main/core/volume/volume.ts';
import { seededRandom } from './random.ts';

const ctImage = '1.2.840.10008.5.1.4.1.1.2';
const intercept = -1024;

/**
 * The slices of a CT volume as DICOM files, Explicit VR Little Endian, each in parts to be written one after the other.
 * Identifiers and dates are fixed, so that the bytes are the same in every run.
 */
export function encodeSlices({
  voxels,
  grid,
}: Volume): { readonly name: string; readonly parts: readonly Uint8Array[] }[] {
  const uid = seededUids(7);
  const series = seriesOf(uid(), uid(), uid());
  const [planes, rows, columns] = grid.shapeZyx;
  const size = rows * columns;
  return Array.from({ length: planes }, (_, z) => {
    const stored = Uint16Array.from(voxels.subarray(z * size, (z + 1) * size), (hu) => hu - intercept);
    const position = grid.originLps.map(
      (origin, axis) => origin + z * grid.spacingZyxMm[0] * grid.directionsZyx[0][axis]!,
    );
    const dataSet: DataSet = {
      ...series,
      SOPInstanceUID: uid(),
      InstanceNumber: z + 1,
      ImagePositionPatient: position,
      ImageOrientationPatient: [...grid.directionsZyx[2], ...grid.directionsZyx[1]],
      SliceLocation: position[2]!,
      SliceThickness: grid.spacingZyxMm[0],
      PixelSpacing: [grid.spacingZyxMm[1], grid.spacingZyxMm[2]],
      Rows: rows,
      Columns: columns,
      PixelData: new Uint8Array(stored.buffer),
    };
    const parts = [encodeFileMeta(dataSet, explicitLittleEndian), encodeDataSet(dataSet)];
    return { name: `slice-${String(z + 1).padStart(2, '0')}.dcm`, parts };
  });
}

function seriesOf(study: string, series: string, frameOfReference: string): DataSet {
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    SOPClassUID: ctImage,
    StudyDate: '20250101',
    SeriesDate: '20250101',
    AcquisitionDate: '20250101',
    ContentDate: '20250101',
    StudyTime: '120000',
    SeriesTime: '120000',
    AcquisitionTime: '120000',
    ContentTime: '120000',
    AccessionNumber: '',
    Modality: 'CT',
    Manufacturer: 'Thinslice',
    ManufacturerModelName: 'Synthetic chest phantom',
    SoftwareVersions: '1',
    ReferringPhysicianName: '',
    StudyDescription: 'Synthetic chest',
    SeriesDescription: 'Computed phantom, not a patient',
    PatientName: 'SYNTHETIC^CHEST PHANTOM',
    PatientID: 'PHANTOM-1',
    PatientBirthDate: '',
    PatientSex: 'O',
    PatientComments:
      'Computed from formulas; no person was scanned. Research use only. Not for clinical use.',
    BodyPartExamined: 'CHEST',
    KVP: 120,
    PatientPosition: 'HFS',
    StudyInstanceUID: study,
    SeriesInstanceUID: series,
    StudyID: '1',
    SeriesNumber: 1,
    AcquisitionNumber: 1,
    FrameOfReferenceUID: frameOfReference,
    PositionReferenceIndicator: '',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    WindowCenter: 40,
    WindowWidth: 400,
    RescaleIntercept: intercept,
    RescaleSlope: 1,
    RescaleType: 'HU',
    LossyImageCompression: '00',
  };
}

/** UIDs of the form 2.25.<uuid> whose version 4 UUIDs come from a fixed seed. */
function seededUids(seed: number): () => string {
  const random = seededRandom(seed);
  return () => {
    const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
    digits[12] = '4';
    digits[16] = '8';
    return uidFromUuid(digits.join(''));
  };
}
