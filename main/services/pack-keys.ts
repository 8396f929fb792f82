import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import { PackFormatError } from '../core/pack/pack-format-error.ts';
import type { PackSignature } from '../core/pack/pack-signature.ts';
import { sha256Hex } from './blob-store.ts';
import { prepareFolder } from './prepare-folder.ts';
import { asOutputFailure } from './output-failure.ts';

/** Signs packs; stays on the machine that prepares models. */
export const privateKeyName = 'thinslice-private.pem';
/** Goes to the machines that are to trust the packs. */
export const publicKeyName = 'thinslice-public.pem';

const maxKeyBytes = 2 ** 16;

export interface KeyFiles {
  readonly privateKey: string;
  readonly publicKey: string;
  readonly fingerprint: string;
}

/** Makes an Ed25519 key pair (RFC 8032) in a folder. Throws AppFailure `output-failed` where there is one already. */
export function makeKeyPair(folder: string): KeyFiles {
  const root = prepareFolder(folder);
  const [privatePath, publicPath] = [join(root, privateKeyName), join(root, publicKeyName)];
  for (const path of [privatePath, publicPath]) {
    if (existsSync(path)) throw keyExists(path);
  }
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  // Of two programs that do this at once only one may go on: `wx` fails where the file exists.
  writeNew(privatePath, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
  try {
    writeNew(publicPath, publicKey.export({ type: 'spki', format: 'pem' }), 0o644);
  } catch (error) {
    rmSync(privatePath, { force: true });
    throw error;
  }
  return { privateKey: privatePath, publicKey: publicPath, fingerprint: fingerprintOf(rawKey(publicKey)) };
}

function writeNew(path: string, text: string | Buffer, mode: number): void {
  try {
    writeFileSync(path, text, { flag: 'wx', mode, flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw keyExists(path);
    rmSync(path, { force: true });
    throw asOutputFailure(error, path);
  }
}

function keyExists(path: string): AppFailure {
  const detail = 'there is a key already, and packs signed with it would no longer be trusted';
  return new AppFailure({ code: 'output-failed', path, detail });
}

/** Reads a private key for `signManifest`. Throws AppFailure `input-unreadable`. */
export function readPrivateKey(path: string): KeyObject {
  return readKey(path, 'private', createPrivateKey);
}

/** Fingerprint of a public key file. Throws AppFailure `input-unreadable`. */
export function readFingerprint(path: string): string {
  return fingerprintOf(rawKey(readKey(path, 'public', readPublicPem)));
}

/** `createPublicKey` also takes a private key, which has no business on the machines that trust it. */
function readPublicPem(pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY')) throw new Error('it is a private key');
  return createPublicKey(pem);
}

function readKey(path: string, kind: string, parse: (pem: string) => KeyObject): KeyObject {
  const refuse = (detail: string) => new AppFailure({ code: 'input-unreadable', path, detail });
  let pem: string;
  try {
    if (statSync(path).size > maxKeyBytes) throw refuse('it is too long for a key');
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof AppFailure) throw error;
    throw refuse((error as NodeJS.ErrnoException).code ?? String(error));
  }
  let key: KeyObject | null = null;
  try {
    key = parse(pem);
  } catch {
    // OpenSSL's words ("DECODER routines::unsupported") help nobody.
  }
  if (key?.asymmetricKeyType !== 'ed25519')
    throw refuse(`it holds no Ed25519 ${kind} key in PEM without a password`);
  return key;
}

export function signManifest(manifest: Uint8Array, privateKey: KeyObject): PackSignature {
  const key = rawKey(createPublicKey(privateKey));
  return {
    algorithm: 'Ed25519',
    publicKey: key.toString('base64'),
    fingerprint: fingerprintOf(key),
    signature: sign(null, manifest, privateKey).toString('base64'),
  };
}

/** Checks that the key in a signature has the fingerprint it claims and made the signature. Throws PackFormatError. */
export function checkSignature(
  { publicKey, fingerprint, signature }: PackSignature,
  manifest: Uint8Array,
): void {
  const key = Buffer.from(publicKey, 'base64');
  if (fingerprintOf(key) !== fingerprint)
    throw new PackFormatError('its signature does not name the key that it holds');
  if (!verify(null, manifest, publicKeyOf(key), Buffer.from(signature, 'base64')))
    throw new PackFormatError(`it was changed after it was signed by ${fingerprint}`);
}

function publicKeyOf(raw: Buffer): KeyObject {
  return createPublicKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
  });
}

function rawKey(publicKey: KeyObject): Buffer {
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
}

function fingerprintOf(rawPublicKey: Uint8Array): string {
  return `SHA256:${sha256Hex(rawPublicKey)}`;
}
