// What would be lost by leaving: a part of a page says that it holds something that stands nowhere else, and
// whoever leads away, by a link, another area or closing the tab, asks before.
import { onBeforeUnmount } from 'vue'
import type { Router } from 'vue-router'

const holders = new Set<() => boolean>()

/** To be called in setup: `holds` is asked as long as the component lives, also while another tab covers it. */
export function useUnsaved(holds: () => boolean): void {
  holders.add(holds)
  onBeforeUnmount(() => holders.delete(holds))
}

export const unsaved = (): boolean => [...holders].some((holds) => holds())

/** Whether one may go: nothing is unsaved, or it is given up. */
export const mayLeave = (question: string): boolean => !unsaved() || window.confirm(question)

/** Guards the ways out of a page. Whoever was signed out meanwhile is not kept. */
export function leaveGuard(router: Router, signedIn: () => boolean, question: () => string): void {
  router.beforeEach((to, from) => !signedIn() || to.path === from.path || mayLeave(question()))
  window.addEventListener('beforeunload', (event) => {
    if (unsaved()) event.preventDefault()
  })
}
