import type { FileFlaw } from '../file-flaw.ts';

/** Why a file is not used, in plain English: `its pixel data is 100 bytes short`. */
export function describeFlaw(flaw: FileFlaw): string {
  switch (flaw.code) {
    case 'header-damaged':
      return `the header is damaged at byte ${flaw.atByte}`;
    case 'header-cut-short':
      return `the file ends inside its header${flaw.atByte === null ? '' : `, at byte ${flaw.atByte}`}`;
    case 'pixels-missing':
      return 'the file ends before its pixel data';
    case 'pixels-cut-short':
      return `its pixel data is ${flaw.missingBytes} bytes short`;
    case 'no-image':
      return 'it holds no image and does not say which series it belongs to';
    case 'unreadable':
      return systemCauses[flaw.cause] ?? flaw.cause;
  }
}

/** What the operating system may say of a file that is being read. */
const systemCauses: Readonly<Record<string, string>> = {
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  ENOENT: 'it is gone, or its name cannot be read',
  EIO: 'the medium cannot be read',
  ELOOP: 'a symbolic link that leads back to itself',
  EBUSY: 'another program holds it',
};
