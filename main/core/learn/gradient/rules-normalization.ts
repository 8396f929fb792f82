import { floatAttribute } from '../../onnx/node-attributes.ts';
import { range, type GradientRule } from './gradient-rule.ts';

/**
 * InstanceNormalization: y = γ x̂ + β with x̂ = (x − μ) / √(σ² + ε) over the spatial axes of each channel. Mean and deviation
 * are computed again, which costs less than to keep x̂ of every layer.
 * dx = γ / √(σ² + ε) · (dy − mean(dy) − x̂ · mean(dy · x̂)) (Ioffe and Szegedy 2015, section 3, one instance at a time), written
 * with few passes over the voxels: dy and x − μ, each by a factor of its channel, and an offset.
 */
const instanceNormalization: GradientRule = (view, gradient) => {
  const { builder: b } = view;
  const shape = view.inputShape(0);
  const axes = range(shape.length - 2, 2);
  const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
  const x = view.input(0);
  const centred = b.sub(x, b.mean(x, axes, 1));
  const epsilon = b.scalar(floatAttribute(view.node, 'epsilon', 1e-5));
  const variance = b.add(b.mean(b.mul(centred, centred), axes, 1), epsilon);
  const deviation = b.op('Sqrt', [variance]);
  // Sums over space, one a batch entry and channel: of them come all three gradients.
  const sum = b.sum(gradient, axes, 1);
  const sumCentred = b.sum(b.mul(gradient, centred), axes, 1);
  const perChannel = (name: string): string => b.sum(name, [0, ...axes], 0);
  return [
    view.wants(0) ? input() : undefined,
    view.wants(1) ? perChannel(b.div(sumCentred, deviation)) : undefined,
    view.wants(2) ? perChannel(sum) : undefined,
  ];

  function input(): string {
    const gamma = b.reshape(view.input(1), [1, shape[1]!, ...axes.map(() => 1)]);
    const factor = b.div(gamma, deviation);
    const common = b.mul(factor, b.scale(sum, 1 / count));
    const along = b.mul(factor, b.div(b.scale(sumCentred, 1 / count), variance));
    return b.sub(b.mul(factor, gradient), b.add(b.mul(along, centred), common));
  }
};

export const normalizationRules: Readonly<Record<string, GradientRule>> = {
  InstanceNormalization: instanceNormalization,
};
