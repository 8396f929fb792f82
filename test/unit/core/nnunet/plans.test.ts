import { describe, expect, it } from 'vitest';
import { ModelFormatError } from '../../../../main/core/model/model-format-error.ts';
import { readDataset } from '../../../../main/core/nnunet/dataset.ts';
import { readPlans } from '../../../../main/core/nnunet/plans.ts';
import { checkTrainer } from '../../../../main/core/nnunet/trainers.ts';
import { makePlans, tinyDataset } from '../../../fixtures/make-checkpoint.ts';

const cube = (n: number) => [n, n, n];

const newArchitecture = {
  network_class_name: 'dynamic_network_architectures.architectures.unet.PlainConvUNet',
  arch_kwargs: {
    n_stages: 2,
    features_per_stage: [4, 8],
    conv_op: 'torch.nn.modules.conv.Conv3d',
    kernel_sizes: [cube(3), cube(3)],
    strides: [cube(1), cube(2)],
    n_conv_per_stage: [1, 1],
    n_conv_per_stage_decoder: [1],
    conv_bias: true,
    norm_op: 'torch.nn.modules.instancenorm.InstanceNorm3d',
    norm_op_kwargs: { eps: 1e-5, affine: true },
    dropout_op: null,
    dropout_op_kwargs: null,
    nonlin: 'torch.nn.LeakyReLU',
    nonlin_kwargs: { inplace: true },
  },
  _kw_requires_import: ['conv_op', 'norm_op', 'dropout_op', 'nonlin'],
};

function withArchitecture(change: Record<string, unknown>, args: Record<string, unknown> = {}) {
  const arch_kwargs = { ...newArchitecture.arch_kwargs, ...args };
  return makePlans({ architecture: { ...newArchitecture, arch_kwargs, ...change } });
}

describe('plans.json', () => {
  it('means the same network in the old and in the new format', () => {
    const old = readPlans(makePlans(), '3d_fullres');
    expect(readPlans(withArchitecture({}), '3d_fullres')).toEqual(old);
    expect(old.architecture.features).toEqual([4, 8]);
    expect(old.spacingMm).toEqual([2, 1.5, 1.5]);
  });

  it('takes one number for every stage', () => {
    const spread = readPlans(
      withArchitecture({}, { kernel_sizes: [3, 3], strides: [1, 2], n_conv_per_stage: 1 }),
      '3d_fullres',
    );
    expect(spread).toEqual(readPlans(makePlans(), '3d_fullres'));
  });

  it('lays a configuration over the one it inherits from', () => {
    const plans = makePlans();
    const configurations = plans['configurations'] as Record<string, unknown>;
    const json = {
      ...plans,
      configurations: {
        ...configurations,
        '3d_lowres': { inherits_from: '3d_fullres', spacing: [4, 3, 3] },
        '3d_lowres_b': { inherits_from: '3d_lowres', patch_size: [32, 32, 32] },
      },
    };
    const read = readPlans(json, '3d_lowres_b');
    expect([read.spacingMm, read.patch]).toEqual([
      [4, 3, 3],
      [32, 32, 32],
    ]);
  });

  it.each<[string, RegExp, unknown]>([
    ['an absurd patch', /patch_size/, makePlans({ patch_size: [4096, 4096, 4096] })],
    ['a patch beyond memory', /larger than any machine/, makePlans({ patch_size: [1024, 1024, 1024] })],
    ['a patch that the strides do not divide', /not divisible/, makePlans({ patch_size: [17, 16, 16] })],
    ['a 2D network', /patch_size/, makePlans({ patch_size: [64, 64] })],
    ['a million features', /UNet_base_num_features/, makePlans({ UNet_base_num_features: 1e6 })],
    [
      'a thousand stages',
      /conv_kernel_sizes/,
      makePlans({ conv_kernel_sizes: new Array(1000).fill(cube(3)) }),
    ],
    ['a billion convolutions', /n_conv_per_stage_encoder/, makePlans({ n_conv_per_stage_encoder: [1e9, 1] })],
    ['lists of different lengths', /different lengths/, makePlans({ n_conv_per_stage_encoder: [1, 1, 1] })],
    ['an even kernel', /must be odd/, makePlans({ conv_kernel_sizes: [cube(2), cube(3)] })],
    ['a stride in the first stage', /first stage/, makePlans({ pool_op_kernel_sizes: [cube(2), cube(2)] })],
    ['a spacing of zero', /spacing/, makePlans({ spacing: [0, 1, 1] })],
    ['an unknown architecture', /SwinUNETR/, makePlans({ UNet_class_name: 'SwinUNETR' })],
    [
      'an unknown architecture, new format',
      /primus\.Primus/,
      withArchitecture({ network_class_name: 'a.primus.Primus' }),
    ],
    ['2D convolutions', /conv\.Conv2d/, withArchitecture({}, { conv_op: 'torch.nn.modules.conv.Conv2d' })],
    ['an unknown norm', /GroupNorm/, withArchitecture({}, { norm_op: 'torch.nn.GroupNorm' })],
    ['an unknown activation', /torch\.nn\.GELU/, withArchitecture({}, { nonlin: 'torch.nn.GELU' })],
    [
      'an argument that we do not know',
      /squeeze_excitation/,
      withArchitecture({}, { squeeze_excitation: true }),
    ],
    ['an unknown preprocessor', /CTPreprocessor/, makePlans({ preprocessor_name: 'CTPreprocessor' })],
    [
      'an unknown resampling',
      /resample_torch_fornnunet/,
      makePlans({ resampling_fn_data: 'resample_torch_fornnunet' }),
    ],
    ['an unknown label manager', /MyLabels/, { ...makePlans(), label_manager: 'MyLabels' }],
    ['a cascade', /second stage of a cascade/, makePlans({ previous_stage: '3d_lowres' })],
    ['a transposition that is none', /transpose_forward/, { ...makePlans(), transpose_forward: [0, 0, 1] }],
    ['inheritance in a circle', /inherits from itself/, makePlans({ inherits_from: '3d_fullres' })],
    [
      'an ancestor from the prototype',
      /no configuration constructor/,
      makePlans({ inherits_from: 'constructor' }),
    ],
    ['something else', /plans\.json/, [1, 2, 3]],
  ])('refuses %s', (_, message, json) => {
    expect(() => readPlans(json, '3d_fullres')).toThrow(ModelFormatError);
    expect(() => readPlans(json, '3d_fullres')).toThrow(message);
  });

  it('names the configurations that there are where one is missing', () => {
    expect(() => readPlans(makePlans(), '3d_lowres')).toThrow(
      /no configuration 3d_lowres \(it has 3d_fullres\)/,
    );
  });
});

