import type { DataSet, EncodedItem } from '../write/data-set.ts';
import { dataDictionary } from '../write/data-dictionary.ts';
import type { Keyword } from '../write/data-dictionary.ts';
import { researchUseOnly } from '../../report/report.ts';
import { isStandInUid, standInUid } from '../read/stand-in-uid.ts';
import { sopClassOf } from './source-frames.ts';
import type { SegInput } from './seg-input.ts';

export const binarySegClass = '1.2.840.10008.5.1.4.1.1.66.4';
export const labelmapSegClass = '1.2.840.10008.5.1.4.1.1.66.7';

/** What differs between the two kinds of segmentation. */
export interface SegKind {
  readonly sopClassUid: string;
  readonly segmentationType: 'BINARY' | 'LABELMAP';
  readonly bits: 1 | 8;
  readonly seriesNumberOffset: number;
  readonly segments: readonly DataSet[];
  readonly frames: readonly EncodedItem[];
  readonly dimensions: readonly { readonly pointer: Keyword; readonly group: Keyword }[];
}

/**
 * A Segmentation or Label Map Segmentation object (PS3.3 sections A.51 and A.85, Supplement 243) without its
 * pixels: patient and study as in the source, the result's own grid, one item of functional groups a frame.
 */
export function segDataSet(input: SegInput, kind: SegKind): DataSet {
  return {
    ...patientAndStudy(input),
    ...seriesAndEquipment(input, kind),
    ...image(input, kind),
    ...references(input),
    SharedFunctionalGroupsSequence: [sharedGroups(input)],
    PerFrameFunctionalGroupsSequence: kind.frames,
    DimensionOrganizationSequence: [{ DimensionOrganizationUID: input.uids.dimensionOrganization }],
    DimensionIndexSequence: kind.dimensions.map(({ pointer, group }) => ({
      DimensionOrganizationUID: input.uids.dimensionOrganization,
      DimensionIndexPointer: dataDictionary[pointer][0],
      FunctionalGroupPointer: dataDictionary[group][0],
      DimensionDescriptionLabel: pointer,
    })),
  };
}

/** The patient and study modules, as in the source; what is no valid value there is left empty. */
export function patientAndStudy({ source: { study } }: SegInput): DataSet {
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    PatientName: study.patientName,
    PatientID: study.patientId,
    PatientBirthDate: dateOrNothing(study.patientBirthDate),
    PatientSex: ['M', 'F', 'O'].includes(study.patientSex) ? study.patientSex : '',
    StudyInstanceUID: study.studyInstanceUid,
    StudyDate: dateOrNothing(study.studyDate),
    StudyTime: time.test(study.studyTime) ? study.studyTime : '',
    StudyID: study.studyId,
    AccessionNumber: study.accessionNumber,
    StudyDescription: study.description || undefined,
    ReferringPhysicianName: '',
  };
}

// DA and TM (PS3.5 section 6.2).
const date = /^\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/;
const time = /^([01]\d|2[0-3])([0-5]\d(([0-5]\d|60)(\.\d{1,6})?)?)?$/;

/** A date that is no DA (an old `1999.01.31`, free text) would make our file invalid: left empty. */
function dateOrNothing(text: string): string {
  return date.test(text) ? text : '';
}

function seriesAndEquipment(input: SegInput, kind: SegKind): DataSet {
  return {
    ...seriesAndFrame(input, 'SEG', kind.seriesNumberOffset),
    // Type 1, and software has no serial number.
    DeviceSerialNumber: 'none',
  };
}

/** Series, frame of reference and equipment of a new object beside the source. */
export function seriesAndFrame(
  input: SegInput,
  modality: 'SEG' | 'RTSTRUCT',
  seriesNumberOffset: number,
): DataSet {
  const { source, uids, algorithm } = input;
  const equipment = {
    Manufacturer: 'Thinslice',
    ManufacturerModelName: 'Thinslice',
    SoftwareVersions: input.softwareVersion,
  };
  return {
    Modality: modality,
    SeriesInstanceUID: uids.series,
    SeriesNumber: seriesNumberOffset + seriesNumberOf(source.series),
    SeriesDescription: `Research use only: ${algorithm.name}`,
    SeriesDate: input.contentDate,
    SeriesTime: input.contentTime,
    FrameOfReferenceUID: frameOfReferenceOf(input),
    PositionReferenceIndicator: '',
    ...equipment,
    ContributingEquipmentSequence: [
      {
        ...equipment,
        PurposeOfReferenceCodeSequence: [
          { CodeValue: '109102', CodingSchemeDesignator: 'DCM', CodeMeaning: 'Processing Equipment' },
        ],
        ContributionDateTime: input.contentDate + input.contentTime,
        ContributionDescription: `${researchUseOnly}${aboutStandIns(input)} ${algorithm.name}, ${algorithm.parameters}`,
      },
    ],
  };
}

