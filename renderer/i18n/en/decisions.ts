/** Why nothing can be chosen, and what a device did wrong. */
export const decisions = {
  refusal: {
    noVariants: 'The model has no variant to run.',
    noDevice: 'No device of this computer runs a variant of this model that is faithful enough.',
    unknownVariant: 'The model has no variant {{variant}}.',
    unknownDevice: 'This computer has no device {{device}}.',
    deviceSetAside: '{{device}} is not used: {{failure}}.',
    wrongProvider: 'The variant {{variant}} does not run on {{device}}. Choose another device or variant.',
    neverCompared:
      'No variant of this model was ever compared with the full one. Evaluate one on the Models page, or choose the one to use.',
    belowFloor:
      'The most faithful variant reaches {{best}} overlap with the full model, and {{floor}} are asked for. Choose it to use it nevertheless.',
    tooLittleMemory:
      'Not enough memory: the variant {{variant}} needs {{needed}} on {{device}}, and {{usable}} can be used. Close other programs, or make a smaller variant.',
    ranOutOfMemory:
      'Every variant that might fit has run out of memory. Close other programs, or make a smaller variant.',
  },
  failure: {
    threw: 'it could not run the test network ({{detail}})',
    failedAtWork: 'it failed while it ran the network ({{detail}})',
    wrongSize: 'it gave {{got}} numbers instead of {{expected}}',
    notANumber_one: 'it gave {{count}} value that is not a number',
    notANumber_other: 'it gave {{count}} values that are not numbers',
    allZero: 'it gave nothing but zeros',
    wrongLabels: '{{percent}} of the labels differ from those of the processor',
  },
};
