import type { studies as english } from '../en/studies.ts';

export const studies: typeof english = {
  title: 'Studien',
  chooseFolder: 'Ordner öffnen …',
  chooseFile: 'Datei öffnen …',
  empty: 'Ziehen Sie den Ordner einer Studie auf dieses Fenster, oder wählen Sie einen.',
  emptyHint:
    'DICOM-Dateien werden in jeder Tiefe gefunden, wie sie auch heißen. Nichts wird kopiert oder verändert.',
  drop: 'Studienordner oder DICOM-Datei hier ablegen, um sie zu öffnen',
  dropNothing: 'Was abgelegt wurde, ist weder ein Ordner noch eine Datei.',
  dropSeveral:
    'Legen Sie einen Ordner oder eine Datei ab. Bei mehreren Dateien nehmen Sie den Ordner, in dem sie liegen.',
  scanning: '{{folder}} wird gelesen',
  filesSeen_one: '{{n}} Datei angesehen',
  filesSeen_other: '{{n}} Dateien angesehen',
  cancel: 'Abbrechen',
  cancelled: 'Das Lesen des Ordners wurde abgebrochen.',
  filesRead_one: '{{n}} DICOM-Datei',
  filesRead_other: '{{n}} DICOM-Dateien',
  filesSkipped_one: '{{n}} andere Datei übergangen',
  filesSkipped_other: '{{n}} andere Dateien übergangen',
  problems_one: '{{n}} Datei wurde nicht oder nicht ganz verwendet',
  problems_other: '{{n}} Dateien wurden nicht oder nicht ganz verwendet',
  moreProblems: 'und {{n}} weitere',
  noName: 'Ohne Namen',
  noDescription: 'Ohne Beschreibung',
  patientId: 'Patienten-ID',
  birthDate: 'Geboren',
  sex: 'Geschlecht',
  studyDate: 'Studiendatum',
  description: 'Beschreibung',
  unknown: 'nicht angegeben',
  sexes: { F: 'weiblich', M: 'männlich', O: 'divers' },
  seriesOf: 'Serien von {{name}}',
  series: 'Serie {{number}}',
  seriesUnnumbered: 'Serie ohne Nummer',
  thumbnail: 'Mittlere Schicht von {{description}}',
  slices_one: '{{n}} Schicht',
  slices_other: '{{n}} Schichten',
  spacing: '{{x}} × {{y}} × {{z}} mm',
  spacingName: 'Voxelgröße, von Spalte zu Spalte, von Zeile zu Zeile und zwischen den Schichten des Bildes',
  open: 'Öffnen',
  openVolume: '{{description}} öffnen',
  outcome: { ok: 'In Ordnung', corrected: 'Korrigiert', refused: 'Abgelehnt' },
  finding: {
    ok_one: '{{slices}} Schicht im Abstand von {{spacingMm}} mm',
    ok_other: '{{slices}} Schichten im Abstand von {{spacingMm}} mm',
    'tilt-resheared':
      'Die Schichten waren durch eine Gantry-Neigung von {{degrees}}° um bis zu {{shiftMm}} mm gegeneinander verschoben; sie werden zurückgeschoben.',
    'spacing-resampled':
      'Die Schichten liegen {{shortestMm}} bis {{longestMm}} mm auseinander; sie werden auf gleiche Abstände umgerechnet.',
    'duplicates-dropped_one': '{{duplicates}} doppelte Schicht wird weggelassen.',
    'duplicates-dropped_other': '{{duplicates}} doppelte Schichten werden weggelassen.',
    gap_one:
      'Zwischen Schichten im Abstand von {{spacingMm}} mm sind Lücken von bis zu {{longestMm}} mm: {{missing}} Schicht fehlt.',
    gap_other:
      'Zwischen Schichten im Abstand von {{spacingMm}} mm sind Lücken von bis zu {{longestMm}} mm: {{missing}} Schichten fehlen.',
    'uneven-spacing': 'Die Schichten liegen ungleichmäßig, {{shortestMm}} bis {{longestMm}} mm auseinander.',
    'uneven-shift':
      'Die Schichten sind in ihrer Ebene um bis zu {{shiftMm}} mm gegeneinander verschoben, und nicht so wie durch eine Neigung.',
    'single-position_one': 'Die einzige Schicht liegt an einer Stelle: Das ist kein Volumen.',
    'single-position_other': 'Alle {{slices}} Schichten liegen an derselben Stelle: Das ist kein Volumen.',
    'too-few-slices_one':
      '{{slices}} Schicht ist zu wenig; mindestens {{needed}} sind nötig, sonst zeigt nichts, ob eine fehlt.',
    'too-few-slices_other':
      '{{slices}} Schichten sind zu wenig; mindestens {{needed}} sind nötig, sonst zeigt nichts, ob eine fehlt.',
    'mixed-orientation_one':
      '{{images}} Bild ist gegen das erste um {{degrees}}° gedreht: Das sind keine parallelen Schichten.',
    'mixed-orientation_other':
      '{{images}} Bilder sind gegen das erste um bis zu {{degrees}}° gedreht: Das sind keine parallelen Schichten.',
    'mixed-matrix_one': '{{images}} Bild hat eine andere Größe als das erste.',
    'mixed-matrix_other': '{{images}} Bilder haben eine andere Größe als das erste.',
    'missing-geometry_one':
      'Bei {{images}} Bild fehlt eine brauchbare Position, Ausrichtung oder Pixelgröße.',
    'missing-geometry_other':
      'Bei {{images}} Bildern fehlt eine brauchbare Position, Ausrichtung oder Pixelgröße.',
    'missing-rescale_one':
      'Bei {{images}} Bild fehlen Steigung und Achsenabschnitt: Seine gespeicherten Werte lassen sich nicht in Intensitäten umrechnen.',
    'missing-rescale_other':
      'Bei {{images}} Bildern fehlen Steigung und Achsenabschnitt: Ihre gespeicherten Werte lassen sich nicht in Intensitäten umrechnen.',
    'not-hu_one': 'Die Werte von {{images}} Bild sind keine Hounsfield-Einheiten.',
    'not-hu_other': 'Die Werte von {{images}} Bildern sind keine Hounsfield-Einheiten.',
    localizer: 'Das sind Übersichtsaufnahmen (Localizer), keine Schichten eines Volumens.',
    'not-an-image_one': 'Das ist ein Objekt anderer Art, keine Aufnahme.',
    'not-an-image_other': 'Das sind {{objects}} Objekte anderer Art, keine Aufnahmen.',
    'unsupported-pixels_one':
      '{{images}} Bild hat keine Grauwerte mit 8, 16 oder 32 Bit oder ist so komprimiert, dass es nicht gelesen werden kann.',
    'unsupported-pixels_other':
      '{{images}} Bilder haben keine Grauwerte mit 8, 16 oder 32 Bit oder sind so komprimiert, dass sie nicht gelesen werden können.',
    truncated_one: '{{images}} Bild ist abgeschnitten: Seine Datei endet vor den Pixeln.',
    truncated_other: '{{images}} Bilder sind abgeschnitten: Ihre Dateien enden vor den Pixeln.',
  },
  recent: {
    title: 'Zuletzt geöffnet',
    none: 'Studien, die Sie öffnen, stehen dann hier.',
    seen: 'geöffnet {{moment}}',
    gone: 'Die Dateien liegen nicht mehr an diesem Ort.',
    goneHint: 'Die Ergebnisse bleiben erhalten.',
    results_one: '{{n}} Ergebnis',
    results_other: '{{n}} Ergebnisse',
    openStudy: 'Studie von {{name}} wieder öffnen',
    resultsOf_one: '{{n}} Ergebnis von {{name}}',
    resultsOf_other: '{{n}} Ergebnisse von {{name}}',
    forget: 'Studie von {{name}} vergessen',
    listed: 'Das sind die Ergebnisse einer Studie.',
    listAll: 'Die aller Studien zeigen',
    forgetTitle: 'Diese Studie vergessen?',
    forgetText:
      'Sie verschwindet aus dieser Liste. Ihre Dateien und Ergebnisse bleiben; wird ihr Ordner wieder geöffnet, steht sie wieder hier.',
    confirm: 'Vergessen',
    keep: 'Behalten',
  },
  keys: {
    group: 'Studien',
    choose: 'Ordner öffnen',
    move: 'Durch die Serien gehen',
    open: 'Serie öffnen',
  },
};
