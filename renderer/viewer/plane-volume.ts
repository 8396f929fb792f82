import { cache, Enums, ImageVolume, metaData, utilities, type Types } from '@cornerstonejs/core';
import type { Grid, Vec3 } from '../../main/core/volume/volume.ts';
import { lpsOfIndex } from './grid-points.ts';
import { voxelArrays, type PlaneVoxels } from './load-planes.ts';
import type { VoxelType } from '../../main/contract/voxel-type.ts';

/** A Cornerstone volume that is filled plane by plane, in any order. */
export interface PlaneVolume {
  readonly volumeId: string;
  readonly volume: ImageVolume;
  /** Takes a plane (not copied); it goes to the card with a later `upload`. */
  readonly setPlane: (plane: number, voxels: PlaneVoxels) => void;
  /** Marks planes for the card, those that arrived first, up to so many bytes; false where none was left. */
  readonly upload: (bytes: number) => boolean;
  /** Voxels that have arrived, plane by plane. */
  readonly arrivedPlanes: () => readonly PlaneVoxels[];
  readonly destroy: () => void;
}

export interface PlaneVolumeOptions {
  readonly volumeId: string;
  readonly grid: Grid;
  readonly voxelType: VoxelType;
  readonly modality: string;
  readonly frameOfReferenceUid: string;
  /** What is shown where nothing has arrived. */
  readonly emptyValue: number;
}

const metadata = new Map<string, Readonly<Record<string, unknown>>>();
metaData.addProvider((type: string, imageId: string) => metadata.get(imageId)?.[type], 10_000);

/**
 * A volume as Cornerstone's createLocalVolume makes one, except that its planes are separate arrays which may come later,
 * each with its own position, and that nothing walks through all voxels. Array order z, y, x becomes Cornerstone's
 * x, y, z. It stays in Cornerstone's cache until `destroy`.
 */
export function createPlaneVolume(options: PlaneVolumeOptions): PlaneVolume {
  const { volumeId, grid, voxelType, emptyValue } = options;
  const [planes, rows, columns] = grid.shapeZyx;
  const Voxels = voxelArrays[voxelType];
  const empty = new Voxels(rows * columns).fill(emptyValue);
  const imageIds = Array.from({ length: planes }, (_, plane) => `${volumeId}/${plane}`);
  const images = imageIds.map((imageId, plane) => {
    metadata.set(imageId, planeMetadata(options, plane));
    const image = createImage(imageId, options, empty);
    cache.putImageSync(imageId, image);
    return image;
  });
  const volume = new ImageVolume({
    volumeId,
    imageIds,
    dimensions: xyz(grid.shapeZyx),
    spacing: xyz(grid.spacingZyxMm),
    origin: [...grid.originLps],
    direction: xyz(grid.directionsZyx).flat() as Types.Mat3,
    dataType: Voxels.name as Types.PixelDataTypedArrayString,
    metadata: volumeMetadata(options),
  });
  cache.putVolumeSync(volumeId, volume);
  const planesByIndex = new Map<number, PlaneVoxels>();
  const [arrived, others] = [new Set<number>(), new Set(imageIds.keys())];
  return {
    volumeId,
    volume,
    setPlane: (plane, voxels) => {
      images[plane]!.voxelManager = voxelManagerOf(imageIds[plane]!, grid, voxels);
      planesByIndex.set(plane, voxels);
      others.delete(plane);
      arrived.add(plane);
    },
    upload: (bytes) => {
      let left = Math.max(1, Math.floor(bytes / empty.byteLength));
      const marked = left;
      for (const waiting of [arrived, others]) {
        for (const plane of waiting) {
          if (left-- === 0) break;
          waiting.delete(plane);
          volume.vtkOpenGLTexture.setUpdatedFrame(plane);
        }
        if (left <= 0) break;
      }
      if (left === marked) return false;
      (volume.voxelManager as unknown as { invalidateCache: () => void }).invalidateCache();
      volume.imageData!.modified();
      return true;
    },
    arrivedPlanes: () => [...planesByIndex.values()],
    destroy: () => {
      volume.vtkOpenGLTexture.releaseGraphicsResources();
      volume.vtkOpenGLTexture.delete();
      cache.removeVolumeLoadObject(volumeId);
      for (const imageId of imageIds) {
        metadata.delete(imageId);
        cache.removeImageLoadObject(imageId, { force: true });
      }
    },
  };
}

