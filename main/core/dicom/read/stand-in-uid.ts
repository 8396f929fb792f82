const offsetBasis = 0x6c62272e07bb014262b821756295c58dn;
const prime = 0x0000000001000000000000000000013bn;
const mask = (1n << 128n) - 1n;

/**
 * A UID for what an anonymiser left without one: the same parts give the same UID in every scan, so that results find
 * their study again. `2.25.` and a UUID (PS3.5 B.2) of version 8, its free bits the 128-bit FNV-1a hash of the parts.
 * Told apart, not kept secret: the hash protects nothing.
 */
export function standInUid(...parts: readonly string[]): string {
  let hash = offsetBasis;
  for (const byte of new TextEncoder().encode(parts.join('\0'))) {
    hash = ((hash ^ BigInt(byte)) * prime) & mask;
  }
  const version = (hash & ~(0xfn << 76n)) | (8n << 76n);
  const variant = (version & ~(3n << 62n)) | (2n << 62n);
  return `2.25.${variant}`;
}

/** Tells a stand-in from a UID of the file's: nobody else is known to make UIDs of UUIDs of version 8 (RFC 9562, custom). */
export function isStandInUid(uid: string): boolean {
  if (!/^2\.25\.\d{1,39}$/.test(uid)) return false;
  const uuid = BigInt(uid.slice('2.25.'.length));
  return ((uuid >> 76n) & 0xfn) === 8n && ((uuid >> 62n) & 3n) === 2n;
}
