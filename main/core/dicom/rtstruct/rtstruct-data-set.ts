import { researchUseOnly } from '../../report/report.ts';
import { codeItem } from '../seg/describe-segments.ts';
import { frameOfReferenceOf, patientAndStudy, seriesAndFrame } from '../seg/seg-data-set.ts';
import type { SegInput } from '../seg/seg-input.ts';
import { sopClassOf } from '../seg/source-frames.ts';
import type { DataSet, EncodedItem } from '../write/data-set.ts';

export const rtStructureSetClass = '1.2.840.10008.5.1.4.1.1.481.3';
/** Detached Study Management (retired): what PS3.3 section C.8.8.5 still has a study referred to by. */
const studyClass = '1.2.840.10008.3.1.2.3.1';
const seriesNumberOffset = 3000;

/** The contours of one label. */
export interface RoiContours {
  readonly label: SegInput['labels'][number];
  /** Items of the Contour Sequence, encoded. */
  readonly contours: readonly EncodedItem[];
}

/** An RT Structure Set object (PS3.3 section A.19): patient and study as in the source, one ROI a label. */
export function rtStructDataSet(input: SegInput, rois: readonly RoiContours[]): DataSet {
  const { algorithm, uids, contentDate, contentTime } = input;
  const frameOfReference = frameOfReferenceOf(input);
  return {
    ...patientAndStudy(input),
    ...seriesAndFrame(input, 'RTSTRUCT', seriesNumberOffset),
    OperatorsName: '',
    SOPClassUID: rtStructureSetClass,
    SOPInstanceUID: uids.sopInstance,
    InstanceNumber: 1,
    InstanceCreationDate: contentDate,
    InstanceCreationTime: contentTime,
    StructureSetLabel: 'RESEARCH USE',
    StructureSetName: algorithm.name,
    StructureSetDescription: `${researchUseOnly} ${algorithm.name}, ${algorithm.parameters}`,
    StructureSetDate: contentDate,
    StructureSetTime: contentTime,
    ReferencedFrameOfReferenceSequence: [
      { FrameOfReferenceUID: frameOfReference, RTReferencedStudySequence: [referencedStudy(input)] },
    ],
    StructureSetROISequence: rois.map(({ label }, index) => ({
      ROINumber: index + 1,
      ReferencedFrameOfReferenceUID: frameOfReference,
      ROIName: label.name,
      ROIDescription: researchUseOnly,
      ROIGenerationAlgorithm: 'AUTOMATIC',
    })),
    ROIContourSequence: rois.map(({ label, contours }, index) => ({
      ROIDisplayColor: [...label.color],
      ContourSequence: contours.length === 0 ? undefined : contours,
      ReferencedROINumber: index + 1,
    })),
    RTROIObservationsSequence: rois.map(({ label }, index) => ({
      ObservationNumber: index + 1,
      ReferencedROINumber: index + 1,
      RTROIIdentificationCodeSequence: [codeItem(label.type)],
      RTROIInterpretedType: 'ORGAN',
      ROIInterpreter: '',
    })),
    // Nothing that a program drew is approved for treatment.
    ApprovalStatus: 'UNAPPROVED',
  };
}

/** The images of the source volume, each once. */
function referencedStudy({ source: { study, series, volume } }: SegInput): DataSet {
  const classes = new Map(
    volume.frames.map((frame) => [frame.sopInstanceUid, sopClassOf(frame, series.modality)]),
  );
  return {
    ReferencedSOPClassUID: studyClass,
    ReferencedSOPInstanceUID: study.studyInstanceUid,
    RTReferencedSeriesSequence: [
      {
        SeriesInstanceUID: series.seriesInstanceUid,
        ContourImageSequence: [...classes].map(([sopInstanceUid, sopClassUid]) => ({
          ReferencedSOPClassUID: sopClassUid,
          ReferencedSOPInstanceUID: sopInstanceUid,
        })),
      },
    ],
  };
}
