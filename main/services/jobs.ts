import { stat } from 'node:fs/promises';
import { AppFailure, type AppError } from '../contract/app-error.ts';
import type {
  Device,
  NetworkSource,
  Progress,
  SegmentOutcome,
  VolumeSource,
} from '../contract/engine-protocol.ts';
import type { JobInput, JobState } from '../contract/job.ts';
import type { Vec3 } from '../core/volume/volume.ts';
import { asDatabaseFailure, writeUnsynced, type Database } from '../db/database.ts';
import { insertAudit } from '../db/queries/audit.ts';
import {
  claimJob,
  deleteSlabs,
  findInterruptedJob,
  findJob,
  insertJob,
  insertSlab,
  listRunningJobs,
  listSlabs,
  setJobProgress,
  setJobState,
  type JobRow,
} from '../db/queries/jobs.ts';
import { findModel, type VariantRow } from '../db/queries/models.ts';
import { sha256Hex } from './blob-store.ts';
import type { Context } from './context.ts';
import { networkSources, type ModelSummary } from './models.ts';
import { watchMemory, type MemoryWatch } from './watch-memory.ts';

/** How often a dead engine is started again for one job before the job is left interrupted. */
const engineRestarts = 2;
/** A running job that said nothing for so long has no owner any more, whatever process now has its number. */
const silenceMs = 60 * 60 * 1000;
/** Who watches a job is told by the engine's messages; the row is for other processes. */
const storeEveryMs = 2000;

export interface Work {
  readonly input: JobInput;
  readonly model: ModelSummary;
  readonly variant: VariantRow;
  readonly device: Device;
  /** Of the network, in place of the model's own patch. */
  readonly tileShape: Vec3;
  readonly threads: number;
}

export interface JobOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: Progress) => void;
  /** Called when an interrupted run of the same work is taken up, with the planes that it had finished. */
  readonly onResume?: (planes: number) => void;
  /** Called when the engine died and is started again for the job, before `onResume`. */
  readonly onRestart?: (failure: AppFailure) => void;
  /** What tells whether memory ran low meanwhile; the system where it is left out. */
  readonly watchMemory?: (() => MemoryWatch) | undefined;
}

