import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

export interface PackEntry {
  readonly name: string;
  readonly sizeBytes: number;
  /** Called when it is this entry's turn, so that one entry is in memory at a time. */
  readonly load: () => Promise<Uint8Array>;
}

// Zip knows no earlier time, and stores local time without a zone.
const epoch = new Date(1980, 0, 1);
const mode = 0o100644;
const pieceBytes = 2 ** 20;

/** A pack ends with a zip comment of `sha256:` and, in hexadecimal, the hash of everything before those digits. */
export const sealPrefix = 'sha256:';
export const sealLength = 64;

/** The bytes of a pack: entries stored as they are, in the order given; the same entries give the same bytes. */
export async function* packPieces(entries: readonly PackEntry[]): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let held = Buffer.alloc(0);
  for await (const piece of zipPieces(entries)) {
    const joined = Buffer.concat([held, piece]);
    const ready = joined.subarray(0, Math.max(0, joined.length - sealLength));
    held = joined.subarray(ready.length);
    hash.update(ready);
    if (ready.length > 0) yield ready;
  }
  yield Buffer.from(hash.digest('hex'));
}

function zipPieces(entries: readonly PackEntry[]): AsyncIterable<Uint8Array> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  zip.on('error', (error: Error) => output.destroy(error));
  for (const { name, sizeBytes, load } of entries) {
    const options = { mtime: epoch, mode, compress: false, forceDosTimestamp: true, size: sizeBytes };
    zip.addReadStreamLazy(name, options, (give) => {
      load().then(
        (bytes) => give(null, Readable.from(slices(bytes))),
        (error: unknown) => output.destroy(error as Error),
      );
    });
  }
  zip.end({ forceZip64Format: false, comment: sealPrefix + '0'.repeat(sealLength) });
  return output;
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += pieceBytes)
    yield bytes.subarray(start, start + pieceBytes);
}
