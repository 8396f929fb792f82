import { getRenderingEngine, type Types } from '@cornerstonejs/core';
import '@kitware/vtk.js/Rendering/Profiles/Geometry.js';
import vtkCellArray from '@kitware/vtk.js/Common/Core/CellArray.js';
import vtkDataArray from '@kitware/vtk.js/Common/Core/DataArray.js';
import vtkPolyData from '@kitware/vtk.js/Common/DataModel/PolyData.js';
import vtkActor from '@kitware/vtk.js/Rendering/Core/Actor.js';
import vtkMapper from '@kitware/vtk.js/Rendering/Core/Mapper.js';
import type { Vec3 } from '../../../main/core/volume/volume.ts';
import type { Viewer } from '../viewer.ts';
import type { SurfaceMesh } from './worker-messages.ts';

/** Surfaces of labels in the 3D view of a viewer, an actor each. */
export class SurfaceScene {
  #viewer: Viewer;
  #actors = new Map<number, vtkActor>();

  constructor(viewer: Viewer) {
    this.#viewer = viewer;
  }

  has(value: number): boolean {
    return this.#actors.has(value);
  }

  /** Puts a surface in place of the one of that label; null takes it away. */
  set(value: number, mesh: SurfaceMesh | null, color: Vec3): void {
    this.#remove(value);
    if (!mesh) return;
    const actor = vtkActor.newInstance();
    const mapper = vtkMapper.newInstance();
    mapper.setInputData(polyDataOf(mesh));
    mapper.setScalarVisibility(false);
    actor.setMapper(mapper);
    const property = actor.getProperty();
    property.setColor(...(color.map((part) => part / 255) as [number, number, number]));
    property.setAmbient(0.15);
    property.setDiffuse(0.85);
    property.setSpecular(0.15);
    property.setSpecularPower(12);
    this.#viewport?.addActor({ uid: this.#uidOf(value), actor: actor as unknown as Types.Actor });
    this.#actors.set(value, actor);
  }

  show(isShown: (value: number) => boolean): void {
    for (const [value, actor] of this.#actors) actor.setVisibility(isShown(value));
    this.render();
  }

  render(): void {
    this.#viewport?.render();
  }

  clear(): void {
    for (const value of [...this.#actors.keys()]) this.#remove(value);
    this.render();
  }

  #remove(value: number): void {
    const actor = this.#actors.get(value);
    if (!actor) return;
    this.#actors.delete(value);
    this.#viewport?.removeActors([this.#uidOf(value)]);
    actor.getMapper()?.delete();
    actor.delete();
  }

  #uidOf(value: number): string {
    return `${this.#viewer.renderingEngineId}-surface-${value}`;
  }

  /** Gone with its viewer. */
  get #viewport(): Types.IVolumeViewport | undefined {
    const engine = getRenderingEngine(this.#viewer.renderingEngineId);
    return engine?.getViewport(this.#viewer.viewportIds.volume3d) as Types.IVolumeViewport | undefined;
  }
}

/** vtk lists a triangle as its count of corners and their numbers. */
function polyDataOf({ positions, normals, triangles }: SurfaceMesh): vtkPolyData {
  const cells = new Uint32Array((triangles.length / 3) * 4);
  for (let t = 0, at = 0; t < triangles.length; t += 3) {
    cells[at++] = 3;
    cells[at++] = triangles[t]!;
    cells[at++] = triangles[t + 1]!;
    cells[at++] = triangles[t + 2]!;
  }
  const mesh = vtkPolyData.newInstance();
  mesh.getPoints().setData(positions, 3);
  mesh.setPolys(vtkCellArray.newInstance({ values: cells }));
  mesh
    .getPointData()
    .setNormals(vtkDataArray.newInstance({ name: 'Normals', values: normals, numberOfComponents: 3 }));
  return mesh;
}
