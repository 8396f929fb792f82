import { drawThumbnail } from './draw-thumbnail.ts';
import type { FromThumbnails, ToThumbnails } from './thumbnail-message.ts';

// The thread that reads one plane of a volume by its range and draws it small.
const running = new Map<number, AbortController>();

addEventListener('message', ({ data }: MessageEvent<ToThumbnails>) => {
  if (data.type === 'cancel') running.get(data.id)?.abort();
  else void answer(data);
});

type Draw = Extract<ToThumbnails, { type: 'draw' }>;

async function answer(request: Draw): Promise<void> {
  const abort = new AbortController();
  running.set(request.id, abort);
  let png: Blob | null = null;
  try {
    png = await draw(request, abort.signal);
  } catch {
    // Without a picture a series is listed all the same; opening it says what is wrong with its files.
  } finally {
    running.delete(request.id);
  }
  postMessage({ id: request.id, png } satisfies FromThumbnails);
}

async function draw({ url, startByte, shape, modality }: Draw, signal: AbortSignal): Promise<Blob | null> {
  const bytes = shape.rows * shape.columns * Float32Array.BYTES_PER_ELEMENT;
  const range = `bytes=${startByte}-${startByte + bytes - 1}`;
  const response = await fetch(url, { headers: { Range: range }, signal });
  if (response.status !== 206) return null;
  const plane = await response.arrayBuffer();
  if (plane.byteLength !== bytes) return null;
  const { width, height, rgba } = drawThumbnail(new Float32Array(plane), shape, modality);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.putImageData(new ImageData(rgba, width, height), 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}
