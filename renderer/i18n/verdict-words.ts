import {
  corrections,
  type Finding,
  type GeometryVerdict,
  type VerdictCode,
} from '../../main/core/dicom/study.ts';
import { currentLanguage, t } from './i18n.svelte.ts';

/** The number that decides between one and several. Without an entry, and without words, a new code does not compile. */
const counted: Readonly<Record<VerdictCode, string | null>> = {
  ok: 'slices',
  'tilt-resheared': null,
  'spacing-resampled': null,
  'duplicates-dropped': 'duplicates',
  gap: 'missing',
  'uneven-spacing': null,
  'uneven-shift': null,
  'single-position': 'slices',
  'too-few-slices': 'slices',
  'mixed-orientation': 'images',
  'mixed-matrix': 'images',
  'missing-geometry': 'images',
  'missing-rescale': 'images',
  'not-hu': 'images',
  localizer: null,
  'not-an-image': 'objects',
  'unsupported-pixels': 'images',
  truncated: 'images',
};

/**
 * Why the geometry gate decided as it did, a sentence each, in the language of the window; nothing where all is well.
 * What would have been corrected does not matter where the volume is refused for something else.
 */
export function wordsOfVerdict({ outcome, findings }: GeometryVerdict): string[] {
  const decisive =
    outcome === 'refused' ? findings.filter(({ code }) => !corrections.includes(code)) : findings;
  return decisive.filter(({ code }) => code !== 'ok').map(wordsOfFinding);
}

export function wordsOfFinding({ code, numbers }: Finding): string {
  const format = new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 2 });
  const values = Object.entries(numbers).map(([name, number]) => [name, format.format(number)] as const);
  const name = counted[code];
  return t(`studies.finding.${code}`, {
    ...Object.fromEntries(values),
    ...(name === null ? {} : { count: numbers[name] ?? 0 }),
  });
}
