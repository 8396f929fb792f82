import { statSync } from 'node:fs';
import { AppFailure } from '../contract/app-error.ts';
import type { Device, Progress, SegmentOutcome, VolumeSource } from '../contract/engine-protocol.ts';
import type { JobInput } from '../contract/job.ts';
import type { Database } from '../db/database.ts';
import { insertAudit } from '../db/queries/audit.ts';
import {
  claimJob,
  deleteSlabs,
  findInterruptedJob,
  findJob,
  insertJob,
  insertSlab,
  listJobs,
  listSlabs,
  setJobProgress,
  setJobState,
  type JobRow,
} from '../db/queries/jobs.ts';
import type { VariantRow } from '../db/queries/models.ts';
import { sha256Hex } from './blob-store.ts';
import type { Context } from './context.ts';
import { loadNetworks, type ModelSummary } from './models.ts';

/** How often a dead engine is started again for one job before the job is left interrupted. */
const engineRestarts = 2;
/** A running job that said nothing for so long has no owner any more, whatever process now has its number. */
const silenceMs = 60 * 60 * 1000;

export interface Work {
  readonly input: JobInput;
  readonly model: ModelSummary;
  readonly variant: VariantRow;
  readonly device: Device;
  readonly threads: number;
}

export interface JobOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: Progress) => void;
  /** Called when an interrupted run of the same work is taken up, with the planes that it had finished. */
  readonly onResume?: (planes: number) => void;
}

/** Jobs whose process is gone are interrupted: called before anything else touches jobs. */
export function markInterruptedJobs({ db, now }: Context): void {
  const at = now();
  for (const job of listJobs(db)) {
    if (job.state !== 'running') continue;
    const silentMs = Date.parse(at) - Date.parse(job.updatedAt);
    if (job.ownerPid !== process.pid && isAlive(job.ownerPid) && silentMs < silenceMs) continue;
    setJobState(db, job.id, 'interrupted', null, at);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The job of this work: an interrupted one is taken up where it stopped, else a new one. */
export function beginJob(context: Context, work: Work): JobRow {
  const { db, now, newId } = context;
  const fingerprint = fingerprintOf(context, work);
  const at = now();
  return db
    .transaction((): JobRow => {
      const earlier = findInterruptedJob(db, fingerprint);
      if (earlier && claimJob(db, earlier.id, process.pid, work.device.name, at)) {
        insertAudit(db, at, 'job-resumed', earlier.id, { device: work.device.name });
        return { ...earlier, state: 'running', device: work.device.name };
      }
      const job: JobRow = {
        id: newId(),
        state: 'running',
        fingerprint,
        input: work.input,
        modelId: work.model.id,
        variantId: work.variant.id,
        device: work.device.name,
        stage: 'load',
        done: 0,
        total: 0,
        error: null,
        ownerPid: process.pid,
        createdAt: at,
        updatedAt: at,
      };
      insertJob(db, job);
      insertAudit(db, at, 'job-started', job.id, { model: work.model.sha256, device: work.device.name });
      return job;
    })
    .immediate();
}

/**
 * Runs a begun job in an engine, storing each finished slab. An engine that dies is started again and goes on after
 * the last slab. Throws AppFailure; the job's row then says `cancelled`, `failed` or (engine died) `interrupted`.
 */
export async function runJob(
  context: Context,
  job: JobRow,
  work: Work,
  options: JobOptions,
): Promise<SegmentOutcome> {
  const { db, now } = context;
  try {
    const networks = await loadNetworks(db, work.variant);
    for (let attempt = 0; ; attempt++) {
      try {
        return await runOnce(context, job, work, networks, options);
      } catch (error) {
        if (attempt === engineRestarts || !isEngineDeath(error) || options.signal?.aborted) throw error;
      }
    }
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    endJob(db, job.id, error, now());
    throw error;
  }
}

async function runOnce(
  context: Context,
  job: JobRow,
  work: Work,
  networks: readonly Uint8Array[],
  options: JobOptions,
): Promise<SegmentOutcome> {
  const { db, now } = context;
  const finishedSlabs = listSlabs(db, job.id);
  const finished = finishedSlabs.at(-1)?.end ?? 0;
  if (finished > 0) options.onResume?.(finished);
  const engine = context.startEngine();
  try {
    return await engine.segment(
      {
        jobId: job.id,
        channels: work.input.channels,
        model: work.model.recipe,
        networks,
        device: work.device,
        threads: work.threads,
        finishedSlabs,
      },
      {
        onProgress: (progress) => {
          setJobProgress(db, job.id, progress, now());
          options.onProgress?.(progress);
        },
        onSlab: (slab) => insertSlab(db, job.id, slab),
      },
      options.signal,
    );
  } finally {
    await engine.close();
  }
}

function isEngineDeath(error: unknown): boolean {
  return error instanceof AppFailure && error.error.code === 'engine-died';
}

function endJob(db: Database, jobId: string, { error }: AppFailure, at: string): void {
  const state =
    error.code === 'cancelled' ? 'cancelled' : error.code === 'engine-died' ? 'interrupted' : 'failed';
  db.transaction(() => {
    setJobState(db, jobId, state, error, at);
    if (state !== 'interrupted') deleteSlabs(db, jobId);
    insertAudit(db, at, 'job-ended', jobId, { state, code: error.code });
  }).immediate();
}

/** Throws AppFailure `not-found`. */
export function getJob(db: Database, id: string): JobRow {
  const job = findJob(db, id);
  if (!job) throw new AppFailure({ code: 'not-found', what: 'job', id });
  return job;
}

/** Two jobs with the same fingerprint compute the same labels from the same bytes. */
function fingerprintOf({ appVersion }: Context, { input, model, variant }: Work): string {
  return sha256Hex(JSON.stringify([appVersion, model.sha256, variant.id, input.channels.map(sourceKey)]));
}

function sourceKey(source: VolumeSource): unknown {
  if (source.kind === 'dicom') return source.volume;
  const { size, mtimeMs } = statSync(source.path);
  return [source.path, size, mtimeMs];
}
