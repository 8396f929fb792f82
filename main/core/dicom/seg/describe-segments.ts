import type { CodedTerm, ModelLabel } from '../../model/segmentation-model.ts';
import { cielabOf } from '../write/cielab.ts';
import type { DataSet } from '../write/data-set.ts';
import type { SegInput } from './seg-input.ts';

export function codeItem(term: CodedTerm): DataSet {
  return { CodeValue: term.value, CodingSchemeDesignator: term.scheme, CodeMeaning: term.meaning };
}

/** CID 7162: the family of the algorithm. */
const artificialIntelligence: CodedTerm = {
  value: '123109',
  scheme: 'DCM',
  meaning: 'Artificial Intelligence',
};

/** One item of the Segment Sequence (PS3.3 section C.8.20.4, Segment Description Macro). */
export function describeSegment(
  label: ModelLabel,
  number: number,
  algorithm: SegInput['algorithm'],
): DataSet {
  return {
    SegmentedPropertyCategoryCodeSequence: [codeItem(label.category)],
    SegmentNumber: number,
    SegmentLabel: label.name,
    SegmentationAlgorithmIdentificationSequence: [
      {
        AlgorithmFamilyCodeSequence: [codeItem(artificialIntelligence)],
        AlgorithmName: algorithm.name,
        AlgorithmVersion: algorithm.version,
        AlgorithmParameters: algorithm.parameters,
      },
    ],
    SegmentAlgorithmType: algorithm.isEdited ? 'SEMIAUTOMATIC' : 'AUTOMATIC',
    SegmentAlgorithmName: algorithm.name,
    RecommendedDisplayCIELabValue: cielabOf(label.color),
    SegmentedPropertyTypeCodeSequence: [
      {
        ...codeItem(label.type),
        // Without it the left and the right kidney would be coded alike.
        SegmentedPropertyTypeModifierCodeSequence: label.typeModifier && [codeItem(label.typeModifier)],
      },
    ],
    AnatomicRegionSequence: label.anatomicRegion && [
      {
        ...codeItem(label.anatomicRegion),
        AnatomicRegionModifierSequence: label.anatomicRegionModifier && [
          codeItem(label.anatomicRegionModifier),
        ],
      },
    ],
  };
}

/**
 * A label map has to describe every value that it holds, 0 included (PS3.3 section C.8.20.2.3.3); that 0 is
 * background and no segment is said by Pixel Padding Value.
 */
export function describeBackground(algorithm: SegInput['algorithm']): DataSet {
  return {
    SegmentedPropertyCategoryCodeSequence: [
      codeItem({ value: '309825002', scheme: 'SCT', meaning: 'Spatial and Relational Concept' }),
    ],
    SegmentNumber: 0,
    SegmentLabel: 'Background',
    SegmentAlgorithmType: algorithm.isEdited ? 'SEMIAUTOMATIC' : 'AUTOMATIC',
    SegmentAlgorithmName: algorithm.name,
    SegmentedPropertyTypeCodeSequence: [codeItem({ value: '125040', scheme: 'DCM', meaning: 'Background' })],
  };
}
