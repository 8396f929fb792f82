import type { decisions as english } from '../en/decisions.ts';

export const decisions: typeof english = {
  runs: 'Die Variante {{variant}}{{overlap}} läuft auf {{device}} in etwa {{time}}{{late}}{{pieces}}, {{because}}{{caveats}}.',
  overlap: ' (Überlappung mit dem vollen Modell {{percent}})',
  overlapUnknown: ' (nie mit dem vollen Modell verglichen)',
  late: ' statt der gewünschten {{wish}}',
  pieces: ', in kleineren Stücken, als sie gemacht ist',
  because: {
    mostFaithful: 'und keine Variante ist getreuer',
    obstacle: 'denn {{obstacle}}',
    fastest: 'die schnellste, die getreu genug ist',
    askedFor: 'wie gewünscht',
    askedForObstacle: 'wie gewünscht, denn {{obstacle}}',
  },
  obstacle: {
    memory: 'die Variante {{variant}} braucht {{needed}} Speicher, und {{usable}} sind nutzbar',
    time: 'die Variante {{variant}} brauchte etwa {{time}}',
    timeWish: 'die Variante {{variant}} brauchte etwa {{time}}, und {{wish}} waren gewünscht',
    ranOutOfMemory: 'der Variante {{variant}} reichte der Speicher schon einmal nicht',
    noDevice: 'kein Gerät hier führt die Variante {{variant}} aus',
  },
  caveat: {
    lessFaithful: '; sie ist weniger getreu als empfohlen',
    unchecked: '; das Gerät ist nicht auf richtige Ergebnisse geprüft',
    setAside: '; {{device}} wird nicht verwendet: {{failure}}',
  },
  refusal: {
    noVariants: 'Das Modell hat keine Variante.',
    noDevice: 'Kein Gerät dieses Rechners führt eine Variante dieses Modells aus, die getreu genug ist.',
    unknownVariant: 'Das Modell hat keine Variante {{variant}}.',
    unknownDevice: 'Dieser Rechner hat kein Gerät {{device}}.',
    deviceSetAside: '{{device}} wird nicht verwendet: {{failure}}.',
    wrongProvider:
      'Die Variante {{variant}} läuft nicht auf {{device}}. Wählen Sie ein anderes Gerät oder eine andere Variante.',
    neverCompared:
      'Keine Variante dieses Modells wurde je mit dem vollen verglichen. Bewerten Sie eine auf der Seite „Modelle“, oder wählen Sie die gewünschte.',
    belowFloor:
      'Die getreueste Variante erreicht {{best}} Überlappung mit dem vollen Modell, verlangt sind {{floor}}. Wählen Sie sie, um sie dennoch zu verwenden.',
    tooLittleMemory:
      'Zu wenig Speicher: die Variante {{variant}} braucht {{needed}} auf {{device}}, und {{usable}} sind nutzbar. Schließen Sie andere Programme, oder erzeugen Sie eine kleinere Variante.',
    ranOutOfMemory:
      'Jeder Variante, die passen könnte, reichte der Speicher nicht. Schließen Sie andere Programme, oder erzeugen Sie eine kleinere Variante.',
  },
  setback: {
    outOfMemory: 'Der Speicher auf {{device}} reichte für {{variant}} nicht; etwas Kleineres wird versucht.',
    deviceFailed: '{{device}} hat versagt; ein anderes Gerät wird versucht.',
    engineDied: 'Der Prozess, der die Netze ausführt, endete; er wird neu gestartet und macht weiter.',
    other: '{{variant}} auf {{device}} ging nicht; etwas anderes wird versucht.',
  },
  failure: {
    threw: 'es konnte das Prüfnetz nicht ausführen ({{detail}})',
    failedAtWork: 'es versagte, während es das Netz ausführte ({{detail}})',
    wrongSize: 'es gab {{got}} Zahlen statt {{expected}}',
    notANumber_one: 'es gab {{count}} Wert, der keine Zahl ist',
    notANumber_other: 'es gab {{count}} Werte, die keine Zahlen sind',
    allZero: 'es gab nichts als Nullen',
    wrongLabels: '{{percent}} der Labels weichen von denen des Prozessors ab',
  },
  stage: {
    load: 'Bilder werden gelesen',
    preprocess: 'Bilder werden vorbereitet',
    predict: 'Das Netz läuft',
    restore: 'Labels werden eingepasst',
    measure: 'Vermessung',
    export: 'Dateien werden geschrieben',
    compress: 'Kompression',
    compare: 'Vergleich',
  },
  unit: {
    seconds: '{{n}} s',
    minutes: '{{n}} min',
    hours: '{{n}} h',
    gigabytes: '{{n}} GB',
    megabytes: '{{n}} MB',
  },
};
