import { createHash } from 'node:crypto';
import { createReadStream, readSync } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { extname } from 'node:path';
import yauzl from 'yauzl';
import { PackFormatError } from '../core/pack/pack-format-error.ts';
import {
  manifestName,
  networkFile,
  networksOf,
  packFormat,
  readPackManifest,
  signatureName,
  type PackManifest,
  type PackNetwork,
} from '../core/pack/pack-manifest.ts';
import { readPackSignature, type PackSignature } from '../core/pack/pack-signature.ts';
import { sha256Hex } from './blob-store.ts';
import { sealLength, sealPrefix } from './pack-zip.ts';

/** A pack open for reading. Close it when done. */
export interface OpenPack {
  readonly manifest: PackManifest;
  /** What is signed. */
  readonly manifestBytes: Uint8Array;
  readonly signature: PackSignature | null;
  /**
   * Reads one network and checks it against its hash; at once, so that a transaction may do it. The bytes hold until
   * the next call, so that no more than the largest network is in memory. Throws PackFormatError.
   */
  readNetwork(network: PackNetwork): Uint8Array;
  close(): Promise<void>;
}

export const packEnding = '.thinslice';
const packStart = new TextEncoder().encode(`{\n  "format": "${packFormat.replace(/\d+$/, '')}`);
const maxManifestBytes = 32 * 2 ** 20;
const maxSignatureBytes = 4096;
const maxEntries = 30_000;

/** Whether a file is a pack, or is called one: a zip whose first entry is the manifest of a pack, stored as it is. */
export async function isPack(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) return false;
  const file = await open(path, 'r').catch(() => null);
  if (!file) return false;
  try {
    if (extname(path).toLowerCase() === packEnding) return true;
    const head = Buffer.alloc(512);
    await file.read(head, 0, head.length, 0);
    if (head.readUInt32LE(0) !== 0x04034b50) return false;
    // The local file header (APPNOTE.TXT 4.3.7).
    const data = 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
    return head.subarray(data, data + packStart.length).equals(packStart);
  } finally {
    await file.close();
  }
}

/**
 * Opens a pack after checking that all of it is there and unchanged, that nothing is in it but what its manifest names,
 * and that no size is larger than the file. Entries are read in place and never unpacked, so that none can become larger
 * than it is. Throws PackFormatError, or what the system says about the file.
 */
export async function openPack(path: string): Promise<OpenPack> {
  const file = await open(path, 'r');
  try {
    await checkSeal(file);
    const entries = await listEntries(file);
    const manifestBytes = readEntry(file, entries, manifestName, maxManifestBytes);
    const manifest = readPackManifest(manifestBytes);
    const signature = entries.has(signatureName)
      ? readPackSignature(readEntry(file, entries, signatureName, maxSignatureBytes))
      : null;
    checkEntries(entries, manifest);
    const largest = Math.max(...networksOf(manifest.variants).map(({ bytes }) => bytes));
    const scratch = Buffer.allocUnsafeSlow(largest);
    return {
      manifest,
      manifestBytes,
      signature,
      readNetwork({ sha256, bytes }) {
        const network = readEntry(file, entries, networkFile(sha256), bytes, scratch);
        if (sha256Hex(network) !== sha256)
          throw new PackFormatError(`${networkFile(sha256)} does not have the hash that is its name`);
        return network;
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Tells a pack that was damaged on its way from one that was made to deceive, which the checks after this are for. */
async function checkSeal(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const sealAt = size - sealLength;
  const seal = Buffer.alloc(sealPrefix.length + sealLength);
  if (sealAt >= sealPrefix.length) await file.read(seal, 0, seal.length, sealAt - sealPrefix.length);
  const [, claimed] = new RegExp(`^${sealPrefix}([0-9a-f]{64})$`).exec(seal.toString('latin1')) ?? [];
  if (!claimed)
    throw new PackFormatError(
      'its checksum is missing at its end: it is not a pack, or was not copied whole',
    );
  const hash = createHash('sha256');
  const options = { fd: file.fd, autoClose: false, start: 0, end: sealAt - 1, highWaterMark: 2 ** 20 };
  for await (const piece of createReadStream('', options)) hash.update(piece as Uint8Array);
  if (hash.digest('hex') !== claimed)
    throw new PackFormatError('it is damaged (its checksum is wrong); copy it again');
}

interface Entry {
  /** Of its data in the file. */
  readonly start: number;
  readonly sizeBytes: number;
}

async function listEntries(file: FileHandle): Promise<Map<string, Entry>> {
  try {
    const zip = await yauzl.fromFdPromise(file.fd, { autoClose: false, strictFileNames: true });
    if (zip.entryCount > maxEntries) throw new PackFormatError(`it has ${zip.entryCount} entries`);
    const entries = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) {
      const { fileName: name, uncompressedSize: sizeBytes } = entry;
      if (entries.has(name)) throw new PackFormatError(`${name} is in it twice`);
      if (entries.size === 0 && name !== manifestName)
        throw new PackFormatError(`its first entry is ${name} and not ${manifestName}`);
      if (entry.compressionMethod !== 0 || entry.isEncrypted() || entry.compressedSize !== sizeBytes)
        throw new PackFormatError(`${name} is compressed or encrypted, which nothing in a pack is`);
      // Throws where the data would end behind the end of the file.
      const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
      entries.set(name, { start: fileDataStart, sizeBytes });
    }
    return entries;
  } catch (error) {
    if (error instanceof PackFormatError || (error as NodeJS.ErrnoException).code !== undefined) throw error;
    throw new PackFormatError(`it is not a zip file that can be read (${(error as Error).message})`);
  }
}

function readEntry(
  file: FileHandle,
  entries: ReadonlyMap<string, Entry>,
  name: string,
  maxBytes: number,
  scratch?: Buffer,
): Uint8Array {
  const entry = entries.get(name);
  if (!entry) throw new PackFormatError(`${name} is missing`);
  if (entry.sizeBytes > maxBytes)
    throw new PackFormatError(`${name} is ${entry.sizeBytes} bytes long, which is too much`);
  const bytes = scratch?.subarray(0, entry.sizeBytes) ?? Buffer.allocUnsafeSlow(entry.sizeBytes);
  for (let done = 0; done < bytes.length;) {
    const read = readSync(file.fd, bytes, done, bytes.length - done, entry.start + done);
    if (read === 0) throw new PackFormatError('it became shorter while it was read');
    done += read;
  }
  return bytes;
}

/** The networks that the manifest names are there in their sizes, none besides, and no two share their bytes. */
function checkEntries(entries: ReadonlyMap<string, Entry>, { variants }: PackManifest): void {
  const networks = networksOf(variants);
  for (const { file, bytes } of networks) {
    const entry = entries.get(file);
    if (!entry) throw new PackFormatError(`${file} is missing`);
    if (entry.sizeBytes !== bytes)
      throw new PackFormatError(
        `${file} is ${entry.sizeBytes} bytes long and not ${bytes} as its manifest says`,
      );
  }
  const known = new Set([manifestName, signatureName, ...networks.map(({ file }) => file)]);
  for (const name of entries.keys()) {
    if (!known.has(name)) throw new PackFormatError(`${name} is in it, which its manifest does not name`);
  }
  const inOrder = [...entries.values()].sort((a, b) => a.start - b.start);
  if (inOrder.some(({ start }, i) => i > 0 && start < inOrder[i - 1].start + inOrder[i - 1].sizeBytes))
    throw new PackFormatError('two of its entries overlap');
}
