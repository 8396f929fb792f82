/** The body of a request; null once it holds more than `limit` bytes, whatever its header claims. */
export async function readBody(request: Request, limit: number): Promise<Uint8Array | null> {
  const claimed = Number(request.headers.get('Content-Length') ?? 0);
  if (claimed > limit) return null;
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