describe('dataset.json', () => {
  it('reads labels, leaving out background and ignore', () => {
    const labels = { background: 0, liver: 1, tumour: 2, ignore: 3 };
    const dataset = readDataset({ ...tinyDataset, labels });
    expect(dataset.labels).toEqual([
      { value: 1, name: 'liver' },
      { value: 2, name: 'tumour' },
    ]);
    expect(dataset.decision).toEqual({ kind: 'argmax', values: [0, 1, 2] });
    expect(dataset.licence).toBe('CC BY 4.0');
  });

  it('reads the older key for channels', () => {
    const { channel_names: _, ...rest } = tinyDataset;
    expect(readDataset({ ...rest, modality: { 0: 'T1', 1: 'FLAIR' } }).channels).toEqual(['T1', 'FLAIR']);
  });

  it('names what is left of a region after later ones painted over it', () => {
    const labels = { background: 0, whole: [1, 2, 3], core: [2, 3], enhancing: 3, lung: 4 };
    const dataset = readDataset({ ...tinyDataset, labels, regions_class_order: [1, 2, 3, 4] });
    expect(dataset.decision).toEqual({ kind: 'regions', values: [1, 2, 3, 4] });
    expect(dataset.labels.map(({ name }) => name)).toEqual([
      'whole without core',
      'core without enhancing',
      'enhancing',
      'lung',
    ]);
  });

  it.each<[string, RegExp, unknown]>([
    ['no background', /labels\.background/, { ...tinyDataset, labels: { liver: 1 } }],
    ['gaps', /without gaps/, { ...tinyDataset, labels: { background: 0, liver: 2 } }],
    ['values beyond a byte', /labels/, { ...tinyDataset, labels: { background: 0, liver: 256 } }],
    [
      'regions without their order',
      /regions_class_order/,
      { ...tinyDataset, labels: { background: 0, a: [1, 2], b: 2 } },
    ],
    [
      'a region that paints background',
      /paints background/,
      { ...tinyDataset, labels: { background: 0, a: [1, 2] }, regions_class_order: [0] },
    ],
    [
      'channels that skip a number',
      /numbered from 0/,
      { ...tinyDataset, channel_names: { 0: 'CT', 2: 'PET' } },
    ],
    ['no channels', /0 channels/, { ...tinyDataset, channel_names: {} }],
  ])('refuses %s', (_, message, json) => {
    expect(() => readDataset(json)).toThrow(ModelFormatError);
    expect(() => readDataset(json)).toThrow(message);
  });
});

describe('trainers', () => {
  it.each([
    'nnUNetTrainer',
    'nnUNetTrainerNoMirroring',
    'nnUNetTrainer_250epochs',
    'nnUNetTrainer_4000epochs_NoMirroring',
    'nnUNetTrainer_2000epochs_NoMirroring',
    'nnUNetTrainerDA5',
    'nnUNetTrainer_onlyMirror01_1500ep',
    'nnUNetTrainer_DASegOrd0_NoMirroring',
    'nnUNetTrainer_MOSAIC_1k_QuarterLR_NoMirroring',
    'nnUNetTrainerDiceCELoss_noSmooth',
    'nnUNetTrainerNoDeepSupervision',
  ])('accepts %s', (name) => {
    expect(() => checkTrainer(name)).not.toThrow();
  });

  it.each([
    'nnUNetTrainerBN',
    'nnUNetTrainer_HRNet18',
    'STUNetTrainer',
    'MyTrainer',
    'nnUNetTrainerNoMirroringX',
    '',
  ])('refuses %s by name', (name) => {
    expect(() => checkTrainer(name)).toThrow(ModelFormatError);
    expect(() => checkTrainer(name)).toThrow(name);
  });
});
