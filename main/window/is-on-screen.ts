export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Whether enough of a window lies on a screen's work area to be seen and moved: the screen it lay on may be gone. */
export function isOnScreen({ x, y, width }: Rectangle, workArea: Rectangle): boolean {
  return (
    x < workArea.x + workArea.width - 100 &&
    x + width > workArea.x + 100 &&
    y >= workArea.y - 20 &&
    y < workArea.y + workArea.height - 100
  );
}
