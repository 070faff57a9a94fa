// The pages of the phone: one file each, loaded when first opened.
//
// Pages below `mine` need a worker whose outbox is open and enrolled; who is not there yet is led to
// the page that is next: choose a worker, or enrol.  Who is there already and opens the app by its bare
// address, as the home screen does, is led to the doors.
import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteRecordRaw } from 'vue-router'
import { workerLast } from '@shared/device/worker_last'
import { enrolCode } from './enrol_link'
import { usePhone } from './store/phone'

const mine = { mine: true }
/** Nothing is filled in there: the page may be opened anew for a new version. */
const list = { mine: true, quiet: true }

export const routes: RouteRecordRaw[] = [
  { path: '/', name: 'start', component: () => import('./pages/StartPage.vue') },
  { path: '/workers', name: 'workers', component: () => import('./pages/WorkersPage.vue') },
  { path: '/doors', name: 'doors', meta: list, component: () => import('./pages/DoorsPage.vue') },
  { path: '/door/:household', name: 'door', meta: mine, component: () => import('./pages/DoorPage.vue') },
  { path: '/door/:household/people', name: 'people', meta: mine, component: () => import('./pages/PeoplePage.vue') },
  { path: '/door/:household/receipt', name: 'receipt', meta: mine, component: () => import('./pages/ReceiptPage.vue') },
  { path: '/new/:from?', name: 'new', meta: mine, component: () => import('./pages/NewHouseholdPage.vue') },
  { path: '/sent', name: 'sent', meta: list, component: () => import('./pages/SentPage.vue') },
  { path: '/photos', name: 'photos', meta: mine, component: () => import('./pages/PhotosPage.vue') },
  { path: '/queue', name: 'queue', meta: mine, component: () => import('./pages/QueuePage.vue') },
  { path: '/texts', name: 'texts', meta: list, component: () => import('./pages/TextsPage.vue') },
  { path: '/complaints', name: 'complaints', meta: mine, component: () => import('./pages/ComplaintsPage.vue') },
  { path: '/me', name: 'me', meta: mine, component: () => import('./pages/MePage.vue') },
  { path: '/:rest(.*)*', redirect: { name: 'start' } },
]

interface Way {
  name: string
  query?: { to: string }
}
/** Where the bare address leads; undefined: to the first page, for who is not enrolled here or brings a code. */
async function home(): Promise<Way | undefined> {
  if (enrolCode.value !== '' || workerLast() === '') return undefined
  const phone = usePhone()
  await phone.boot().catch(() => undefined)
  if (phone.enrolled) return { name: 'doors' }
  return phone.client === undefined && phone.workers.some((w) => w.enrolled) ? { name: 'workers' } : undefined
}
/** Where one has to go first; undefined: on. */
async function first(to: RouteLocationNormalized): Promise<Way | undefined> {
  if (to.meta['mine'] !== true) return undefined
  const phone = usePhone()
  // The office's page leads here to enter what stands on papers, one door after the other.
  if (to.query['via'] === 'paper') phone.paper = true
  // A browser that keeps nothing is told so by the first page.
  await phone.boot().catch(() => undefined)
  if (phone.client === undefined) return phone.workers.length > 0 ? { name: 'workers', query: { to: to.fullPath } } : { name: 'start' }
  // The list stands before the rest is read; a form asks for texts and topics.
  if (to.name !== 'doors') await phone.filled()
  return phone.enrolled ? undefined : { name: 'start' }
}

export function routerMake() {
  /** where the list of doors stood, CSS pixels */
  let doorsTop = 0
  const router = createRouter({
    history: createWebHistory('/app/'),
    routes,
    // A page that was just loaded stands where the browser puts it; to set that would only lay it out once more.
    scrollBehavior: (to, from, saved) => saved ?? (from.matched.length > 0 ? { top: to.name === 'doors' ? doorsTop : 0 } : false),
  })
  router.beforeEach((to, from) => {
    if (from.name === 'doors') doorsTop = window.scrollY
    return to.name === 'start' && from.matched.length === 0 ? home() : first(to)
  })
  return router
}
