import { readFileSync } from 'node:fs';
import { createSession } from '../../native/onnxruntime/create-session.ts';

// node run-network.ts NETWORK INPUT_SHAPE OUTPUT_SHAPE: prints as JSON the seconds of the faster of two runs, and the MiB
// that this process needed at most, with nothing in it but the network, its input and its output. VmHWM begins with the
// process's own memory; ru_maxrss, which Node gives, keeps the parent's size through fork and exec.
const [file = '', ...shapes] = process.argv.slice(2);
const [inputShape, outputShape] = shapes.map((list) => list.split(',').map(Number));
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const { run } = await createSession(readFileSync(file), { name: 'CPU', provider: 'cpu', deviceId: 0 }, 2);
const input = new Float32Array(size(inputShape));
for (let i = 0; i < input.length; i++) input[i] = Math.sin(i * i);
const output = new Float32Array(size(outputShape));
let seconds = Infinity;
for (let round = 0; round < 2; round++) {
  const start = performance.now();
  await run(input, inputShape, output, outputShape);
  seconds = Math.min(seconds, (performance.now() - start) / 1000);
}
const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
console.log(JSON.stringify({ seconds, mebibytes: Number(kibibytes) / 1024 }));
