import { describe, expect, test } from 'vitest';
import { matches } from '../../../../renderer/ui/shortcuts.ts';

const press = (key: string, held: Partial<KeyboardEvent> = {}): KeyboardEvent =>
  ({
    key,
    code: '',
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...held,
  }) as KeyboardEvent;

describe('matches', () => {
  test('needs the keys that are named and no others', () => {
    expect(matches('Ctrl+Z', press('z', { ctrlKey: true }))).toBe(true);
    expect(matches('Ctrl+Z', press('z', { metaKey: true }))).toBe(true);
    expect(matches('Ctrl+Z', press('Z', { ctrlKey: true, shiftKey: true }))).toBe(false);
    expect(matches('Ctrl+Shift+Z', press('Z', { ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(matches('Ctrl+Z', press('z'))).toBe(false);
    expect(matches('b', press('b'))).toBe(true);
    expect(matches('B', press('b'))).toBe(true);
    expect(matches('B', press('b', { altKey: true }))).toBe(false);
  });

  test('lets a sign need Shift or not, as keyboards do', () => {
    expect(matches('?', press('?', { shiftKey: true }))).toBe(true);
    expect(matches('?', press('?'))).toBe(true);
    expect(matches('+', press('+', { shiftKey: true }))).toBe(true);
    expect(matches('Ctrl++', press('+', { ctrlKey: true }))).toBe(true);
    expect(matches('[', press('['))).toBe(true);
  });

  test('knows digits by their place, since Alt changes what they give', () => {
    expect(matches('Alt+2', press('€', { code: 'Digit2', altKey: true }))).toBe(true);
    expect(matches('Alt+2', press('2', { altKey: true }))).toBe(true);
    expect(matches('Alt+2', press('2'))).toBe(false);
  });

  test('knows named keys', () => {
    expect(matches('Space', press(' '))).toBe(true);
    expect(matches('ArrowUp', press('ArrowUp'))).toBe(true);
    expect(matches('Shift+ArrowUp', press('ArrowUp'))).toBe(false);
  });
});
