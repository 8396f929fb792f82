import './refuse-telemetry.ts';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { listSupportedBackends } from 'onnxruntime-node';
import type { Device } from '../../main/contract/engine-protocol.ts';

type Provider = Device['provider'];

/**
 * The execution providers that this installation can load. CUDA is in no package of ours: it counts where IT has
 * added its libraries beside the binding. Whether a device is there and gives right results is for a probe to find.
 */
export function listProviders(): readonly Provider[] {
  const known: readonly Provider[] = ['cpu', 'cuda', 'dml'];
  const backends = new Map(listSupportedBackends().map((each) => [each.name, each.bundled]));
  return known.filter((name) =>
    (backends.get(name) ?? false) ? true : name === 'cuda' && backends.has(name) && hasCuda(),
  );
}

/**
 * Where the binding's libraries lie, by the path of the package's main module: in a packaged app beside the archive, where
 * IT can add some.
 */
export function bindingFolder(main: string): string {
  const folder = join(dirname(main), '../bin/napi-v6', process.platform, process.arch);
  return folder.replace(/([/\\]app\.asar)(?=[/\\])/, '$1.unpacked');
}

function hasCuda(): boolean {
  const folder = bindingFolder(createRequire(import.meta.url).resolve('onnxruntime-node'));
  return ['libonnxruntime_providers_cuda.so', 'onnxruntime_providers_cuda.dll'].some((file) =>
    existsSync(join(folder, file)),
  );
}