function xyz<T>([z, y, x]: readonly [T, T, T]): [T, T, T] {
  return [x, y, z];
}

function voxelManagerOf(imageId: string, { shapeZyx: [, rows, columns] }: Grid, scalarData: PlaneVoxels) {
  return utilities.VoxelManager.createImageVoxelManager({
    id: imageId,
    width: columns,
    height: rows,
    numberOfComponents: 1,
    scalarData,
  });
}

function createImage(
  imageId: string,
  { grid, voxelType, frameOfReferenceUid }: PlaneVolumeOptions,
  voxels: PlaneVoxels,
) {
  const [, rows, columns] = grid.shapeZyx;
  const [, rowSpacing, columnSpacing] = grid.spacingZyxMm;
  const image: Types.IImage = {
    imageId,
    rows,
    columns,
    height: rows,
    width: columns,
    rowPixelSpacing: rowSpacing,
    columnPixelSpacing: columnSpacing,
    FrameOfReferenceUID: frameOfReferenceUid,
    dataType: voxelArrays[voxelType].name as Types.PixelDataTypedArrayString,
    voxelManager: voxelManagerOf(imageId, grid, voxels) as Types.IVoxelManager<number>,
    getPixelData: () => image.voxelManager!.getScalarData() as Types.PixelDataTypedArray,
    getCanvas: () => {
      throw new Error('A plane is drawn by the graphics card');
    },
    sizeInBytes: voxels.byteLength,
    slope: 1,
    intercept: 0,
    minPixelValue: 0,
    maxPixelValue: 0,
    windowCenter: 0,
    windowWidth: 0,
    voiLUTFunction: Enums.VOILUTFunctionType.LINEAR,
    color: false,
    rgba: false,
    numberOfComponents: 1,
    invert: false,
    photometricInterpretation: 'MONOCHROME2',
  };
  return image;
}

function volumeMetadata({
  grid,
  voxelType,
  modality,
  frameOfReferenceUid,
}: PlaneVolumeOptions): Types.Metadata {
  const bits = voxelArrays[voxelType].BYTES_PER_ELEMENT * 8;
  const [, rows, columns] = grid.shapeZyx;
  return {
    BitsAllocated: bits,
    BitsStored: bits,
    HighBit: bits - 1,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    PixelRepresentation: voxelType === 'uint16' ? 0 : 1,
    Modality: modality,
    ImageOrientationPatient: [...grid.directionsZyx[2], ...grid.directionsZyx[1]],
    PixelSpacing: [grid.spacingZyxMm[1], grid.spacingZyxMm[2]],
    FrameOfReferenceUID: frameOfReferenceUid,
    Rows: rows,
    Columns: columns,
    voiLut: [],
    VOILUTFunction: Enums.VOILUTFunctionType.LINEAR,
  };
}

/** What Cornerstone's tools ask of a plane: where it lies and what its values are. */
function planeMetadata(options: PlaneVolumeOptions, plane: number): Readonly<Record<string, unknown>> {
  const { grid, modality, frameOfReferenceUid } = options;
  const [, rows, columns] = grid.shapeZyx;
  const [spacing, rowSpacing, columnSpacing] = grid.spacingZyxMm;
  const [, columnCosines, rowCosines] = grid.directionsZyx;
  const { BitsAllocated, BitsStored, HighBit, PixelRepresentation } = volumeMetadata(options);
  const index: Vec3 = [plane, 0, 0];
  return {
    [Enums.MetadataModules.IMAGE_PLANE]: {
      frameOfReferenceUID: frameOfReferenceUid,
      rows,
      columns,
      imageOrientationPatient: [...rowCosines, ...columnCosines],
      rowCosines,
      columnCosines,
      imagePositionPatient: lpsOfIndex(grid, index),
      pixelSpacing: [rowSpacing, columnSpacing],
      rowPixelSpacing: rowSpacing,
      columnPixelSpacing: columnSpacing,
      sliceThickness: spacing,
    },
    [Enums.MetadataModules.IMAGE_PIXEL]: {
      samplesPerPixel: 1,
      photometricInterpretation: 'MONOCHROME2',
      rows,
      columns,
      bitsAllocated: BitsAllocated,
      bitsStored: BitsStored,
      highBit: HighBit,
      pixelRepresentation: PixelRepresentation,
    },
    [Enums.MetadataModules.GENERAL_SERIES]: { modality },
    [Enums.MetadataModules.MODALITY_LUT]: { rescaleSlope: 1, rescaleIntercept: 0 },
  };
}
