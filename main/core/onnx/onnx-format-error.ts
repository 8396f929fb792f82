/** The file is not an ONNX file that we can use; the message names the cause in plain words. */
export class OnnxFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OnnxFormatError';
  }
}
