import type { Vec3 } from '../volume/volume.ts';
import type { CodedTerm, ModelLabel } from './segmentation-model.ts';
import { bodyStructures, brainStructures, tissues } from './snomed-terms.ts';

/** PS3.16 CID 7150, Segmentation Property Category. */
const category = {
  anatomy: sct('91723000', 'Anatomical Structure'),
  tissue: sct('85756007', 'Tissue'),
  abnormal: sct('49755003', 'Morphologically Abnormal Structure'),
  bodySubstance: sct('91720002', 'Body Substance'),
  substance: sct('105590001', 'Substance'),
};

/** PS3.16 CID 244, Laterality. */
const laterality = { left: sct('7771000', 'Left'), right: sct('24028007', 'Right') };

/** Coding scheme of names that have no verified SNOMED CT code (PS3.16 section 8: private schemes begin with 99). */
const privateScheme = '99THINSLICE';

type Coding = Pick<
  ModelLabel,
  'category' | 'type' | 'typeModifier' | 'anatomicRegion' | 'anatomicRegionModifier'
>;

/** A label of a model with its coded category and type and a colour. `value` is 1…255. */
export function makeLabel(value: number, name: string): ModelLabel {
  return { value, name, ...codeOf(name), color: colorOf(value, name) };
}

/** The code of a label name; names of TotalSegmentator, FreeSurfer and common tissues are known. */
export function codeOf(name: string): Coding {
  const key = normalized(name);
  const whole = known(key);
  if (whole) return whole;
  const [rest, side] = withoutSide(key);
  const sided = side && known(rest);
  if (sided) return { ...sided, typeModifier: laterality[side] };
  if (rest === 'kidney_cyst' && side)
    return {
      category: category.abnormal,
      type: sct('367643001', 'Cyst'),
      anatomicRegion: sct('64033007', 'Kidney'),
      anatomicRegionModifier: laterality[side],
    };
  return { category: category.anatomy, type: privateTerm(name) };
}

function known(key: string): Coding | null {
  const structure = own(bodyStructures, key) ?? own(brainStructures, key);
  if (structure) return { category: category.anatomy, type: sct(...structure) };
  const tissue = own(tissues, key);
  if (tissue) return { category: category.tissue, type: sct(...tissue) };
  if (key === 'gas') return { category: category.substance, type: sct('74947009', 'Gas') };
  if (key === 'csf')
    return { category: category.bodySubstance, type: sct('65216001', 'Cerebrospinal fluid') };
  if (key === 'ventraldc')
    return {
      category: category.anatomy,
      type: { value: '110700', scheme: 'DCM', meaning: 'Ventral Diencephalon' },
    };
  return null;
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** `Left-Thalamus-Proper*` → `left_thalamus_proper`. */
function normalized(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
}

/** `rib_left_3` → `rib_3`, left; `ctx_rh_insula` → `ctx_insula`, right. */
function withoutSide(key: string): [string, 'left' | 'right' | null] {
  const words = key.split('_');
  const at = words.findIndex((word) => ['left', 'right', 'lh', 'rh'].includes(word));
  if (at < 0) return [key, null];
  const side = words[at]?.startsWith('l') ? 'left' : 'right';
  return [words.toSpliced(at, 1).join('_'), side];
}

function sct(value: string, meaning: string): CodedTerm {
  return { value, scheme: 'SCT', meaning };
}

/** A Code Value holds 16 characters and a Code Meaning 64 (PS3.5 6.2), so that the code is a hash of the name. */
function privateTerm(name: string): CodedTerm {
  let hash = 0x811c9dc5; // FNV-1a
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  const value = `L-${(hash >>> 0).toString(16).padStart(8, '0')}`;
  return { value, scheme: privateScheme, meaning: name.replace(/[\\\u0000-\u001f]/g, ' ').slice(0, 64) };
}

const customary: Readonly<Record<string, Vec3>> = {
  bone: [241, 214, 145],
  fat: [230, 220, 70],
  soft_tissue: [216, 101, 79],
  muscle: [192, 104, 88],
  lung: [111, 184, 210],
  gas: [165, 165, 230],
  skin: [177, 122, 101],
};

/** A customary colour, else one a golden angle further round the colour wheel for each value. */
function colorOf(value: number, name: string): Vec3 {
  return (
    own(customary, normalized(name)) ?? fromHsv((value * 137.508) % 360, 0.55 + 0.15 * (value % 4), 0.95)
  );
}

function fromHsv(hue: number, saturation: number, brightness: number): Vec3 {
  const channel = (shift: number) => {
    const k = (shift + hue / 60) % 6;
    return Math.round(255 * brightness * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return [channel(5), channel(3), channel(1)];
}
