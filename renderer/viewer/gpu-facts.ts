/** What the graphics card, as the browser shows it, can do for volumes. */
export interface GpuFacts {
  /** WebGL2 works at all. */
  readonly hasWebGl2: boolean;
  readonly max3dTextureSize: number;
  /** EXT_texture_norm16: 16-bit voxels as they are. */
  readonly hasNorm16: boolean;
  /** OES_texture_float_linear: smooth interpolation between float voxels. */
  readonly hasFloatLinear: boolean;
  /** No graphics card but a rasteriser on the CPU. */
  readonly isSoftware: boolean;
  readonly renderer: string;
}

const softwareRenderers = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export const noGpu: GpuFacts = {
  hasWebGl2: false,
  max3dTextureSize: 0,
  hasNorm16: false,
  hasFloatLinear: false,
  isSoftware: false,
  renderer: '',
};

/** Asks a context that is given up at once: a page has few of them. */
export function gatherGpuFacts(): GpuFacts {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return noGpu;
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  const facts: GpuFacts = {
    hasWebGl2: true,
    max3dTextureSize: Number(gl.getParameter(gl.MAX_3D_TEXTURE_SIZE)),
    hasNorm16: gl.getExtension('EXT_texture_norm16') !== null,
    hasFloatLinear: gl.getExtension('OES_texture_float_linear') !== null,
    isSoftware: softwareRenderers.test(renderer),
    renderer,
  };
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return facts;
}
