import type { ResultSummary, ResultView } from '../contract/ipc/result-channels.ts';
import type { VolumeRef } from '../contract/ipc/study-channels.ts';
import { legibleName, legibleText } from '../core/dicom/read/legible-text.ts';
import { findJobSubject } from '../db/queries/jobs.ts';
import { listMeasurements, listResults, type ResultRow } from '../db/queries/results.ts';
import type { Context } from './context.ts';
import { intensityUnit } from './intensity-unit.ts';
import { getJob } from './jobs.ts';
import { getResult } from './results.ts';

/** Results of a volume, or all: the newest first. */
export function resultSummaries(context: Context, volume: VolumeRef | null): ResultSummary[] {
  return listResults(context.db)
    .map((row) => summarize(context, row))
    .filter((each) => volume === null || isSame(each.volume, volume));
}

/** Throws AppFailure `not-found`. */
export function resultSummary(context: Context, id: string): ResultSummary {
  return summarize(context, getResult(context.db, id));
}

/** Throws AppFailure `not-found`. */
export function resultView(context: Context, id: string): Omit<ResultView, 'labelsUrl'> {
  const row = getResult(context.db, id);
  const { input } = getJob(context.db, row.jobId);
  const measured = new Map(listMeasurements(context.db, id).map((each) => [each.value, each]));
  const labels = row.recipe.labels.flatMap(({ value, color }) => {
    const measurement = measured.get(value);
    return measurement ? [{ ...measurement, color }] : [];
  });
  const { grid, geometry, appVersion } = row;
  const unit = intensityUnit(input);
  return { ...summarize(context, row), grid, geometry, appVersion, labels, intensityUnit: unit };
}

function summarize({ db }: Context, row: ResultRow): ResultSummary {
  const { id, jobId, parentId, modelName, variant, device, createdAt, review } = row;
  const {
    volume = null,
    inputPath = '',
    patientName = '',
    seriesDescription = '',
  } = findJobSubject(db, jobId) ?? {};
  return {
    id,
    jobId,
    parentId,
    volume,
    inputPath,
    patientName: legibleName(patientName),
    seriesDescription: legibleText(seriesDescription),
    modelName,
    variant,
    device,
    createdAt,
    review,
  };
}

function isSame(a: VolumeRef | null, b: VolumeRef): boolean {
  return a !== null && a.studyUid === b.studyUid && a.volumeId === b.volumeId;
}
