/** What the voxels of a volume are held in: 16 bits take nearly every CT and MR in half the memory of float. */
export const voxelTypes = ['int16', 'uint16', 'float32'] as const;
export type VoxelType = (typeof voxelTypes)[number];

export const bytesPerVoxel: Readonly<Record<VoxelType, number>> = { int16: 2, uint16: 2, float32: 4 };
