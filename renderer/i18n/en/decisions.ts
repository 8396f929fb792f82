/** Which variant runs where and why; what a device did wrong; what a job is at. */
export const decisions = {
  runs: 'The variant {{variant}}{{overlap}} runs on {{device}} in about {{time}}{{late}}{{pieces}}, {{because}}{{caveats}}.',
  overlap: ' (overlap with the full model {{percent}})',
  overlapUnknown: ' (never compared with the full model)',
  late: ' instead of the {{wish}} wished for',
  pieces: ', in smaller pieces than it was made for',
  because: {
    mostFaithful: 'and no variant is more faithful',
    obstacle: 'because {{obstacle}}',
    fastest: 'the fastest that is faithful enough',
    askedFor: 'as you asked',
    askedForObstacle: 'as you asked, because {{obstacle}}',
  },
  obstacle: {
    memory: 'the variant {{variant}} needs {{needed}} of memory and {{usable}} can be used',
    time: 'the variant {{variant}} would take about {{time}}',
    timeWish: 'the variant {{variant}} would take about {{time}} and {{wish}} were wished for',
    ranOutOfMemory: 'the variant {{variant}} ran out of memory before',
    noDevice: 'no device here runs the variant {{variant}}',
  },
  caveat: {
    lessFaithful: '; it is less faithful than is advised',
    unchecked: '; the device has not been checked for right results',
    setAside: '; {{device}} is not used: {{failure}}',
  },
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
  setback: {
    outOfMemory: '{{variant}} ran out of memory on {{device}}; something smaller is tried.',
    deviceFailed: '{{device}} failed; another device is tried.',
    engineDied: 'The process that runs networks ended; it is started again and goes on.',
    other: '{{variant}} on {{device}} did not work; something else is tried.',
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
  stage: {
    load: 'Reading the images',
    preprocess: 'Preparing the images',
    predict: 'Running the network',
    restore: 'Placing the labels',
    measure: 'Measuring',
    export: 'Writing files',
    compress: 'Compressing',
    compare: 'Comparing',
  },
  unit: {
    seconds: '{{n}} s',
    minutes: '{{n}} min',
    hours: '{{n}} h',
    gigabytes: '{{n}} GB',
    megabytes: '{{n}} MB',
  },
};
