import type { ViewName } from '../../viewer/planes.ts';

/** How the views lie on the page. */
class ViewState {
  layout = $state<'grid' | 'large'>('grid');
  /** The one that is large in that layout. */
  large = $state<ViewName>('axial');
  /** The only one that is seen. */
  maximised = $state<ViewName | null>(null);
  showsCrosshair = $state(true);

  toggleMaximised(view: ViewName): void {
    this.maximised = this.maximised === null ? view : null;
  }
}

export const viewState = new ViewState();
