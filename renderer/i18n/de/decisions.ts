import type { decisions as english } from '../en/decisions.ts';

export const decisions: typeof english = {
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
  failure: {
    threw: 'es konnte das Prüfnetz nicht ausführen ({{detail}})',
    failedAtWork: 'es versagte, während es das Netz ausführte ({{detail}})',
    wrongSize: 'es gab {{got}} Zahlen statt {{expected}}',
    notANumber_one: 'es gab {{count}} Wert, der keine Zahl ist',
    notANumber_other: 'es gab {{count}} Werte, die keine Zahlen sind',
    allZero: 'es gab nichts als Nullen',
    wrongLabels: '{{percent}} der Labels weichen von denen des Prozessors ab',
  },
};
