import fc from 'fast-check';
import { expect, test } from 'vitest';
import { slug } from '../../../main/services/slug.ts';

test('keeps letters and digits, and is never empty', () => {
  expect(slug('Müller^Änne  CT/Thorax')).toBe('muller-anne-ct-thorax');
  expect(slug('../../etc/passwd')).toBe('etc-passwd');
  expect(slug('肺')).toBe('unnamed');
});

test('is a safe file name whatever comes in, and stable', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      expect(slug(text)).toMatch(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/);
      expect(slug(slug(text))).toBe(slug(text));
    }),
  );
});
