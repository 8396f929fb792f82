import { describe, expect, it } from 'vitest';
import { filledInSlices } from '../../../../main/core/label-rules/fill-holes.ts';

/** A slice drawn in rows of # and spaces. */
const slice = (...rows: string[]) => Uint8Array.from(rows.join(''), (voxel) => Number(voxel === '#'));

describe('filledInSlices', () => {
  it('fills what a slice encloses, though the volume is open above and below', () => {
    const mask = slice(
      '#####', //
      '#   #',
      '# # #',
      '#   #',
      '#####',
    );
    expect(filledInSlices(mask, [1, 5, 5])).toEqual(new Uint8Array(25).fill(1));
    const three = Uint8Array.from([...new Uint8Array(25), ...mask, ...new Uint8Array(25)]);
    const filled = filledInSlices(three, [3, 5, 5]);
    expect([0, 1, 2].map((z) => filled.subarray(z * 25, z * 25 + 25).reduce((a, b) => a + b))).toEqual([
      0, 25, 0,
    ]);
  });

  it('fills holes up to a size alone', () => {
    const mask = slice(
      '#######', //
      '# ##  #',
      '####  #',
      '#######',
    );
    expect(filledInSlices(mask, [1, 4, 7], 3)).toEqual(slice('#######', '####  #', '####  #', '#######'));
    expect(filledInSlices(mask, [1, 4, 7], 4)).toEqual(new Uint8Array(28).fill(1));
  });

  it('takes no gap across a corner for a way out, and an open edge for one', () => {
    const open = slice(
      '#####', //
      '#   #',
      '# ###',
    );
    expect(filledInSlices(open, [1, 3, 5])).toEqual(open);
    const cornered = slice(
      ' ##  ', //
      '#  # ',
      ' # # ',
      '  #  ',
    );
    expect(filledInSlices(cornered, [1, 4, 5])).toEqual(slice(' ##  ', '#### ', ' ### ', '  #  '));
  });
});
