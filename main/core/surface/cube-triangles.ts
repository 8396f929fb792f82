/**
 * The table of marching cubes (Lorensen and Cline, SIGGRAPH 1987), made rather than copied: for each of the 256 ways in
 * which the corners of a cube lie inside or outside, the triangles between its edges.
 *
 * Corner c lies at x = c & 1, y = c >> 1 & 1, z = c >> 2. The edge along axis a (0: x, 1: y, 2: z) whose lower corner is c
 * has the number 8 a + c. Bit c of a case is 1 where corner c is inside.
 *
 * The published table leaves holes between neighbouring cubes, since a face with two inside corners that lie across is cut in one way
 * by a case and in another by its complement. Here a face is always cut so that inside corners across are apart; the cut
 * depends on the face alone, so two cubes that share it agree, and the surface is closed.
 */
export const cubeTriangles: readonly (readonly number[])[] = Array.from({ length: 256 }, (_, inside) =>
  trianglesOf(loopsOf(inside)),
);

/** Corners of the six faces, counter-clockwise seen from outside the cube. */
function facesOf(): number[][] {
  return [0, 1, 2].flatMap((axis) => {
    const [b, c] = [1 << ((axis + 1) % 3), 1 << ((axis + 2) % 3)];
    const around = [0, b, b + c, c];
    return [around.toReversed(), around.map((corner) => corner + (1 << axis))];
  });
}

/**
 * Closed walks over the cut edges, counter-clockwise seen from outside the surface. On a face each run of inside corners
 * gives one step: from the edge where the walk around the face comes in to that where it goes out.
 */
function loopsOf(inside: number): number[][] {
  const isInside = (corner: number): boolean => ((inside >> corner) & 1) === 1;
  const next = new Map<number, number>();
  for (const face of facesOf()) {
    for (let i = 0; i < 4; i++) {
      if (isInside(face[i]!) || !isInside(face[(i + 1) % 4]!)) continue;
      let last = i + 1;
      while (isInside(face[(last + 1) % 4]!)) last++;
      next.set(edgeOf(face[i]!, face[(i + 1) % 4]!), edgeOf(face[last % 4]!, face[(last + 1) % 4]!));
    }
  }
  const loops: number[][] = [];
  for (const start of [...next.keys()]) {
    const loop: number[] = [];
    for (let edge = start; next.has(edge);) {
      loop.push(edge);
      const following = next.get(edge)!;
      next.delete(edge);
      edge = following;
    }
    if (loop.length > 0) loops.push(loop);
  }
  return loops;
}

/** A fan over each loop. */
function trianglesOf(loops: readonly (readonly number[])[]): number[] {
  return loops.flatMap((loop) =>
    Array.from({ length: loop.length - 2 }, (_, i) => [loop[0]!, loop[i + 1]!, loop[i + 2]!]).flat(),
  );
}

function edgeOf(a: number, b: number): number {
  const axis = Math.log2(a ^ b);
  return 8 * axis + Math.min(a, b);
}
