import { expect, test } from 'vitest';
import { isOnScreen } from '../../../main/window/is-on-screen.ts';

const screen = { x: 0, y: 25, width: 1920, height: 1055 };
const size = { width: 1366, height: 768 };

test.each([
  [0, 25, true],
  [-1200, 25, true],
  [1800, 900, true],
  [-1300, 25, false],
  [1900, 25, false],
  // Its title bar would lie above the screen: nobody could move it.
  [100, -300, false],
  [100, 1040, false],
  [1920 * 2, 25, false],
])('a window at %d, %d: %s', (x, y, expected) => {
  expect(isOnScreen({ x, y, ...size }, screen)).toBe(expected);
});
