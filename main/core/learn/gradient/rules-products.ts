import { range, sumTo, type GradientRule, type GradientView } from './gradient-rule.ts';

/** y = A B over the last two axes, the others broadcast: dA = dy Bᵀ, dB = Aᵀ dy. */
const matMul: GradientRule = (view, gradient) => {
  const { builder: b } = view;
  const side = (index: number, product: string): string | undefined => {
    const to = view.inputShape(index);
    const from = [...view.outputShape(0).slice(0, -2), ...to.slice(-2)];
    return sumTo(b, product, from, to);
  };
  return [
    view.wants(0) ? side(0, b.op('MatMul', [gradient, turned(view, 1)])) : undefined,
    view.wants(1) ? side(1, b.op('MatMul', [turned(view, 0), gradient])) : undefined,
  ];
};

function turned({ builder, input, inputShape }: GradientView, index: number): string {
  const rank = inputShape(index).length;
  return builder.transpose(input(index), [...range(rank - 2), rank - 1, rank - 2]);
}

export const productRules: Readonly<Record<string, GradientRule>> = { MatMul: matMul };
