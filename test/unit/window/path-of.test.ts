import { describe, expect, test } from 'vitest';
import { pathOf } from '../../../main/window/path-of.ts';

describe('the path of a URL of the private scheme', () => {
  test.each([
    ['thinslice://app/', ['']],
    ['thinslice://app/assets/index.js?v=1#x', ['assets', 'index.js']],
    ['thinslice://app/voxels/1.2.3/1.2.3%232', ['voxels', '1.2.3', '1.2.3#2']],
    // A URL parser takes such steps away itself: what is left stays inside.
    ['thinslice://app/../../etc/passwd', ['etc', 'passwd']],
    ['thinslice://app/a/%2e%2e/%2E%2E/etc/passwd', ['etc', 'passwd']],
  ])('%s', (url, path) => {
    expect(pathOf(url)).toEqual(path);
  });

  test.each([
    'thinslice://app/..%2f..%2fetc%2fpasswd',
    'thinslice://app/a/..%5c..%5cwindows',
    'thinslice://app/a/%2e%2e%2fb',
    'thinslice://app/index.html%00.js',
    'thinslice://app/%',
    'thinslice://app/%ff',
    'thinslice://other/index.html',
    'thinslice:///index.html',
    'https://app/index.html',
    'file:///etc/passwd',
    'no url',
  ])('%s is refused', (url) => {
    expect(pathOf(url)).toBeNull();
  });
});
