// Writes main/core/devices/self-check-answer.ts: what the CPU answers to the self-check's network. Run it after a
// change of that network: node resources/make-self-check-answer.ts
import { writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { answerLabels } from '../main/core/devices/self-check-labels.ts';
import {
  selfCheckClasses,
  selfCheckNetwork,
  selfCheckPatch,
  selfCheckShape,
} from '../main/core/devices/self-check-network.ts';
import { voxelCount } from '../main/core/volume/volume.ts';
import { createSession } from '../native/onnxruntime/create-session.ts';

const cpu = { provider: 'cpu', deviceId: 0, name: 'CPU' } as const;
const session = await createSession(selfCheckNetwork(), cpu, 1);
const logits = new Float32Array(selfCheckClasses * voxelCount(selfCheckShape));
await session.run(selfCheckPatch(), [1, 1, ...selfCheckShape], logits, [
  1,
  selfCheckClasses,
  ...selfCheckShape,
]);
await session.release();

const text = deflateSync(answerLabels(logits, selfCheckClasses), { level: 9 }).toString('base64');
const lines = text.match(/.{1,100}/g) ?? [];
writeFileSync(
  new URL('../main/core/devices/self-check-answer.ts', import.meta.url),
  `/** Made by resources/make-self-check-answer.ts: the labels that the CPU gives, see \`decodeLabels\`. */
export const selfCheckAnswer = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`,
);
