import { operatorName } from '../../onnx/infer-shapes.ts';
import type { GraphView } from './graph-view.ts';

/**
 * Where a value is another one less its last slices (stack-taps makes such), that other one, else the value itself.
 * Who takes parts of it by their index anyhow can take them from there, so that nothing is copied.
 */
export function uncut(view: GraphView, name: string): string {
  const node = view.producer(name);
  if (!node || operatorName(node) !== 'Slice') return name;
  const [whole = '', from, , axes, steps] = node.inputs;
  const plain = view.integers(from)?.join() === '0' && view.integers(axes)?.join() === '2' && !steps;
  return plain ? whole : name;
}
