import type { ModelLabel } from '../../model/segmentation-model.ts';
import type { Labelmap } from '../../volume/volume.ts';
import type { Series, SeriesVolume, Study } from '../study.ts';

/** Everything that a SEG object says: effects (identifiers, the clock) come from outside. */
export interface SegInput {
  readonly labelmap: Labelmap;
  /** Describes at least every value that occurs in the labelmap. */
  readonly labels: readonly ModelLabel[];
  readonly source: {
    readonly study: Study;
    readonly series: Series;
    readonly volume: SeriesVolume;
  };
  readonly algorithm: {
    readonly name: string;
    readonly version: string;
    /** How it ran, in a few words: variant, device, geometry verdict. */
    readonly parameters: string;
    /** A person corrected what it gave (PS3.3 section C.8.20.4: SEMIAUTOMATIC). */
    readonly isEdited: boolean;
  };
  readonly softwareVersion: string;
  readonly uids: {
    readonly sopInstance: string;
    readonly series: string;
    readonly dimensionOrganization: string;
  };
  /** DICOM DA and TM, local time as the source study's are. */
  readonly contentDate: string;
  readonly contentTime: string;
}
