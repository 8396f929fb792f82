import { z } from 'zod';
import { parseJson, signatureName } from './pack-manifest.ts';

const base64 = (bytes: number) =>
  z.base64().length(4 * Math.ceil(bytes / 3), `must be ${bytes} bytes in base64`);

/** signature.json: Ed25519 (RFC 8032) over the bytes of manifest.json. */
export const packSignatureSchema = z.strictObject({
  algorithm: z.literal('Ed25519'),
  publicKey: base64(32).describe('The 32 bytes of the key'),
  fingerprint: z
    .string()
    .regex(/^SHA256:[0-9a-f]{64}$/)
    .describe('SHA-256 of the 32 bytes of the key'),
  signature: base64(64),
});

export type PackSignature = z.infer<typeof packSignatureSchema>;

/** Throws PackFormatError. */
export function readPackSignature(bytes: Uint8Array): PackSignature {
  return parseJson(bytes, signatureName, packSignatureSchema);
}