/** Jobs whose process is gone are interrupted: called before anything else touches jobs. */
export function markInterruptedJobs({ db, now }: Context): void {
  const at = now();
  for (const job of listRunningJobs(db)) {
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

/**
 * The job of this work: an interrupted one is taken up where it stopped, else a new one. Throws AppFailure
 * `input-unreadable` where a file is gone already, `model-not-found` where another program has removed the model.
 */
export async function beginJob(context: Context, work: Work): Promise<JobRow> {
  const { db, now, newId } = context;
  const fingerprint = await fingerprintOf(context, work);
  const at = now();
  return db
    .transaction((): JobRow => {
      if (!findModel(db, work.model.id))
        throw new AppFailure({ code: 'model-not-found', model: work.model.id });
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
 * the last slab, unless the system ended it for want of memory, which is `out-of-memory`. Throws AppFailure; the job's row then says `cancelled`, `failed` or `interrupted` (the engine died, the
 * disk is full: the same command can go on).
 */
export async function runJob(
  context: Context,
  job: JobRow,
  work: Work,
  options: JobOptions,
): Promise<SegmentOutcome> {
  const { db, now } = context;
  try {
    const networks = networkSources(db, work.variant);
    for (let attempt = 0; ; attempt++) {
      try {
        return await runOnce(context, job, work, networks, options);
      } catch (error) {
        if (attempt === engineRestarts || !isEngineDeath(error) || options.signal?.aborted) throw error;
        options.onRestart?.(error);
      }
    }
  } catch (caught) {
    const error = asDatabaseFailure(caught, db.name);
    if (error instanceof AppFailure) endJob(db, job.id, error, now());
    throw error;
  }
}

/** Stores a progress when a stage begins, and else now and then. */
function progressStore({ db, now }: Context, jobId: string): (progress: Progress) => void {
  let last: { readonly stage: string; readonly at: number } | null = null;
  return (progress) => {
    const at = Date.now();
    if (last?.stage === progress.stage && at - last.at < storeEveryMs) return;
    last = { stage: progress.stage, at };
    writeUnsynced(db, () => setJobProgress(db, jobId, progress, now()));
  };
}

async function runOnce(
  context: Context,
  job: JobRow,
  work: Work,
  networks: readonly NetworkSource[],
  options: JobOptions,
): Promise<SegmentOutcome> {
  const { db } = context;
  const store = progressStore(context, job.id);
  const finishedSlabs = listSlabs(db, job.id);
  const finished = finishedSlabs.at(-1)?.end ?? 0;
  if (finished > 0) options.onResume?.(finished);
  const engine = context.startEngine();
  const memory = (options.watchMemory ?? watchMemory)();
  try {
    return await engine.ask(
      'segment',
      {
        jobId: job.id,
        channels: work.input.channels,
        model: { ...work.model.recipe, patch: work.tileShape },
        networks,
        device: work.device,
        threads: work.threads,
        finishedSlabs,
      },
      {
        onProgress: (progress) => {
          store(progress);
          options.onProgress?.(progress);
        },
        // A slab that a power cut takes away is computed again.
        onSlab: (slab) => writeUnsynced(db, () => insertSlab(db, job.id, slab)),
        signal: options.signal,
      },
    );
  } catch (error) {
    throw isEngineDeath(error) && memory.wasScarce() ? endedForMemory(error, work.device) : error;
  } finally {
    memory.stop();
    await engine.close();
  }
}

/** What the system ends a process with, and what C++ and V8 end themselves with where an allocation fails. */
const memorySignals: readonly string[] = ['SIGKILL', 'SIGABRT', 'SIGTRAP'];

/** A death that memory explains. A user may have ended the engine too, but seldom just then. */
function endedForMemory(failure: AppFailure, { name }: Device): AppFailure {
  const { error } = failure;
  if (error.code !== 'engine-died' || !memorySignals.includes(error.signal ?? '')) return failure;
  return new AppFailure({ code: 'out-of-memory', device: name, detail: error.detail });
}

function isEngineDeath(error: unknown): error is AppFailure {
  return error instanceof AppFailure && error.error.code === 'engine-died';
}

function endJob(db: Database, jobId: string, { error }: AppFailure, at: string): void {
  const state = endStates[error.code] ?? 'failed';
  try {
    db.transaction(() => {
      setJobState(db, jobId, state, error, at);
      if (state !== 'interrupted') deleteSlabs(db, jobId);
      insertAudit(db, at, 'job-ended', jobId, { state, code: error.code });
    }).immediate();
  } catch (cause) {
    // A full disk has no room for this either: the job is found interrupted at the next start. The first cause matters.
    if (!(asDatabaseFailure(cause, db.name) instanceof AppFailure)) throw cause;
  }
}

const endStates: Readonly<Partial<Record<AppError['code'], JobState>>> = {
  cancelled: 'cancelled',
  'engine-died': 'interrupted',
  'database-unusable': 'interrupted',
};

/** Throws AppFailure `not-found`. */
export function getJob(db: Database, id: string): JobRow {
  const job = findJob(db, id);
  if (!job) throw new AppFailure({ code: 'not-found', what: 'job', id });
  return job;
}

/** Two jobs with the same fingerprint compute the same labels from the same bytes; other devices round otherwise. */
async function fingerprintOf({ appVersion }: Context, work: Work): Promise<string> {
  const sources = await Promise.all(work.input.channels.map(sourceKey));
  const { model, variant, tileShape, device } = work;
  const run = [variant.id, tileShape, device.provider];
  return sha256Hex(JSON.stringify([appVersion, model.sha256, run, sources]));
}

async function sourceKey(source: VolumeSource): Promise<unknown> {
  if (source.kind === 'nifti') return [source.path, await versionOf(source.path)];
  const files = new Set(source.volume.frames.map((frame) => frame.file));
  return [source.volume, await Promise.all([...files].map(versionOf))];
}

/** Changes whenever a program writes to the file. */
async function versionOf(path: string): Promise<readonly [size: number, mtimeMs: number]> {
  try {
    const { size, mtimeMs } = await stat(path);
    return [size, mtimeMs];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new AppFailure({ code: 'input-unreadable', path, detail: code ?? String(error) });
  }
}
