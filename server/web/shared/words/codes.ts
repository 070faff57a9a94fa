// What the codes of the register are called: one word each, on pages, in previews, in faults of files and in what
// is exported.  The import takes each of the Chinese ones as it is written here.
import { words } from '../lang'
import { commonWords } from './common'

export const codeWords = words(
  {
    place: { home: '住户', shop: '门店', enterprise: '企业', school: '学校', office: '机关', venue: '场所' },
    household: { counted: '应访', away: '在外', vacant: '空房', gone: '已搬走', other: '其他', merged: '已并户' },
    resident: { counted: '常住', away: '在外', gone: '已搬走', dead: '去世', unknown_age: '缺出生日期', other: '其他' },
    level: { province: '省', prefecture: '市', county: '县', township: '乡镇', village: '村' },
    duty: { first: '第一责任人', deputy: '具体责任人', handler: '承办人', liaison: '联络员', lecturer: '宣讲员' },
    role: commonWords.zh.role,
  },
  {
    place: { home: 'home', shop: 'shop', enterprise: 'enterprise', school: 'school', office: 'public office', venue: 'venue' },
    household: { counted: 'to be visited', away: 'away', vacant: 'vacant', gone: 'moved away', other: 'other', merged: 'merged' },
    resident: { counted: 'lives here', away: 'away', gone: 'moved away', dead: 'has died', unknown_age: 'birthday missing', other: 'other' },
    level: { province: 'province', prefecture: 'prefecture', county: 'county', township: 'township', village: 'village' },
    duty: { first: 'first responsible person', deputy: 'deputy', handler: 'handler', liaison: 'liaison', lecturer: 'lecturer' },
    role: commonWords.en.role,
  },
)
