import { readHead } from './read-elements.ts';
import type { Encoding } from './read-elements.ts';

/**
 * Tells a bare DICOM data set (no preamble, as ACR-NEMA files and some exports are) from other files by its first two
 * elements: it starts with group 0002 or 0008, tags ascend, and the first value is short. Null if it is something else.
 */
export function sniffDataSet(bytes: Uint8Array): { group: number; encoding: Encoding } | null {
  for (const littleEndian of [true, false]) {
    for (const explicit of [true, false]) {
      const encoding = { explicit, littleEndian };
      const group = firstGroup(bytes, encoding);
      if (group !== null) return { group, encoding };
    }
  }
  return null;
}

// What opens a data set is short (a group length, a UID, a character set, an image type).
const maxFirstValueBytes = 1024;

function firstGroup(bytes: Uint8Array, encoding: Encoding): number | null {
  const first = readHead(bytes, 0, encoding);
  if (!first || (first.group !== 0x0002 && first.group !== 0x0008)) return null;
  if (encoding.explicit !== (first.vr !== undefined) || first.length > maxFirstValueBytes) return null;
  const second = readHead(bytes, first.valueAt + first.length, encoding);
  if (!second || second.tag <= first.tag || second.group > 0x0028) return null;
  // Meta information is explicit whatever follows it.
  if (second.group === first.group && encoding.explicit !== (second.vr !== undefined)) return null;
  return first.group;
}
