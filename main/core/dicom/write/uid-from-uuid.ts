/** A UID from a UUID: `2.25.` and the UUID as a decimal number (PS3.5 annex B.2). */
export function uidFromUuid(uuid: string): string {
  return `2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`)}`;
}
