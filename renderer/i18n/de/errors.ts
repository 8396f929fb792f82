import type { errors as english } from '../en/errors.ts';

export const errors: typeof english = {
  usage: 'Das geht so nicht: {{detail}}',
  inputUnreadable:
    '{{path}} ist nicht lesbar: {{cause}}. Prüfen Sie, ob es vorhanden ist und Sie es lesen dürfen.',
  inputRefused: '{{path}} kann nicht segmentiert werden: {{detail}}.',
  recipeRefused: '{{path}} kann nicht als Rezept dienen: {{detail}}.',
  referenceRefused: 'Mit {{path}} kann nicht verglichen werden: {{detail}}.',
  noImages_one:
    'In {{path}} sind keine DICOM-Bilder ({{count}} andere Datei übergangen). Wählen Sie den Ordner einer Studie.',
  noImages_other:
    'In {{path}} sind keine DICOM-Bilder ({{count}} andere Dateien übergangen). Wählen Sie den Ordner einer Studie.',
  noUsableImages: 'Keines der DICOM-Bilder in {{path}} ist brauchbar. {{file}}: {{reason}}.',
  seriesNotFound:
    'In {{path}} gibt es keine Serie {{series}}. Öffnen Sie die Studie erneut und wählen Sie eine ihrer Serien.',
  geometryRefused:
    'Die Serie {{series}} ist kein einfaches Volumen: {{findings}}. Wählen Sie eine andere Serie.',
  geometryVerdict:
    'Die Serie {{series}} ist kein einfaches Volumen. {{findings}} Wählen Sie eine andere Serie.',
  geometryProblem: 'Nicht verwendet: {{file}}: {{reason}}.',
  channelMismatch: 'Eingangskanal {{channel}}: {{detail}}.',
  modelNotFound: 'Das Modell {{model}} gibt es nicht mehr. Wählen Sie ein anderes auf der Seite „Modelle“.',
  modelRefused: '{{path}} ist als Modell nicht verwendbar: {{cause}}.',
  modelCorrupt:
    'Das Modell {{model}} ist in der Datenbank beschädigt: {{detail}}. Entfernen Sie es und importieren Sie es neu.',
  deviceFailed: '{{device}} konnte das Netz nicht ausführen: {{detail}}. Wählen Sie den Prozessor als Gerät.',
  deviceFault: '{{device}} konnte das Netz nicht ausführen: {{fault}}. Wählen Sie den Prozessor als Gerät.',
  nothingToChoose: 'Auf diesem Rechner ist nichts Passendes zu wählen: {{detail}}',
  engineDied:
    'Der Prozess, der die Netze ausführt, endete unerwartet ({{detail}}). Starten Sie den Auftrag erneut: er läuft dort weiter, wo er war.',
  outOfMemory:
    'Der Speicher auf {{device}} reichte nicht ({{detail}}). Schließen Sie andere Programme, oder wählen Sie eine kleinere Variante.',
  outputFailed:
    '{{path}} kann nicht geschrieben werden: {{cause}}. Halb Geschriebenes blieb dort nicht zurück.',
  outputStored: 'Das Ergebnis selbst ist gespeichert; exportieren Sie es erneut.',
  databaseUnusable: 'Die Datenbank {{path}} ist nicht benutzbar: {{cause}}.',
  notFound: {
    result: 'Dieses Ergebnis gibt es nicht mehr ({{id}}).',
    job: 'Diesen Auftrag gibt es nicht mehr ({{id}}).',
    study: 'Diese Studie gibt es nicht mehr ({{id}}).',
    volume: 'Dieses Volumen gibt es nicht mehr ({{id}}). Öffnen Sie die Studie erneut.',
    other: 'Es gibt kein „{{what}}“ {{id}}.',
  },
  cancelled: 'Abgebrochen.',
  bug: 'In Thinslice ist etwas schiefgegangen ({{detail}}). Gespeichertes wurde dadurch nicht verändert.',
  flaw: {
    headerDamaged: 'ihr Kopf ist bei Byte {{byte}} beschädigt',
    headerCutShort: 'sie endet mitten in ihrem Kopf',
    headerCutShortAt: 'sie endet mitten in ihrem Kopf, bei Byte {{byte}}',
    pixelsMissing: 'sie endet vor den Bilddaten',
    pixelsCutShort_one: 'von ihren Bilddaten fehlt {{n}} Byte',
    pixelsCutShort_other: 'von ihren Bilddaten fehlen {{n}} Byte',
    noImage: 'sie enthält kein Bild und sagt nicht, zu welcher Serie sie gehört',
  },
  known: {
    'work-busy': 'Eine andere Arbeit mit Modellen ist noch nicht fertig.',
    'tuning-busy': 'Eine andere Variante lernt gerade. Beenden oder verwerfen Sie das zuerst.',
    'export-busy': 'Ein anderer Export ist noch nicht fertig.',
    'nothing-read': 'Es wurde kein Modell gelesen.',
    'other-grids': 'Die beiden Ergebnisse liegen auf verschiedenen Gittern.',
    'no-common-label': 'Die beiden Ergebnisse haben kein Label gemeinsam.',
    'all-held-out': 'Zum Lernen ist kein Bild übrig: alle dienen dem Beurteilen.',
    'one-image': 'Mindestens zwei Bilder sind nötig: eines zum Lernen und eines zum Beurteilen.',
    'channel-open': 'das Modell liest dort eine Serie; wählen Sie, welche',
    'edit-of-another-size':
      'Die bearbeiteten Labels können nicht gespeichert werden: die Bilder haben inzwischen eine andere Größe.',
    'edit-of-a-foreign-value':
      'Die bearbeiteten Labels können nicht gespeichert werden: ein Voxel hat den Wert {{value}}, den das Modell nicht kennt.',
    'no-budget':
      '„{{text}}“ ist kein Budget, das sich einhalten lässt. Schreiben Sie einen Anteil des vollen Netzes, eine Zahl von Multiplikationen, eine Zeit oder eine Größe, etwa 40%, 65GMAC, 800ms oder 2GB.',
    'wrong-modality': 'das Modell liest {{reads}}, und dies ist {{found}}',
    'unknown-modality': 'das Modell liest {{reads}}, und dies sagt nicht, was es ist',
    'channels-apart':
      'es zeigt nach den Angaben beider Dateien keinen Teil des Körpers, den Kanal {{other}} zeigt',
    'too-many-voxels': 'ein Volumen von {{voxels}} Voxeln ist zu groß',
    'too-little-memory': '{{needed}} werden gebraucht, und {{free}} sind frei',
  },
  causes: {
    ENOENT: 'diese Datei oder diesen Ordner gibt es nicht',
    ENOTDIR: 'ein Teil des Pfades ist eine Datei und kein Ordner',
    EISDIR: 'es ist ein Ordner',
    EEXIST: 'wo ein Ordner gebraucht wird, steht eine Datei',
    EACCES: 'die Berechtigung fehlt',
    EPERM: 'die Berechtigung fehlt',
    EROFS: 'der Datenträger ist schreibgeschützt',
    ENOSPC: 'der Datenträger ist voll',
    EDQUOT: 'das Speicherkontingent ist aufgebraucht',
    ENAMETOOLONG: 'der Pfad ist zu lang',
    ELOOP: 'symbolische Verknüpfungen führen im Kreis',
    EIO: 'der Datenträger hat Fehler',
    EBUSY: 'ein anderes Programm hält es fest',
    EMFILE: 'zu viele Dateien sind offen',
    SQLITE_BUSY: 'ein anderes Programm sperrt sie; versuchen Sie es, wenn das beendet ist',
    SQLITE_CANTOPEN: 'sie lässt sich nicht öffnen; prüfen Sie Ordner und Berechtigungen',
    SQLITE_CORRUPT: 'sie ist beschädigt; setzen Sie eine Sicherung an ihre Stelle',
    SQLITE_FULL: 'der Datenträger ist voll',
    SQLITE_IOERR: 'der Datenträger hat Fehler oder ist voll',
    SQLITE_NOTADB: 'sie ist keine Datenbank; verschieben Sie diese Datei',
    SQLITE_READONLY: 'sie ist schreibgeschützt',
    SQLITE_TOOBIG: 'etwas ist größer, als die Datenbank fassen kann (1 GB)',
  },
};
