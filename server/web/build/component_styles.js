// @ts-check
// Brings the style of each component along with its import, so that an app loads the styles of what
// it uses: `import { ElButton } from 'element-plus'`, `import { NavBar, showToast } from 'vant'`.
//
// A name whose style is not found fails the build: a component without its style would only be seen
// by eye.  Names of things that have none stand in `plain`.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './apps.js'

const modules = join(root, 'node_modules')
const kebab = (/** @type {string} */ name) => name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()

/** Functions of Vant that show a component. @type {Record<string, string>} */
const shows = {
  showToast: 'toast',
  showLoadingToast: 'toast',
  showSuccessToast: 'toast',
  showFailToast: 'toast',
  closeToast: 'toast',
  showDialog: 'dialog',
  showConfirmDialog: 'dialog',
  closeDialog: 'dialog',
  showNotify: 'notify',
  closeNotify: 'notify',
  showImagePreview: 'image-preview',
}

/** @type {Record<string, { style: (name: string) => string, plain: Set<string> }>} */
const libraries = {
  'element-plus': {
    // ElTableColumn → table-column; ElMessage → message; vLoading → loading.
    style: (name) => `element-plus/es/components/${kebab(name.replace(/^(El|v)(?=[A-Z])/, ''))}/style/css`,
    plain: new Set(['dayjs', 'useLocale', 'provideGlobalConfig']),
  },
  vant: {
    style: (name) => `vant/es/${shows[name] ?? kebab(name)}/style/index`,
    plain: new Set(['Locale', 'useCurrentLang', 'ConfigProvider']),
  },
}

/** The imports of styles for the named imports in a module's code. @param {string} code */
export function stylesFor(code) {
  const styles = new Set()
  for (const [, names, from] of code.matchAll(/import\s*\{([^}]*)\}\s*from\s*['"](element-plus|vant)['"]/g)) {
    const library = libraries[/** @type {string} */ (from)]
    for (const part of (names ?? '').split(',')) {
      const name = part.trim().split(/\s+as\s+/)[0]
      if (!name || !library || library.plain.has(name) || name.startsWith('type ')) continue
      const style = library.style(name)
      if (!existsSync(join(modules, `${style}.mjs`)))
        throw new Error(`${name} of ${from}: no style ${style}; see build/component_styles.js`)
      styles.add(style)
    }
  }
  return [...styles]
}

/** @returns {import('vite').Plugin} */
export function componentStyles() {
  return {
    name: 'component-styles',
    enforce: 'post',
    transform(code, id) {
      if (id.includes('/node_modules/')) return null
      const styles = stylesFor(code)
      if (styles.length === 0) return null
      return { code: code + styles.map((s) => `\nimport ${JSON.stringify(s)};`).join(''), map: null }
    },
  }
}

/** Vant's icons with their font, half of the phone's style: what the pages take of Vant shows none. */
const UNUSED = '/vant/es/icon/index.css'

/**
 * Takes the addresses of other hosts out of styles, and fails if one is left: our pages ask nobody else
 * for anything.  Leaves out what no page shows.
 * @returns {import('vite').Plugin}
 */
export function ownFilesOnly() {
  return {
    name: 'own-files-only',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('.css')) return null
      if (id.endsWith(UNUSED)) return { code: '', map: null }
      const own = code.replace(/,\s*url\(["']?(?:https?:)?\/\/[^)]*\)\s*format\([^)]*\)/g, '')
      const left = /url\(["']?(?:https?:)?\/\/[^)]*\)/.exec(own)
      if (left !== null) throw new Error(`${id}: ${left[0]} is another host's`)
      return own === code ? null : { code: own, map: null }
    },
  }
}
