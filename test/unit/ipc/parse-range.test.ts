import { describe, expect, test } from 'vitest';
import { parseRange, partOf, rangeRefused } from '../../../main/ipc/parse-range.ts';

describe('a range of 100 bytes', () => {
  test.each([
    [null, 0, 100],
    ['bytes=0-9', 0, 10],
    ['bytes=90-', 90, 100],
    ['bytes=90-99', 90, 100],
    // RFC 9110, 14.1.2: an end behind the last byte means the last byte.
    ['bytes=90-4294967295', 90, 100],
    ['bytes=99-99', 99, 100],
  ])('%s', (header, start, end) => {
    expect(parseRange(header, 100)).toEqual({ start, end });
  });

  test.each([
    'bytes=100-',
    'bytes=100-200',
    'bytes=9-8',
    'bytes=-5',
    'bytes=0-1,5-6',
    'bytes=',
    'bytes=a-b',
    'bytes=-1-5',
    'bytes=0x0-0x9',
    'bytes=1.5-2',
    'bytes=0-9 ',
    'bytes=00000000000000000000-1',
    'bytes=9999999999999999-',
    'items=0-9',
    '',
  ])('%j is refused', (header) => {
    expect(parseRange(header, 100)).toBeNull();
  });

  test('nothing is to be had of nothing', () => {
    expect(parseRange('bytes=0-0', 0)).toBeNull();
  });
});

test('the answers say which bytes they hold', async () => {
  const part = partOf(Uint8Array.of(7, 8), 4, 10);
  expect([part.status, part.headers.get('Content-Range')]).toEqual([206, 'bytes 4-5/10']);
  expect(new Uint8Array(await part.arrayBuffer())).toEqual(Uint8Array.of(7, 8));
  const refused = rangeRefused(10);
  expect([refused.status, refused.headers.get('Content-Range')]).toEqual([416, 'bytes */10']);
});
