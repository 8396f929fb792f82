/** Rows that a frame has time for. */
const rowsAFrame = 24;

/** Counts up to `total`, some each frame, until the returned function is called. */
export function growSlowly(total: number, show: (count: number) => void): () => void {
  let count = 0;
  let frame = 0;
  const grow = (): void => {
    count = Math.min(total, count + rowsAFrame);
    show(count);
    if (count < total) frame = requestAnimationFrame(grow);
  };
  grow();
  return () => cancelAnimationFrame(frame);
}
