// The pages of the office: one file each, loaded when first opened but for the board, which comes with the
// start: it is what nearly everybody opens, and what they wait for.  A page is for whoever is signed
// in unless it says `open`; the server decides what anybody may see, this only saves a detour.
import { watch } from 'vue'
import { createRouter, createWebHistory, type RouteLocationNormalized, type Router, type RouteRecordRaw } from 'vue-router'
import { BASE } from './frame/links'
import BoardPage from './pages/board/BoardPage.vue'
import { useSession } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Also for those who are not signed in. */
    open?: boolean
    /** Printed on paper: no menu around it. */
    bare?: boolean
  }
}

const nothing = () => import('./pages/NothingPage.vue')

export const routes: RouteRecordRaw[] = [
  { path: '/', name: 'start', redirect: { name: 'board' } },
  { path: '/account', name: 'account', component: () => import('./pages/AccountPage.vue') },
  { path: '/board/:code(\\d{6,15})?', name: 'board', component: BoardPage },
  { path: '/households', name: 'households', component: () => import('./pages/lists/HouseholdsPage.vue') },
  { path: '/residents', name: 'residents', component: () => import('./pages/lists/ResidentsPage.vue') },
  { path: '/visits', name: 'visits', component: () => import('./pages/lists/VisitsPage.vue') },
  { path: '/print/:form', name: 'print', meta: { bare: true }, component: () => import('./pages/print/PrintPage.vue') },
  { path: '/sign-in', name: 'sign-in', meta: { open: true }, component: () => import('./pages/SignInPage.vue') },
  { path: '/week', name: 'week', component: () => import('./pages/week/WeekPage.vue') },
  { path: '/bulletins/:id', name: 'bulletin', component: () => import('./pages/bulletin/BulletinPage.vue') },
  { path: '/directives', name: 'directives', component: () => import('./pages/directives/DirectivesPage.vue') },
  { path: '/people', name: 'people', component: () => import('./pages/people/PeoplePage.vue') },
  { path: '/register', name: 'register', component: () => import('./pages/register/RegisterPage.vue') },
  { path: '/paper', name: 'paper', component: () => import('./pages/paper/PaperPage.vue') },
  { path: '/settings', name: 'settings', component: () => import('./pages/settings/SettingsPage.vue') },
  { path: '/access', name: 'access', component: () => import('./pages/access/AccessPage.vue') },
  { path: '/:rest(.*)*', name: 'nothing', meta: { open: true }, component: nothing },
]

/** Fetches the pages of a place, so that they come while the server says who is signed in. */
function pagesAhead(to: RouteLocationNormalized): void {
  for (const { components } of to.matched) {
    const page = components?.['default']
    if (typeof page === 'function') (page as () => Promise<unknown>)().catch(() => undefined) // the router says it
  }
}

type Who = ReturnType<typeof useSession>

/** A board opened on a guess, when the server has said that nobody is signed in. */
function outWatch(router: Router, who: Who, to: RouteLocationNormalized): void {
  const stop = watch(
    () => who.state,
    (state) => {
      stop()
      if (state === 'out') void router.replace({ name: 'sign-in', query: { to: to.fullPath } })
    },
  )
}

export function routerMake() {
  const router = createRouter({
    history: createWebHistory(BASE),
    routes,
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
  router.beforeEach(async (to) => {
    if (to.meta.open === true) return true
    const who = useSession()
    pagesAhead(to)
    if (to.name === 'board' && who.guess()) {
      outWatch(router, who, to)
      void who.look()
      return true
    }
    await who.look()
    return who.state === 'out' ? { name: 'sign-in', query: { to: to.fullPath } } : true
  })
  return router
}
