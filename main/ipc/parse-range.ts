/** One range `bytes=a-b` (RFC 9110, 14.2) as [start, end); all where there is none; null for others and outside. */
export function parseRange(header: string | null, totalBytes: number): { start: number; end: number } | null {
  if (header === null) return { start: 0, end: totalBytes };
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header);
  if (!match) return null;
  const start = Number(match[1]);
  const end = match[2] === '' ? totalBytes : Math.min(totalBytes, Number(match[2]) + 1);
  return start < end ? { start, end } : null;
}

/** 416: nothing of what is there was asked for. */
export function rangeRefused(totalBytes: number): Response {
  return new Response('', { status: 416, headers: { 'Content-Range': `bytes */${totalBytes}` } });
}

/** 206: bytes [start, end) of `totalBytes`. */
export function partOf(bytes: Uint8Array, start: number, totalBytes: number): Response {
  return new Response(streamOf(bytes), {
    status: 206,
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Length': String(bytes.length),
      'Content-Range': `bytes ${start}-${start + bytes.length - 1}/${totalBytes}`,
    },
  });
}

/** What is passed on at one go. */
const pieceBytes = 1 << 18;

/** Bytes as a stream of views: a `Response` of the bytes themselves would copy them all at once, and a window would wait. */
function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull: (controller) => {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, (at += pieceBytes)) as Uint8Array<ArrayBuffer>);
    },
  });
}
