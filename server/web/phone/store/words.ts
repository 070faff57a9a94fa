// Names of what is recorded, as several pages show them beside their own words.
import { useLanguage } from '@shared/i18n'
import { words, type Tree, type Words } from '@shared/lang'

/** A page has one set of words of its own (useWords); further ones are looked up here: "door.met". */
export function useNames<T extends Tree>(names: Words<T>): (path: string) => string {
  const { locale } = useLanguage()
  return (path) => {
    let at: Tree | string | undefined = locale.value === 'zh' ? names.zh : (names.en as Tree)
    for (const key of path.split('.')) at = typeof at === 'object' ? at[key] : undefined
    if (typeof at === 'string') return at
    if (process.env.NODE_ENV === 'test') throw new Error(`no words for ${path}`)
    return path
  }
}

export const doorWords = words(
  {
    door: {
      met: '见到大人', no_adult: '家里没有大人', absent: '没人在家', appointed: '约好再来', gone: '全家在外', refused: '不愿接待',
      no_entry: '进不了门', moved: '已搬走', vacant: '空房', none: '查无此户', none_yet: '还没去', done: '办好了', part: '还没办完',
    },
    task: { visit: '入户', notice: '告知书', pledge: '承诺书', app: 'App' },
    via: { door: '上门', phone: '电话', video: '视频', paper: '补录', carried: '结转' },
    notice: { signed: '已签收', left: '已收下,不签字', refused: '不愿收', later: '下次再办' },
    pledge: { signed: '已签', refused: '不愿办理', later: '下次再办', withdrawn: '已撤回' },
    app: {
      installed: '已安装', refused: '不愿办理', later: '下次再办', no_phone: '没有手机', feature_phone: '老年机',
      unfit: '手机装不了', shared: '用家人手机', removed: '装过又删了',
    },
    kind: { visit: '入户', notice: '告知书', pledge: '承诺书', app: '反诈App', household: '新户', resident: '家里人', void: '作废(留痕)' },
    place: { home: '住户', shop: '店铺', enterprise: '企业', school: '学校', office: '单位', venue: '场所' },
    household: { found: '名册上没有', moved_in: '新搬来', split: '分户' },
    resident: {
      found: '名册上没有', moved_in: '新搬来', moved_out: '搬走了', away: '在外', back: '回来了', died: '去世', wrong: '登记有误',
    },
    born: {
      ask: '出生年(知道生日就填8位数)', open: '如1980,或19800203。不填就不问反诈App。',
      wrong: '出生年请填4位数字,如1980;或者填8位的生日,如19800203。',
    },
  },
  {
    door: {
      met: 'Met an adult', no_adult: 'No adult at home', absent: 'Nobody at home', appointed: 'Come again by appointment', gone: 'Whole family away',
      refused: 'Not received', no_entry: 'No way in', moved: 'Moved away', vacant: 'Empty house', none: 'No such household', none_yet: 'Not yet',
      done: 'All done', part: 'Not all done',
    },
    task: { visit: 'visit', notice: 'notice', pledge: 'pledge', app: 'app' },
    via: { door: 'at the door', phone: 'phone', video: 'video', paper: 'from paper', carried: 'carried over' },
    notice: { signed: 'signed', left: 'taken, not signed', refused: 'not taken', later: 'next time' },
    pledge: { signed: 'signed', refused: 'declined', later: 'next time', withdrawn: 'withdrawn' },
    app: {
      installed: 'installed', refused: 'declined', later: 'next time', no_phone: 'no phone', feature_phone: 'simple phone',
      unfit: 'phone cannot run it', shared: 'family phone', removed: 'removed again',
    },
    kind: { visit: 'Visit', notice: 'Notice', pledge: 'Pledge', app: 'App', household: 'New household', resident: 'Family', void: 'Taken back (kept)' },
    place: { home: 'home', shop: 'shop', enterprise: 'company', school: 'school', office: 'office', venue: 'venue' },
    household: { found: 'not on the list', moved_in: 'moved in', split: 'split' },
    resident: {
      found: 'not on the list', moved_in: 'moved in', moved_out: 'moved out', away: 'away', back: 'came back', died: 'died', wrong: 'listed by mistake',
    },
    born: {
      ask: 'Year of birth (or the day, in 8 digits)', open: 'As 1980, or 19800203. Left open, the app is not asked for.',
      wrong: 'The year of birth has 4 digits, as 1980; a day of birth 8, as 19800203.',
    },
  },
)
