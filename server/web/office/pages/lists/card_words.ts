import { words } from '@shared/lang'

export const cardWords = words(
  {
    title: '住户卡片',
    residents: '家里的人',
    residents_none: '还没有登记居民',
    events: '办理记录',
    events_none: '还没有记录',
    changes: '底册改动',
    pictures: '{n}张照片',
    index: '总账第{n}号',
    voided: '已作废(留痕)',
    out: '不计数',
    kind: { visit: '入户', notice: '告知书', pledge: '承诺书', app: '反诈App', household: '住户情况', resident: '居民情况', void: '作废', none: '' },
    via: { door: '上门', phone: '电话', video: '视频', paper: '补录', carried: '结转', none: '' },
    app: {
      none: '还没办', none_yet: '还没办', installed: '已装', later: '下次再装', no_phone: '没有手机', feature_phone: '老年机', unfit: '手机装不了', shared: '合用手机',
      removed: '已卸载',
    },
    code: {
      met: '见到大人', no_adult: '没有大人在家', absent: '没人在家', appointed: '已约时间', gone: '全家在外', no_entry: '进不了门', moved: '已搬走', vacant: '空房',
      none: '查无此户', signed: '已签', left: '已留置', later: '下次再办', withdrawn: '已撤回', installed: '已装', no_phone: '没有手机', feature_phone: '老年机',
      unfit: '手机装不了', shared: '合用手机', removed: '已卸载', found: '新户', away: '在外', dead: '去世', returned: '已回来',
    },
    what: { status: '状态', worker: '负责人', grid: '网格', merged: '并户', household: '所在户', none: '' },
  },
  {
    title: 'Household',
    residents: 'Who lives there',
    residents_none: 'No residents on record yet',
    events: 'What was recorded',
    events_none: 'Nothing recorded yet',
    changes: 'Changes of the register',
    pictures: '{n} pictures',
    index: 'ledger no. {n}',
    voided: 'taken back (kept)',
    out: 'not counted',
    kind: { visit: 'Visit', notice: 'Notice', pledge: 'Pledge', app: 'App', household: 'Household', resident: 'Resident', void: 'Taken back', none: '' },
    via: { door: 'at the door', phone: 'by phone', video: 'by video', paper: 'from paper', carried: 'carried over', none: '' },
    app: {
      none: 'not yet', none_yet: 'not yet', installed: 'installed', later: 'next time', no_phone: 'no phone', feature_phone: 'simple phone', unfit: 'phone cannot run it',
      shared: 'shares a phone', removed: 'removed again',
    },
    code: {
      met: 'adult met', no_adult: 'no adult at home', absent: 'nobody at home', appointed: 'appointment', gone: 'household away', no_entry: 'no way in', moved: 'moved away',
      vacant: 'empty house', none: 'no such household', signed: 'signed', left: 'left', later: 'next time', withdrawn: 'withdrawn', installed: 'installed',
      no_phone: 'no phone', feature_phone: 'simple phone', unfit: 'phone cannot run it', shared: 'shares a phone', removed: 'removed again', found: 'found', away: 'away',
      dead: 'died', returned: 'came back',
    },
    what: { status: 'Status', worker: 'In charge', grid: 'Grid', merged: 'Merged', household: 'Household', none: '' },
  },
)
