import dicomParser from 'dicom-parser';
import { expect, it } from 'vitest';
import { encodeDataSet } from '../../../../../main/core/dicom/write/encode-data-set.ts';
import { encodeFileMeta, implicitLittleEndian } from '../../../../../main/core/dicom/write/encode-file.ts';
import { DicomWriteError } from '../../../../../main/core/dicom/write/dicom-write-error.ts';

const many = Array.from({ length: 9000 }, (_, index) => index + 0.125);
const dataSet = {
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.481.3',
  SOPInstanceUID: '2.25.7',
  PatientName: 'Doe^Jané',
  ROIContourSequence: [{ ROIDisplayColor: [1, 2, 3], ContourSequence: [{ ContourData: many }] }],
};

it('writes values of more than 64 KiB as Implicit VR, which explicit lengths cannot say', () => {
  const meta = encodeFileMeta(dataSet, implicitLittleEndian);
  const body = encodeDataSet(dataSet, 'implicit');
  const file = new Uint8Array(meta.length + body.length);
  file.set(meta);
  file.set(body, meta.length);
  const read = dicomParser.parseDicom(file);
  expect(read.string('x00020010')).toBe(implicitLittleEndian);
  expect(read.string('x00080018')).toBe('2.25.7');
  const contour = read.elements['x30060039']!.items![0]!.dataSet!.elements['x30060040']!.items![0]!.dataSet!;
  expect(contour.string('x30060050')!.split('\\').map(Number)).toEqual(many);
  expect(() => encodeDataSet(dataSet)).toThrow(DicomWriteError);
});
