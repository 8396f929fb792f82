import { describe, expect, it } from 'vitest';
import { codeOf, makeLabel } from '../../../../main/core/model/coded-terms.ts';

// TotalSegmentator v2, `total` task: names 1 to 117 (its class map).
const sides = (name: string) => [`${name}_left`, `${name}_right`];
const totalSegmentator = [
  ...['spleen', 'kidney_right', 'kidney_left', 'gallbladder', 'liver', 'stomach', 'pancreas'],
  ...['adrenal_gland_right', 'adrenal_gland_left', 'lung_upper_lobe_left', 'lung_lower_lobe_left'],
  ...['lung_upper_lobe_right', 'lung_middle_lobe_right', 'lung_lower_lobe_right', 'esophagus', 'trachea'],
  ...['thyroid_gland', 'small_bowel', 'duodenum', 'colon', 'urinary_bladder', 'prostate'],
  ...['kidney_cyst_left', 'kidney_cyst_right', 'sacrum', 'vertebrae_S1'],
  ...[5, 4, 3, 2, 1].map((n) => `vertebrae_L${n}`),
  ...[12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map((n) => `vertebrae_T${n}`),
  ...[7, 6, 5, 4, 3, 2, 1].map((n) => `vertebrae_C${n}`),
  ...['heart', 'aorta', 'pulmonary_vein', 'brachiocephalic_trunk', 'subclavian_artery_right'],
  ...['subclavian_artery_left', 'common_carotid_artery_right', 'common_carotid_artery_left'],
  ...['brachiocephalic_vein_left', 'brachiocephalic_vein_right', 'atrial_appendage_left'],
  ...['superior_vena_cava', 'inferior_vena_cava', 'portal_vein_and_splenic_vein'],
  ...['iliac_artery', 'iliac_vena', 'humerus', 'scapula', 'clavicula', 'femur', 'hip'].flatMap(sides),
  'spinal_cord',
  ...['gluteus_maximus', 'gluteus_medius', 'gluteus_minimus', 'autochthon', 'iliopsoas'].flatMap(sides),
  ...['brain', 'skull'],
  ...Array.from({ length: 12 }, (_, i) => `rib_left_${i + 1}`),
  ...Array.from({ length: 12 }, (_, i) => `rib_right_${i + 1}`),
  ...['sternum', 'costal_cartilages'],
];
const freeSurfer = [
  ...['Cerebral-White-Matter', 'Cerebral-Cortex', 'Lateral-Ventricle', 'Inferior-Lateral-Ventricle'],
  ...['Cerebellum-White-Matter', 'Cerebellum-Cortex', 'Thalamus', 'Caudate', 'Putamen', 'Pallidum'],
  ...['3rd-Ventricle', '4th-Ventricle', 'Brain-Stem', 'Hippocampus', 'Amygdala', 'Accumbens-area'],
  ...['VentralDC', 'White Matter', 'Grey Matter', 'Thalamus-Proper*', 'Left-Thalamus-Proper*', 'CSF'],
  ...['Right-Inf-Lat-Vent', 'Corpus callosum', 'ctx-insula', 'ctx-rh-entorhinal'],
];

/** SNOMED CT identifiers end in a Verhoeff check digit and, for concepts, in partition 00 before it. */
function isConceptId(id: string): boolean {
  const d = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
  ];
  const start = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  const p = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], start];
  for (let i = 2; i < 8; i++) p.push(p[i - 1]!.map((n) => start[n]!));
  let check = 0;
  [...id].reverse().forEach((digit, i) => {
    check = d[check]![p[i % 8]![Number(digit)]!]!;
  });
  return /^\d{6,18}$/.test(id) && check === 0 && id.slice(-3, -1) === '00';
}

describe('coded terms', () => {
  it('knows all 117 structures of TotalSegmentator, each by a code of its own', () => {
    expect(totalSegmentator).toHaveLength(117);
    const terms = totalSegmentator.map((name) => codeOf(name));
    expect(terms.filter(({ type }) => type.scheme !== 'SCT')).toEqual([]);
    const keys = terms.map(({ type, typeModifier, anatomicRegionModifier }) =>
      [type, typeModifier, anatomicRegionModifier].map((term) => term?.value).join(' '),
    );
    expect(new Set(keys).size).toBe(117);
  });

  it('knows the names of FreeSurfer and common tissues', () => {
    for (const name of [...freeSurfer, 'soft_tissue', 'fat', 'bone', 'lung', 'gas'])
      expect([name, codeOf(name).type.scheme]).not.toEqual([name, '99THINSLICE']);
    expect(codeOf('Grey Matter').type).toEqual({ value: '389081007', scheme: 'SCT', meaning: 'Gray matter' });
    expect(codeOf('fat').category.value).toBe('85756007');
  });

  it('holds no SNOMED CT identifier with a typing error (Verhoeff check digit)', () => {
    const names = [
      ...totalSegmentator,
      ...freeSurfer,
      'soft_tissue',
      'fat',
      'bone',
      'lung',
      'muscle',
      'skin',
      'blood',
      'gas',
    ];
    for (const name of names) {
      const { category, type, typeModifier, anatomicRegion, anatomicRegionModifier } = codeOf(name);
      for (const term of [category, type, typeModifier, anatomicRegion, anatomicRegionModifier]) {
        if (term?.scheme === 'SCT')
          expect([name, term.value, isConceptId(term.value)]).toEqual([name, term.value, true]);
      }
    }
    expect(isConceptId('78961008')).toBe(false);
  });

  it('says the side as a modifier, wherever the name has it', () => {
    expect(codeOf('rib_left_3')).toMatchObject({
      type: { meaning: 'Third rib' },
      typeModifier: { meaning: 'Left' },
    });
    expect(codeOf('ctx-rh-insula')).toMatchObject({
      type: { meaning: 'Insula' },
      typeModifier: { meaning: 'Right' },
    });
    // SNOMED CT has the left atrium as a concept: no modifier.
    expect(codeOf('heart_atrium_left').typeModifier).toBeUndefined();
    expect(codeOf('kidney_cyst_left')).toMatchObject({
      type: { meaning: 'Cyst' },
      anatomicRegion: { meaning: 'Kidney' },
      anatomicRegionModifier: { meaning: 'Left' },
    });
    expect(codeOf('kidney_cyst_left').typeModifier).toBeUndefined();
  });

  it('gives an unknown name a private code that fits DICOM, the same every time', () => {
    const name = `ctx-lh-caudalanteriorcingulate ${'x'.repeat(100)}`;
    const { type } = codeOf(name);
    expect(type).toEqual(codeOf(name).type);
    expect(type.scheme).toBe('99THINSLICE');
    expect(type.value.length).toBeLessThanOrEqual(16);
    expect(type.meaning.length).toBeLessThanOrEqual(64);
    expect(type.value).not.toBe(codeOf('something else').type.value);
    for (const trap of ['constructor', '__proto__', 'toString'])
      expect(codeOf(trap).type.scheme).toBe('99THINSLICE');
  });

  it('gives 117 labels 117 colours', () => {
    const colors = totalSegmentator.map((name, i) => makeLabel(i + 1, name).color);
    expect(new Set(colors.map(String)).size).toBe(117);
    expect(colors.flat().every((c) => Number.isInteger(c) && c >= 0 && c <= 255)).toBe(true);
  });
});
