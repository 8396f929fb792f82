// onnxruntime's binaries for Linux and macOS (1.29 and later) send reports of sessions and models to their maker, and keep
// an identifier of the machine in the user's cache, unless this is set before their first session. Whoever starts the
// engine sets it too: a worker thread could not.
process.env['ORT_DISABLE_TELEMETRY'] = '1';
