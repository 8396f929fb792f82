import type { errors as english } from '../en/errors.ts';

export const errors: typeof english = {
  usage: 'Das geht so nicht: {{detail}}',
  inputUnreadable:
    '{{path}} ist nicht lesbar: {{cause}}. Prüfen Sie, ob es vorhanden ist und Sie es lesen dürfen.',
  inputRefused: '{{path}} kann nicht segmentiert werden: {{detail}}.',
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