/** Every result on a series without a frame of reference lies in the same one. */
export function frameOfReferenceOf({ source: { series } }: SegInput): string {
  return series.frameOfReferenceUid || standInUid('frame of reference', series.seriesInstanceUid);
}

/** An IS holds 32 bits, and other files hold what they like. */
function seriesNumberOf({ seriesNumber }: SegInput['source']['series']): number {
  return seriesNumber !== null && Number.isInteger(seriesNumber) && Math.abs(seriesNumber) < 2 ** 30
    ? seriesNumber
    : 0;
}

/** An archive files the object under its UIDs: whoever looks for the study there has to know that it has none. */
function aboutStandIns({ source: { study, series } }: SegInput): string {
  const uids = [study.studyInstanceUid, series.seriesInstanceUid];
  return uids.some(isStandInUid)
    ? ' The source images lack usable study or series UIDs; those given here are stand-ins.'
    : '';
}

/** Coding schemes of our own are explained in the object itself (PS3.3 section C.12.1.1.5). */
function privateSchemes({ labels }: SegInput): DataSet[] | undefined {
  const schemes = new Set(labels.map(({ type }) => type.scheme).filter((scheme) => scheme.startsWith('99')));
  if (schemes.size === 0) return undefined;
  return [...schemes].map((scheme) => ({
    CodingSchemeDesignator: scheme,
    CodingSchemeName: 'Label names of the segmentation model, without a code of their own',
  }));
}

function image(input: SegInput, kind: SegKind): DataSet {
  const [, rows, columns] = input.labelmap.grid.shapeZyx;
  return {
    SOPClassUID: kind.sopClassUid,
    SOPInstanceUID: input.uids.sopInstance,
    InstanceNumber: 1,
    ImageType: ['DERIVED', 'PRIMARY'],
    InstanceCreationDate: input.contentDate,
    InstanceCreationTime: input.contentTime,
    ContentDate: input.contentDate,
    ContentTime: input.contentTime,
    // A code string of at most 16 characters.
    ContentLabel: 'RESEARCH_USE',
    ContentDescription: researchUseOnly,
    // Not of this object's modules (a Standard Extended SOP Class, PS3.4): the one word for it that machines read.
    ContentQualification: 'RESEARCH',
    CodingSchemeIdentificationSequence: privateSchemes(input),
    ContentCreatorName: '',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    NumberOfFrames: kind.frames.length,
    Rows: rows,
    Columns: columns,
    BitsAllocated: kind.bits,
    BitsStored: kind.bits,
    HighBit: kind.bits - 1,
    PixelRepresentation: 0,
    PixelPaddingValue: kind.segmentationType === 'LABELMAP' ? 0 : undefined,
    LossyImageCompression: input.source.volume.lossy ? '01' : '00',
    SegmentationType: kind.segmentationType,
    SegmentsOverlap: 'NO',
    SegmentSequence: kind.segments,
  };
}

/** Common Instance Reference (PS3.3 section C.12.2): every image of the source volume, once. */
function references({ source: { series, volume } }: SegInput): DataSet {
  const classes = new Map(
    volume.frames.map((frame) => [frame.sopInstanceUid, sopClassOf(frame, series.modality)]),
  );
  return {
    ReferencedSeriesSequence: [
      {
        SeriesInstanceUID: series.seriesInstanceUid,
        ReferencedInstanceSequence: [...classes].map(([sopInstanceUid, sopClassUid]) => ({
          ReferencedSOPClassUID: sopClassUid,
          ReferencedSOPInstanceUID: sopInstanceUid,
        })),
      },
    ],
  };
}

function sharedGroups({ labelmap: { grid } }: SegInput): DataSet {
  const [dz, dy, dx] = grid.spacingZyxMm;
  return {
    PixelMeasuresSequence: [{ SliceThickness: dz, SpacingBetweenSlices: dz, PixelSpacing: [dy, dx] }],
    // The direction in which the column index grows comes first (PS3.3 section C.7.6.2.1.1).
    PlaneOrientationSequence: [
      { ImageOrientationPatient: [...grid.directionsZyx[2], ...grid.directionsZyx[1]] },
    ],
  };
}
