import { items } from '../read/element-set.ts';
import type { ElementSet } from '../read/element-set.ts';
import { SegFormatError } from './seg-format-error.ts';

/** The functional groups of a multi-frame object (PS3.3 section C.7.6.16). */
export interface FrameGroups {
  /** What `read` finds in a functional group: of the frame itself, else shared by all; null if in neither. */
  readonly first: <T>(frame: number, groupTag: string, read: (item: ElementSet) => T | null) => T | null;
}

/** Throws SegFormatError where frames have no groups of their own. */
export function readFrameGroups(dataSet: ElementSet, frames: number): FrameGroups {
  const perFrame = items(dataSet, 'x52009230');
  const shared = items(dataSet, 'x52009229')[0];
  if (perFrame.length !== frames) {
    throw new SegFormatError(`${frames} frames, and ${perFrame.length} descriptions of frames`);
  }
  return {
    first: (frame, groupTag, read) => {
      for (const groups of [perFrame[frame], shared]) {
        const item = groups && items(groups, groupTag)[0];
        const value = item ? read(item) : null;
        if (value !== null) return value;
      }
      return null;
    },
  };
}
