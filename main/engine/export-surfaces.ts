import { Zip, ZipDeflate } from 'fflate';
import type { ExportRequest } from '../contract/engine-protocol.ts';
import { researchUseOnly } from '../core/report/report.ts';
import type { Labelmap } from '../core/volume/volume.ts';
import { createTaskRunner, type TaskContext } from './task-runner.ts';

/**
 * A zip with one binary STL file (LPS, mm) for each label that occurs, and a text that says what they are. The surfaces
 * are made in worker threads, one ahead of the one that is packed.
 */
export async function* exportSurfaces(
  { measurements, provenance }: ExportRequest,
  labelmap: Labelmap,
  context: TaskContext,
): AsyncGenerator<Uint8Array> {
  const runner = createTaskRunner(context);
  const pieces: Uint8Array[] = [];
  const zip = new Zip((error, piece) => {
    if (error) throw error;
    pieces.push(piece);
  });
  const add = (name: string, bytes: Uint8Array): Uint8Array[] => {
    // Fast: coordinates hardly get smaller by more effort.
    const file = new ZipDeflate(name, { level: 1 });
    zip.add(file);
    file.push(bytes, true);
    return pieces.splice(0);
  };
  const comment = `${researchUseOnly} Thinslice ${provenance.appVersion}`;
  yield* add('README.txt', new TextEncoder().encode(`${comment}\nCoordinates: LPS, mm.\n`));
  const present = measurements.filter(({ boundsZyx }) => boundsZyx !== null);
  const surfaceOf = (index: number): Promise<Uint8Array> | null => {
    const label = present[index];
    if (!label) return null;
    return runner.run('surfaceStl', {
      labelmap,
      value: label.value,
      bounds: label.boundsZyx!,
      voxels: label.voxels,
      comment,
    });
  };
  let next = surfaceOf(0);
  for (const [index, { value, name }] of present.entries()) {
    const current = next!;
    next = surfaceOf(index + 1);
    // A failure is met when it is waited for.
    next?.catch(() => undefined);
    yield* add(`${String(value).padStart(3, '0')}-${safeName(name)}.stl`, await current);
  }
  zip.end();
  yield* pieces.splice(0);
}

/** A name that every file system takes, whatever the model calls its label. */
function safeName(name: string): string {
  const safe = name.replace(/[^\p{L}\p{N} _-]/gu, '_').trim();
  return safe.slice(0, 60) || 'label';
}
