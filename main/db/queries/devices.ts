import type { Database } from '../../../native/sqlite/open-sqlite.ts';
import type { RunMeasurement } from '../../core/choose/choice.ts';
import type { DeviceFacts } from '../../core/devices/list-devices.ts';
import type { SelfCheckVerdict } from '../../core/devices/self-check.ts';
import type { Vec3 } from '../../core/volume/volume.ts';

// What is known holds for one version of the program: another brings another onnxruntime, and folds networks otherwise.

export interface DeviceCheckRow {
  readonly facts: DeviceFacts;
  readonly verdict: SelfCheckVerdict;
  readonly appVersion: string;
  readonly checkedAt: string;
}

export function findDeviceCheck(db: Database, key: string, appVersion: string): DeviceCheckRow | undefined {
  const row = db
    .prepare<[string, string], { facts: string; verdict: string; appVersion: string; checkedAt: string }>(
      `SELECT facts, verdict, app_version AS appVersion, checked_at AS checkedAt
       FROM device_checks WHERE device_key = ? AND app_version = ?`,
    )
    .get(key, appVersion);
  return (
    row && {
      ...row,
      facts: JSON.parse(row.facts) as DeviceFacts,
      verdict: JSON.parse(row.verdict) as SelfCheckVerdict,
    }
  );
}

/** Stores what a check said, in place of an earlier one of the same device. */
export function putDeviceCheck(db: Database, check: DeviceCheckRow): void {
  db.prepare(
    `INSERT OR REPLACE INTO device_checks (device_key, facts, verdict, app_version, checked_at)
     VALUES (?, ?, ?, ?, ?)`,
  ).run(
    check.facts.key,
    JSON.stringify(check.facts),
    JSON.stringify(check.verdict),
    check.appVersion,
    check.checkedAt,
  );
}

export interface RunMeasurementRow extends RunMeasurement {
  readonly appVersion: string;
  readonly measuredAt: string;
}

/** Oldest first, as the choice wants them. */
export function listRunMeasurements(db: Database, appVersion: string): RunMeasurementRow[] {
  return db
    .prepare<[string], Omit<RunMeasurementRow, 'tileShape'> & { tileShape: string }>(
      `SELECT device_key AS deviceKey, variant_id AS variantId, tile_shape AS tileShape, seconds,
         peak_bytes AS peakBytes, app_version AS appVersion, measured_at AS measuredAt
       FROM run_measurements WHERE app_version = ? ORDER BY measured_at, variant_id, tile_shape`,
    )
    .all(appVersion)
    .map((row) => ({ ...row, tileShape: JSON.parse(row.tileShape) as Vec3 }));
}

/**
 * Stores a run in place of an earlier one; a peak that this one could not tell is kept from that. Nothing is stored of
 * a variant that was removed meanwhile.
 */
export function putRunMeasurement(db: Database, row: RunMeasurementRow): void {
  db.prepare(
    `INSERT INTO run_measurements
       (device_key, variant_id, tile_shape, seconds, peak_bytes, app_version, measured_at)
     SELECT ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM model_variants WHERE id = ?)
     ON CONFLICT (device_key, variant_id, tile_shape) DO UPDATE SET
       seconds = excluded.seconds,
       peak_bytes = CASE WHEN app_version = excluded.app_version
         THEN coalesce(excluded.peak_bytes, peak_bytes) ELSE excluded.peak_bytes END,
       app_version = excluded.app_version,
       measured_at = excluded.measured_at`,
  ).run(
    row.deviceKey,
    row.variantId,
    JSON.stringify(row.tileShape),
    row.seconds,
    row.peakBytes,
    row.appVersion,
    row.measuredAt,
    row.variantId,
  );
}

export interface MemoryFailureRow {
  readonly deviceKey: string;
  readonly variantId: string;
  readonly tileShape: Vec3;
  /** What could be had before the run; null where nobody could tell. */
  readonly availableBytes: number | null;
  readonly appVersion: string;
  readonly failedAt: string;
}

export function listMemoryFailures(db: Database, appVersion: string): MemoryFailureRow[] {
  return db
    .prepare<[string], Omit<MemoryFailureRow, 'tileShape'> & { tileShape: string }>(
      `SELECT device_key AS deviceKey, variant_id AS variantId, tile_shape AS tileShape,
         available_bytes AS availableBytes, app_version AS appVersion, failed_at AS failedAt
       FROM memory_failures WHERE app_version = ? ORDER BY failed_at`,
    )
    .all(appVersion)
    .map((row) => ({ ...row, tileShape: JSON.parse(row.tileShape) as Vec3 }));
}

/** Stores that a run ended for want of memory; nothing of a variant that was removed meanwhile. */
export function putMemoryFailure(db: Database, row: MemoryFailureRow): void {
  db.prepare(
    `INSERT OR REPLACE INTO memory_failures
       (device_key, variant_id, tile_shape, available_bytes, app_version, failed_at)
     SELECT ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM model_variants WHERE id = ?)`,
  ).run(
    row.deviceKey,
    row.variantId,
    JSON.stringify(row.tileShape),
    row.availableBytes,
    row.appVersion,
    row.failedAt,
    row.variantId,
  );
}
