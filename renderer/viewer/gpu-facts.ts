import type { GpuFacts } from './decide-texture.ts';

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
