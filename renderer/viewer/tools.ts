import {
  addTool,
  AngleTool,
  BaseTool,
  EllipticalROITool,
  Enums,
  LengthTool,
  PanTool,
  ToolGroupManager,
  TrackballRotateTool,
  ZoomTool,
  type Types,
} from '@cornerstonejs/tools';
import { measureLines } from './measure-text.ts';
import { measuredValues, type ToolStats } from './tool-stats.ts';
import type { Vec3 } from '../../main/core/volume/volume.ts';

/** What the left mouse button does in a plane. */
export const leftTools = ['cursor', 'window', 'pan', 'zoom', 'length', 'angle', 'ellipse'] as const;
export type LeftTool = (typeof leftTools)[number];

/** What the viewer's own tools do; each is told the viewport. */
export interface ToolActions {
  readonly pointAt: (viewportId: string, lps: Vec3) => void;
  /** By so many canvas pixels. */
  readonly dragWindow: (dx: number, dy: number) => void;
  readonly scroll: (viewportId: string, slices: number) => void;
}

interface ToolEvent {
  readonly detail: {
    readonly viewportId: string;
    readonly currentPoints: { readonly world: Vec3 };
    readonly deltaPoints: { readonly canvas: readonly [number, number] };
    readonly wheel: { readonly direction: number };
  };
}

/** A tool of ours: `configuration` holds the actions of the viewer that added it to its group. */
abstract class OwnTool extends BaseTool {
  constructor(props: Types.PublicToolProps) {
    super(props, { supportedInteractionTypes: ['Mouse'], configuration: {} });
  }
  protected get actions(): ToolActions {
    return this.configuration['actions'] as ToolActions;
  }
}

/** Sets the point that all planes go through, where the mouse is dragged. */
class CursorTool extends OwnTool {
  static override readonly toolName = 'ThinsliceCursor';
  mouseDragCallback({ detail }: ToolEvent): void {
    this.actions.pointAt(detail.viewportId, detail.currentPoints.world);
  }
}

/** Window width across, level up and down. (Cornerstone's own walks through a whole plane with each move.) */
class WindowTool extends OwnTool {
  static override readonly toolName = 'ThinsliceWindow';
  mouseDragCallback({ detail }: ToolEvent): void {
    this.actions.dragWindow(...detail.deltaPoints.canvas);
  }
}

class ScrollTool extends OwnTool {
  static override readonly toolName = 'ThinsliceScroll';
  mouseWheelCallback({ detail }: ToolEvent): void {
    this.actions.scroll(detail.viewportId, Math.sign(detail.wheel.direction));
  }
}

/** Names in Cornerstone's registry. */
export const toolNames: Readonly<Record<LeftTool, string>> = {
  cursor: CursorTool.toolName,
  window: WindowTool.toolName,
  pan: PanTool.toolName,
  zoom: ZoomTool.toolName,
  length: LengthTool.toolName,
  angle: AngleTool.toolName,
  ellipse: EllipticalROITool.toolName,
};
export const measureToolNames = {
  length: LengthTool.toolName as string,
  angle: AngleTool.toolName as string,
  ellipse: EllipticalROITool.toolName as string,
} as const;
export type MeasureTool = keyof typeof measureToolNames;

const ownTools = [CursorTool, WindowTool, ScrollTool];
const measureTools = [LengthTool, AngleTool, EllipticalROITool];

let registered = false;

function registerTools(): void {
  if (registered) return;
  registered = true;
  for (const tool of [...ownTools, ...measureTools, PanTool, ZoomTool, TrackballRotateTool]) addTool(tool);
}

export type ToolGroup = Types.IToolGroup;

const { MouseBindings } = Enums;

/** The group of the three planes: middle button pans, right button zooms, the wheel scrolls, the left button is chosen. `unit` is that of intensities. */
export function createPlaneTools(id: string, actions: ToolActions, unit: string): ToolGroup {
  registerTools();
  const group = ToolGroupManager.createToolGroup(id)!;
  for (const tool of ownTools) group.addTool(tool.toolName, { actions });
  for (const tool of [PanTool, ZoomTool]) group.addTool(tool.toolName);
  const getTextLines = ({ cachedStats }: { cachedStats: Record<string, ToolStats> }, targetId: string) =>
    measureLines(measuredValues(cachedStats[targetId] ?? {}), unit);
  for (const tool of measureTools) group.addTool(tool.toolName, { getTextLines });
  group.setToolActive(ScrollTool.toolName, { bindings: [{ mouseButton: MouseBindings.Wheel }] });
  chooseLeftTool(group, 'cursor');
  return group;
}

/** The group of the 3D view: left turns, middle pans, right and the wheel zoom. */
export function createVolumeTools(id: string): ToolGroup {
  registerTools();
  const group = ToolGroupManager.createToolGroup(id)!;
  for (const tool of [TrackballRotateTool, PanTool, ZoomTool]) group.addTool(tool.toolName);
  group.setToolActive(TrackballRotateTool.toolName, { bindings: [{ mouseButton: MouseBindings.Primary }] });
  group.setToolActive(PanTool.toolName, { bindings: [{ mouseButton: MouseBindings.Auxiliary }] });
  group.setToolActive(ZoomTool.toolName, {
    bindings: [{ mouseButton: MouseBindings.Secondary }, { mouseButton: MouseBindings.Wheel }],
  });
  return group;
}

export function removeTools(id: string): void {
  // It watches its elements' sizes until it is disabled.
  const group = ToolGroupManager.getToolGroup(id);
  if (group?.hasTool(TrackballRotateTool.toolName)) group.setToolDisabled(TrackballRotateTool.toolName);
  ToolGroupManager.destroyToolGroup(id);
}

/**
 * Gives the left button to a tool of the planes, or with null to none, so that another feature's tool may take it; the
 * other buttons stay, and what was measured stays movable.
 */
export function chooseLeftTool(group: ToolGroup, tool: LeftTool | null): void {
  const { Primary, Auxiliary, Secondary } = MouseBindings;
  group.setToolPassive(toolNames.cursor);
  group.setToolPassive(toolNames.window);
  for (const each of measureTools) group.setToolPassive(each.toolName);
  const bind = (name: string, ...buttons: number[]) =>
    group.setToolActive(name, { bindings: buttons.map((mouseButton) => ({ mouseButton })) });
  for (const each of ['pan', 'zoom'] as const)
    group.setToolPassive(toolNames[each], { removeAllBindings: true });
  bind(toolNames.pan, Auxiliary, ...(tool === 'pan' ? [Primary] : []));
  bind(toolNames.zoom, Secondary, ...(tool === 'zoom' ? [Primary] : []));
  if (tool && tool !== 'pan' && tool !== 'zoom') bind(toolNames[tool], Primary);
}
