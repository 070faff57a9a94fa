// Links inside the office as plain elements: a table has thousands, and a RouterLink each costs more than
// the rest of the table.  They are true addresses, so that a new tab, a bookmark and a copied link work;
// a plain click is taken by the frame and changes the page without loading it.
import type { Router } from 'vue-router'

/** Where the office lies on the server, as in build/apps.js. */
export const BASE = '/office/'

export const boardHref = (code: string): string => `${BASE}board/${code}`
export const listHref = (list: { name: string; part: string; bulletin?: string }, within: string): string =>
  `${BASE}${list.name}?within=${within}&part=${list.part}${list.bulletin === undefined ? '' : `&bulletin=${list.bulletin}`}`

const plain = (e: MouseEvent): boolean =>
  e.button === 0 && !e.defaultPrevented && !e.metaKey && !e.ctrlKey && !e.shiftKey && !e.altKey

/** Takes the clicks on such links below the element that it is put on; all others are the browser's. */
export function linksFollow(router: Router): (event: MouseEvent) => void {
  return (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const href = link?.getAttribute('href') ?? ''
    if (link === null || !href.startsWith(BASE) || link.target !== '' || link.hasAttribute('download') || !plain(event)) return
    event.preventDefault()
    void router.push(href.slice(BASE.length - 1))
  }
}
