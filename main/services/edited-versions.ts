import { AppFailure } from '../contract/app-error.ts';
import type { VolumeSource } from '../contract/engine-protocol.ts';
import { notReviewed } from '../contract/review.ts';
import { voxelCount } from '../core/volume/volume.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { findResult, insertResult, type ResultRow } from '../db/queries/results.ts';
import { putBlob, storeAhead } from './blob-store.ts';
import type { Context } from './context.ts';
import { getJob } from './jobs.ts';
import { getResult } from './results.ts';
import type { ViewEngine } from './view-engine.ts';

/**
 * Stores labels that a person edited as a new version of a result, which stays as it is. They are checked and measured in
 * an engine. Version, labelmap and measurements are stored together or not at all. Throws AppFailure: `not-found`, `usage`
 * for labels that do not fit, and as reading the images does.
 *
 * @param labelsGz gzip of uint8 labels, z, y, x on the grid of the parent
 */
export async function saveEditedVersion(
  context: Context,
  engine: ViewEngine,
  parentId: string,
  labelsGz: Uint8Array,
): Promise<ResultRow> {
  const { db, now, newId, appVersion } = context;
  const parent = getResult(db, parentId);
  const measured = await engine.ask('measure-edit', {
    source: firstChannel(context, parent),
    grid: parent.grid,
    labelsGz,
    labels: parent.recipe.labels.map(({ value, name }) => ({ value, name })),
  });
  const at = now();
  const version: ResultRow = {
    ...parent,
    id: newId(),
    parentId,
    labelmap: measured.labelsSha256,
    appVersion,
    stageSeconds: {},
    peakMemoryBytes: 0,
    createdAt: at,
    review: notReviewed,
  };
  const sizeBytes = voxelCount(parent.grid.shapeZyx);
  const { labelsSha256: sha256, labelsGz: data } = measured;
  const labelmap = { sha256, sizeBytes, encoding: 'gzip', data } as const;
  await storeAhead(context, labelmap);
  db.transaction(() => {
    // Another program may have removed it meanwhile.
    if (!findResult(db, parentId)) throw new AppFailure({ code: 'not-found', what: 'result', id: parentId });
    putBlob(db, context, labelmap);
    insertResult(db, version, measured.measurements);
    insertAudit(db, at, 'result-edited', version.id, { parent: parentId, job: parent.jobId });
  }).immediate();
  return version;
}

/** The largest gzip of a labelmap of so many voxels that deflate's stored blocks can make, with some room for its header. */
export function largestLabelsGz({ grid }: Pick<ResultRow, 'grid'>): number {
  const voxels = voxelCount(grid.shapeZyx);
  return voxels + Math.ceil(voxels / 1000) + 65_536;
}

function firstChannel({ db }: Context, { jobId, id }: ResultRow): VolumeSource {
  const source = getJob(db, jobId).input.channels[0];
  if (!source) throw new AppFailure({ code: 'not-found', what: 'volume', id });
  return source;
}
