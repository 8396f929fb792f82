import type { Series, SeriesVolume, Study } from '../study.ts';
import { assembleVolume } from './assemble-volume.ts';
import { groupBy } from './group-by.ts';
import type { Instance } from './image-frame.ts';
import { splitSeries } from './split-series.ts';

/**
 * Groups what a scan read into studies, series and volumes, each volume with its verdict. The answer does not depend on
 * the order of the instances.
 */
export function groupStudies(instances: readonly Instance[]): Study[] {
  const sorted = [...instances].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  const takenIds = new Set<string>();
  const studies = [...groupBy(sorted, ({ study }) => study.studyInstanceUid).values()].map(
    (ofStudy): Study => {
      const bySeries = groupBy(ofStudy, ({ series }) => series.seriesInstanceUid);
      const series = [...bySeries.values()].map((ofSeries) => groupSeries(ofSeries, takenIds));
      return { ...firstFilled(ofStudy.map(({ study }) => study)), series: series.sort(bySeriesNumber) };
    },
  );
  return studies.sort(
    (a, b) =>
      compare(a.patientId, b.patientId) ||
      compare(a.studyDate + a.studyTime, b.studyDate + b.studyTime) ||
      compare(a.studyInstanceUid, b.studyInstanceUid),
  );
}

function groupSeries(instances: readonly Instance[], takenIds: Set<string>): Series {
  const attributes = firstFilled(instances.map(({ series }) => series));
  const parts = splitSeries(instances.flatMap((instance) => instance.frames));
  const volumes = parts.map((part): SeriesVolume => ({
    id: takeId(attributes.seriesInstanceUid, parts.length > 1, takenIds),
    part: part.label,
    ...assembleVolume(part.images, attributes.modality),
  }));
  return { ...attributes, volumes };
}

/** Unique in a scan even where two studies claim one series. */
function takeId(seriesInstanceUid: string, isSplit: boolean, taken: Set<string>): string {
  let id = isSplit ? `${seriesInstanceUid}#1` : seriesInstanceUid;
  for (let n = 2; taken.has(id); n++) id = `${seriesInstanceUid}#${n}`;
  taken.add(id);
  return id;
}

/** Attributes that all instances should agree on: of each the first that is filled. */
function firstFilled<T extends object>(all: readonly T[]): T {
  const [first, ...others] = all;
  if (!first) throw new RangeError('a group has at least one instance');
  const merged = { ...first };
  for (const key of Object.keys(first) as (keyof T)[]) {
    const isEmpty = (value: T[keyof T]) => value === '' || value === null;
    const filled = isEmpty(first[key]) ? others.find((other) => !isEmpty(other[key])) : undefined;
    if (filled) merged[key] = filled[key];
  }
  return merged;
}

function bySeriesNumber(a: Series, b: Series): number {
  return (
    (a.seriesNumber ?? Infinity) - (b.seriesNumber ?? Infinity) ||
    compare(a.seriesInstanceUid, b.seriesInstanceUid)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
