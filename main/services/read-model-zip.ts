import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { ModelFormatError } from '../core/model/model-format-error.ts';
import type { ZipSource } from '../core/nnunet/torch-checkpoint.ts';

/** A zip file open for random access. Close it when done. */
export interface OpenZip extends ZipSource {
  /** Bytes of an entry in pieces, checked against its size and CRC-32. Throws ModelFormatError. */
  stream(name: string): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

const maxEntries = 100_000;
const maxEntryBytes = 8 * 2 ** 30;
// Deflate cannot compress better than about 1030 to 1; weights hardly compress at all, JSON seldom beyond 50.
const maxRatio = 200;
const smallBytes = 2 ** 20;

/**
 * Opens a zip. One with names that point outside it is refused; so is reading an entry that is encrypted or
 * claims to unpack to an absurd size. Nothing is ever written under an entry's name. Throws ModelFormatError.
 */
export async function openZip(path: string): Promise<OpenZip> {
  const zip = await asFormatError(yauzl.openPromise(path, { autoClose: false }));
  try {
    return await index(zip);
  } catch (error) {
    await closed(zip);
    throw error;
  }
}

async function index(zip: yauzl.ZipFile): Promise<OpenZip> {
  if (zip.entryCount > maxEntries) throw new ModelFormatError(`the zip file has ${zip.entryCount} entries`);
  const entries = new Map<string, yauzl.Entry>();
  await asFormatError(collect(zip, entries));
  const find = (name: string): yauzl.Entry => {
    const entry = entries.get(name);
    if (!entry) throw new ModelFormatError(`the zip file has no ${name}`);
    checkEntry(entry);
    return entry;
  };
  return {
    entries: [...entries.values()].map((entry) => ({
      name: entry.fileName,
      sizeBytes: entry.uncompressedSize,
    })),
    async read(name) {
      const entry = find(name);
      const bytes = Buffer.allocUnsafeSlow(entry.uncompressedSize);
      let offset = 0;
      for await (const piece of pieces(zip, entry)) {
        bytes.set(piece, offset);
        offset += piece.length;
      }
      return bytes;
    },
    stream: (name) => pieces(zip, find(name)),
    close: () => closed(zip),
  };
}

/** Ends when the file is really closed, so that it can be removed then (Windows). */
async function closed(zip: yauzl.ZipFile): Promise<void> {
  if (!zip.isOpen) return;
  const end = once(zip, 'close');
  zip.close();
  await end;
}

async function collect(zip: yauzl.ZipFile, entries: Map<string, yauzl.Entry>): Promise<void> {
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    if (entries.has(entry.fileName)) throw new ModelFormatError(`${entry.fileName} is in the zip file twice`);
    entries.set(entry.fileName, entry);
  }
}

function checkEntry(entry: yauzl.Entry): void {
  const { uncompressedSize, compressedSize, fileName } = entry;
  if (!entry.canDecodeFileData())
    throw new ModelFormatError(`${fileName} in the zip file is encrypted or packed in an unknown way`);
  const bomb = uncompressedSize > smallBytes && uncompressedSize > compressedSize * maxRatio;
  if (bomb || uncompressedSize > maxEntryBytes)
    throw new ModelFormatError(`${fileName} in the zip file claims to unpack to ${uncompressedSize} bytes`);
}

/** yauzl ends the stream with an error where the data do not have the size that the entry claims. */
async function* pieces(zip: yauzl.ZipFile, entry: yauzl.Entry): AsyncGenerator<Uint8Array> {
  let sum = 0;
  try {
    for await (const piece of await zip.openReadStreamPromise(entry)) {
      sum = crc32(piece as Uint8Array, sum);
      yield piece as Uint8Array;
    }
  } catch (error) {
    throw new ModelFormatError(`${entry.fileName} cannot be unpacked (${(error as Error).message})`);
  }
  if (sum !== entry.crc32) throw new ModelFormatError(`${entry.fileName} is damaged (its checksum is wrong)`);
}

async function asFormatError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ModelFormatError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    // A system error (no such file, no permission) is not the file's fault.
    if (code !== undefined) throw error;
    throw new ModelFormatError(`it is not a zip file that can be read (${message})`);
  }
}
